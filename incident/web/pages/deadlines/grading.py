"""The page on which an incident is graded: questions, what the answers prove so far, and the decision."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import request, url_for

from incident.actions.deadlines import grading as use_cases
from incident.actions.deadlines.reviews import review_decision
from incident.actions.graded_facts import answers_of, grading_of
from incident.actions.rule_set_versions import rule_sets_of
from incident.core.deadlines.grading import MOST, UNKNOWN, Answer, AnswerValue, check_answer
from incident.core.deadlines.rule_sets import GradingQuestion, grading_questions
from incident.core.values.faults import RuleError
from incident.store.approvals import AWAITING
from incident.store.deadlines import gradings
from incident.store.deadlines.gradings import GradeDecision
from incident.store.incidents.incidents import Incident
from incident.store.queries.waiting_gradings import waits_for_grading
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.deadlines.rule_set_words import YES_NO, topic_words
from incident.web.pages.forms import Form, is_whole_number
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.pages.incident_forms import is_from_inbox, submit_on
from incident.web.security import access, grading_access
from incident.web.security.auth import needs, require_caller

DECISIONS_SHOWN = 20
NUMBER_FIELD, CHOICE_FIELD = "number-", "choice-"
WAS_FIELD, ENDED_FIELD, HAD_ENDED_FIELD = "was-", "ended-", "had-ended-"


@dataclass(frozen=True)
class QuestionView:
    """A question with what its fields show: the typed or the present answer.

    `stopped_at` is when the incident was closed (UTC), where that ended the counting of minutes.
    """

    question: GradingQuestion
    field: str
    typed: str
    present: str
    has_ended: bool
    had_ended: bool
    stopped_at: dt.datetime | None = None

    @property
    def was(self) -> str:
        """The name of the field that repeats the present answer: what is sent unchanged is no new answer."""
        return f"{WAS_FIELD}{self.question.key}"

    @property
    def ended(self) -> str:
        """The name of the field for minutes that no longer grow."""
        return f"{ENDED_FIELD}{self.question.key}"

    @property
    def was_ended(self) -> str:
        """The name of the field that repeats whether they grew no longer."""
        return f"{HAD_ENDED_FIELD}{self.question.key}"


@pages.get("/incidents/<number>/grading")
@needs("incident.read")
def grading(number: str) -> Page:
    """Show the questions about an incident and the grade that the answers prove."""
    return _show(access.visible_incident(number), {})


@pages.post("/incidents/<number>/grading")
@needs("incident.change")
def answer_grading_form(number: str) -> Page:
    """Store the answers, or show what they would prove."""
    incident = access.visible_incident(number)
    if request.form.get("step") == "preview":
        return _show(incident, request.form)

    def use_case() -> None:
        form = Form()
        given, ended = _read_answers(incident, form)
        evidence = form.text("evidence", use_cases.EVIDENCE_LIMIT)
        form.finish()
        use_cases.put_answers(incident.id, given, require_caller().actor, now(), ended=ended, evidence=evidence)

    to = url_for("pages.grading", number=incident.number)
    return submit(use_case, lambda: _show(incident, request.form), lambda: to, "answers_stored")


@pages.post("/incidents/<number>/grading/decide")
@needs("incident.change")
def decide_grade_form(number: str) -> Page:
    """Decide the grade, or propose a lower one to a second person."""
    incident = access.visible_incident(number)
    decided: list[GradeDecision] = []

    def use_case() -> None:
        form = Form()
        grade = form.grade()
        if grade is None and not form.faults:
            form.faults.append(RuleError("document.missing", pointer="/grade"))
        reason = form.text("reason", use_cases.REASON_LIMIT)
        form.finish()
        if grade is not None:
            decided.append(use_cases.decide_grade(incident.id, grade, reason, require_caller().actor, now()))

    def said() -> str:
        return "grade_proposed" if decided[0].state == AWAITING else "grade_decided"

    to = url_for("pages.grading", number=incident.number)
    return submit(use_case, lambda: _show(incident, request.form), lambda: to, said)


@pages.post("/gradings/<int(max=2147483647):decision_id>/confirm")
@needs("incident.change")
def confirm_grade_form(decision_id: int) -> Page:
    """Confirm a lower grade as the second person."""
    incident = access.incident_of(grading_access.visible_decision(decision_id))
    actor = require_caller().actor
    return submit_grading(incident, lambda: use_cases.confirm_grade(decision_id, actor, now()), "grade_decided")


@pages.post("/gradings/<int(max=2147483647):decision_id>/review")
@needs("incident.change")
def review_grade_form(decision_id: int) -> Page:
    """Record that somebody has looked again at a decision on IV, and why it stands."""
    incident = access.incident_of(grading_access.visible_decision(decision_id))

    def use_case() -> None:
        form = Form()
        reason = form.needed("reason", use_cases.REASON_LIMIT)
        form.finish()
        review_decision(GradeDecision, decision_id, reason, require_caller().actor, now())

    return submit_grading(incident, use_case, "reviewed")


def submit_grading(incident: Incident, use_case: Callable[[], object], said: str) -> Page:
    """Answer a decision and return to the grading of the incident or the inbox; if refused, show what was typed."""
    if is_from_inbox():
        return submit_on(incident, use_case, said)
    to = url_for("pages.grading", number=incident.number)
    return submit(use_case, lambda: _show(incident, {}, request.form), lambda: to, said)


def _read_answers(incident: Incident, form: Form) -> tuple[dict[str, object], frozenset[str]]:
    """Return the answers that were changed in the form, and which of their minutes no longer grow."""
    given: dict[str, object] = {}
    ended: set[str] = set()
    for key, question in _questions(incident).items():
        if _field(question) not in form.values:  # a field that was not sent is not an answer
            continue
        typed, was = form.raw(_field(question)), form.raw(f"{WAS_FIELD}{key}")
        has_ended = f"{ENDED_FIELD}{key}" in form.values
        if typed == was and not _is_end_changed(form.values, key):
            continue
        value = form.checked(_field(question), lambda one=question, text=typed: _typed(one, text))  # type: ignore[misc]
        given[key] = UNKNOWN if value is None else value
        if has_ended and value is not None:
            ended.add(key)
    return given, frozenset(ended)


def _is_end_changed(given: Mapping[str, str], key: str) -> bool:
    return (f"{ENDED_FIELD}{key}" in given) != (f"{HAD_ENDED_FIELD}{key}" in given)


def _typed(question: GradingQuestion, typed: str) -> AnswerValue:
    plain = typed.replace(",", "").replace("，", "").replace(" ", "")
    value: object = typed or UNKNOWN
    if question.kind == "number" and is_whole_number(plain, len(str(MOST))):
        value = int(plain)
    elif question.kind == "yes_no":
        value = YES_NO.get(typed, value)
    return check_answer(question, value, f"/{_field(question)}")


def _field(question: GradingQuestion) -> str:
    return f"{NUMBER_FIELD if question.kind == 'number' else CHOICE_FIELD}{question.key}"


def _questions(incident: Incident) -> Mapping[str, GradingQuestion]:
    return grading_questions(rule_sets_of(incident))


def _show(incident: Incident, given: Mapping[str, str], reviewed: Mapping[str, str] = MappingProxyType({})) -> Page:
    at, form = now(), Form(given)
    typed = {}
    if given:
        values, ended = _read_answers(incident, form)
        typed = {
            key: Answer(None if value == UNKNOWN else value, at, at if key in ended else None)  # type: ignore[arg-type]
            for key, value in values.items()
        }
    views = _question_views(incident, given)
    rule_sets = rule_sets_of(incident)
    topics: dict[str, list[QuestionView]] = {}
    for view in views:
        topics.setdefault(view.question.topic, []).append(view)
    decisions = gradings.decisions_on(incident.id, DECISIONS_SHOWN)
    return render(
        "deadlines/grading.html",
        can_change=incident.status != "closed" and is_permitted("incident.change"),
        decisions=decisions,
        fields={view.question.key: view for view in views},
        given=given,
        is_waiting=waits_for_grading(incident.id),
        it=incident,
        present=at,
        result=grading_of(incident, at, typed),
        reviewed=reviewed,
        rule_sets=rule_sets,
        topic_words=topic_words,
        topics=topics.items(),
    )


def _question_views(incident: Incident, given: Mapping[str, str]) -> list[QuestionView]:
    """Return the questions; an answer that its reader did not change is shown as it stands now."""
    rows, answers, at = gradings.latest_answers(incident.id), answers_of(incident), now()
    found = []
    for key, question in _questions(incident).items():
        answer, row = answers.get(key), rows.get(key)
        present = "" if answer is None else _shown(question, answer.number_at(at, grows=question.grows), answer.value)
        typed = given.get(_field(question), "")
        shown = present if typed.strip() == given.get(f"{WAS_FIELD}{key}", "").strip() else typed
        had_ended = question.grows and answer is not None and answer.until is not None
        has_ended = had_ended != _is_end_changed(given, key)
        is_stopped = had_ended and row is not None and row.answer["is_ongoing"] and answer is not None
        stopped_at = answer.until if is_stopped and answer is not None else None
        found.append(QuestionView(question, _field(question), shown, present, has_ended, had_ended, stopped_at))
    return found


def _shown(question: GradingQuestion, number: int | None, value: AnswerValue) -> str:
    if value is None:
        return ""
    if question.kind == "number":
        return str(number)
    return next((name for name, given in YES_NO.items() if given is value), str(value))
