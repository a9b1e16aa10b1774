"""Grading of an incident from answers that may be unknown: the certain grade and the possible one.

A grade is a number from 1 (gravest) to 4. Every threshold includes its number ("以上" of the Chinese rules).
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from incident.core.deadlines.rule_sets import (
    LEAST,
    GradingCondition,
    GradingLine,
    GradingQuestion,
    RuleSet,
    grading_questions,
)
from incident.core.values.faults import RuleError, member, raise_all

Truth = bool | None
"""True, false, or None: not known."""

AnswerValue = bool | int | str | None
MOST: Final = 10**15
"""The largest number that an answer takes."""

UNKNOWN: Final = "unknown"
REVIEW_AFTER: Final = dt.timedelta(hours=24)
"""When somebody must look again at a decision that leaves an incident unreported."""

MINUTE: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered: a value, None for "not known", and when (UTC).

    `until` is when the counting of a number of minutes ends or has ended; None while it goes on.
    """

    value: AnswerValue
    at: dt.datetime
    until: dt.datetime | None = None

    def number_at(self, at: dt.datetime, *, grows: bool) -> int | None:
        """Return the number at a moment, None when it is not known."""
        if self.value is None or isinstance(self.value, str | bool):
            return None
        if not grows:
            return self.value
        end = at if self.until is None else min(at, self.until)
        return self.value + max((end - self.at) // MINUTE, 0)

    def reaches_at(self, number: int) -> dt.datetime | None:
        """Return when a growing number reaches a threshold, None when it never does."""
        if self.value is None or isinstance(self.value, str | bool):
            return None
        at = self.at + max(number - self.value, 0) * MINUTE
        return at if self.until is None or at <= self.until else None


@dataclass(frozen=True, slots=True)
class Threshold:
    """A grade that will be reached at a moment (UTC) unless what grows ends before."""

    grade: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Grading:
    """The result of grading.

    `certain` is the gravest grade that is proved, `possible` the gravest that is not excluded; a number that still
    grows excludes nothing that it may reach. `lines` are those that hold at the certain grade; `open_questions` are the
    keys whose answers could make the grade graver, those that could reach the gravest first. `following` are the grades
    that growing numbers reach, in the order of time.
    """

    certain: int
    possible: int
    lines: Sequence[GradingLine]
    open_questions: Sequence[str]
    following: Sequence[Threshold]


def grade_incident(rule_sets: Sequence[RuleSet], answers: Mapping[str, Answer], at: dt.datetime) -> Grading:
    """Grade an incident by the gravest line of all rule sets.

    Args:
        rule_sets: those that apply to the incident.
        answers: by key of the question; a question without one is not known.
        at: the moment for which numbers that grow are taken (UTC).
    """
    questions = grading_questions(rule_sets)
    lines = [line for rule_set in rule_sets for line in rule_set.lines]
    truths = [line_truth(line, questions, answers, at) for line in lines]
    judged = list(zip(lines, truths, strict=True))  # not by key: lines of two rule sets may have the same
    certain = min((line.grade for line, truth in judged if truth), default=LEAST)
    possible = min((line.grade for line, truth in judged if truth is not False), default=LEAST)
    return Grading(
        certain=certain,
        possible=possible,
        lines=[line for line, truth in judged if truth and line.grade == certain],
        open_questions=_open_questions(judged, certain, questions, answers, at),
        following=_following(lines, questions, answers, at, certain),
    )


def line_truth(
    line: GradingLine, questions: Mapping[str, GradingQuestion], answers: Mapping[str, Answer], at: dt.datetime
) -> Truth:
    """Return whether all conditions of a line hold; one that is false decides, whatever is not known.

    A number below its threshold that still grows is not known to stay below it.
    """
    truths = [_truth(one, questions, answers, at) for one in line.conditions]
    if False in truths:
        return False
    return None if None in truths else True


def _truth(
    condition: GradingCondition,
    questions: Mapping[str, GradingQuestion],
    answers: Mapping[str, Answer],
    at: dt.datetime,
) -> Truth:
    answer = answers.get(condition.key)
    if answer is None or answer.value is None:
        return None
    if condition.at_least is not None:
        grows = questions[condition.key].grows
        number = answer.number_at(at, grows=grows)
        if number is None or number >= condition.at_least:
            return None if number is None else True
        reaches_at = answer.reaches_at(condition.at_least) if grows else None
        return None if reaches_at is not None and reaches_at > at else False
    if condition.one_of:
        return answer.value in condition.one_of
    return answer.value is True


def _open_questions(
    judged: Sequence[tuple[GradingLine, Truth]],
    certain: int,
    questions: Mapping[str, GradingQuestion],
    answers: Mapping[str, Answer],
    at: dt.datetime,
) -> list[str]:
    gravest: dict[str, int] = {}
    for line, truth in judged:
        if truth is not None or line.grade >= certain:
            continue
        for condition in line.conditions:
            answer = answers.get(condition.key)
            is_open = answer is None or answer.value is None  # what grows is answered already
            if is_open and _truth(condition, questions, answers, at) is None:
                gravest[condition.key] = min(line.grade, gravest.get(condition.key, LEAST))
    return sorted(gravest, key=lambda key: gravest[key])


def _following(
    lines: Sequence[GradingLine],
    questions: Mapping[str, GradingQuestion],
    answers: Mapping[str, Answer],
    at: dt.datetime,
    certain: int,
) -> list[Threshold]:
    found: list[Threshold] = []
    for moment in sorted(set(_crossings(lines, questions, answers, at))):
        reached = min((one.grade for one in lines if line_truth(one, questions, answers, moment)), default=LEAST)
        if reached < certain:
            found.append(Threshold(reached, moment))
            certain = reached
    return found


def _crossings(
    lines: Sequence[GradingLine],
    questions: Mapping[str, GradingQuestion],
    answers: Mapping[str, Answer],
    at: dt.datetime,
) -> Iterator[dt.datetime]:
    for line in lines:
        for condition in line.conditions:
            answer = answers.get(condition.key)
            if answer is None or condition.at_least is None or not questions[condition.key].grows:
                continue
            moment = answer.reaches_at(condition.at_least)
            if moment is not None and moment > at:
                yield moment


def check_answer(question: GradingQuestion, value: object, pointer: str = "") -> AnswerValue:
    """Return a given value as the answer of a question, None for `unknown`.

    Raises:
        RuleError: `grading.not_yes_or_no`, `grading.not_a_number`, `grading.not_a_choice`.
    """
    if value == UNKNOWN or value is None:
        return None
    if question.kind == "yes_no":
        if isinstance(value, bool):
            return value
        raise RuleError("grading.not_yes_or_no", pointer=pointer)
    if question.kind == "number":
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
            return value
        raise RuleError("grading.not_a_number", {"most": MOST}, pointer=pointer)
    if isinstance(value, str) and value in {one.value for one in question.choices}:
        return value
    raise RuleError("grading.not_a_choice", {"choices": ", ".join(_values(question))}, pointer=pointer)


def check_answers(questions: Mapping[str, GradingQuestion], given: Mapping[str, object]) -> dict[str, AnswerValue]:
    """Return given values by key as answers; raises RuleError with every fault, `grading.no_such_question` too."""
    found: dict[str, AnswerValue] = {}
    faults: list[RuleError] = []
    for key, value in given.items():
        pointer = member("/answers", key)
        if key not in questions:
            faults.append(RuleError("grading.no_such_question", {"key": key[:60]}, pointer=pointer))
            continue
        try:
            found[key] = check_answer(questions[key], value, pointer)
        except RuleError as fault:
            faults.append(fault)
    raise_all(faults)
    return found


def _values(question: GradingQuestion) -> Collection[str]:
    return [one.value for one in question.choices]


def needs_reason(decided: int, grading: Grading) -> bool:
    """Return whether a decision must be reasoned: it differs from what is proved, or is 4 while a graver
    one is not excluded.
    """
    return decided != grading.certain or needs_review(decided, grading)


def needs_second(decided: int, grading: Grading, in_force: int | None = None) -> bool:
    """Return whether two people must decide: the grade is lower than what is proved, or than the one in force.

    Args:
        decided: 1 to 4.
        grading: what the answers prove.
        in_force: the grade that was decided before and stands; None for none.
    """
    return decided > grading.certain or (in_force is not None and decided > in_force)


def needs_review(decided: int, grading: Grading) -> bool:
    """Return whether somebody must look again at a decision: it is 4 while a graver grade is not excluded."""
    return decided == LEAST and grading.possible < LEAST


def check_decision(decided: int, grading: Grading, reason: str | None) -> None:
    """Raise RuleError `grading.reason_missing` for a decision that must be reasoned and is not."""
    if needs_reason(decided, grading) and not (reason or "").strip():
        raise RuleError("grading.reason_missing", pointer="/reason")
