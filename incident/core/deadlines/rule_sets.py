"""Rule sets of grading: questions, and lines that give a grade when their condition holds."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

QuestionKind = Literal["yes_no", "number", "choice"]

WORST: Final = 1
LEAST: Final = 4
"""The grade of an incident that no line reaches."""

VERIFIED: Final = frozenset({"primary", "reprint"})
"""Kinds of evidence that show the figure of the rule in force: its text, or a public reprint of it."""


@dataclass(frozen=True, slots=True)
class GradingChoice:
    """One answer of a question with choices; `text` by language."""

    value: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GradingQuestion:
    """A question about the facts of an incident.

    `unit` is `min`, `cny` or None; a number of minutes grows while what it counts goes on. `topic` names the group of
    questions that are asked together; texts are by language.
    """

    key: str
    kind: QuestionKind
    text: Mapping[str, str]
    topic: str
    unit: str | None = None
    choices: Sequence[GradingChoice] = ()

    @property
    def grows(self) -> bool:
        """Whether the number grows by itself with time."""
        return self.unit == "min"


@dataclass(frozen=True, slots=True)
class GradingCondition:
    """What one answer must be: at least a number, one of some choices, or yes."""

    key: str
    at_least: int | None = None
    one_of: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class GradingLine:
    """A line of a grading table: the incident has this grade when all conditions hold.

    `evidence` says where the figure was read: `primary`, `reprint`, `fragments`, `draft` or `recalled`; `figure_hash`
    is the SHA-256 of what the line says.
    """

    key: str
    grade: int
    conditions: Sequence[GradingCondition]
    text: Mapping[str, str]
    evidence: str
    figure_hash: str = ""

    @property
    def is_verified(self) -> bool:
        """Whether the figure is known from the rule in force."""
        return self.evidence in VERIFIED


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A set of rules by which incidents are graded.

    `ref` cites the rule; `sectors` limits it to incidents of these sectors (empty: all); `content_hash` is the SHA-256
    of the data it was read from.
    """

    id: str
    title: Mapping[str, str]
    ref: str
    sectors: Collection[str]
    questions: Sequence[GradingQuestion]
    lines: Sequence[GradingLine]
    content_hash: str

    def applies_to(self, sectors: Collection[str]) -> bool:
        """Return whether incidents of any of some sectors are graded by these rules."""
        return not self.sectors or any(one in self.sectors for one in sectors)


def grading_questions(rule_sets: Sequence[RuleSet]) -> Mapping[str, GradingQuestion]:
    """Return the questions of several rule sets by key, each once, in the order of the sets."""
    found: dict[str, GradingQuestion] = {}
    for rule_set in rule_sets:
        for question in rule_set.questions:
            found.setdefault(question.key, question)
    return found


def rule_set_faults(rule_set: RuleSet) -> Iterator[str]:
    """Yield what is wrong with a rule set: lines about unknown questions or choices, graver lines that ask for less."""
    questions = {one.key: one for one in rule_set.questions}
    for line in rule_set.lines:
        if not WORST <= line.grade < LEAST:
            yield f"{line.key}: no line gives grade {line.grade}"
        for condition in line.conditions:
            question = questions.get(condition.key)
            if question is None:
                yield f"{line.key}: there is no question {condition.key}"
            elif (condition.at_least is not None) != (question.kind == "number"):
                yield f"{line.key}: {condition.key} is compared with the wrong kind of value"
            elif not set(condition.one_of) <= {one.value for one in question.choices}:
                yield f"{line.key}: {condition.key} has no such choice"
