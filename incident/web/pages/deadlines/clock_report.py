"""The clocks of an incident for auditors: who knew what when, and whether each deadline was kept."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from incident.actions.rule_set_versions import rule_sets_of
from incident.core.deadlines.clocks import OPEN_STATES
from incident.core.deadlines.regimes import AWARE
from incident.core.deadlines.rule_sets import GradingQuestion, grading_questions
from incident.core.values.error_messages import N_
from incident.store.db.database import db
from incident.store.deadlines import clock_rows, gradings
from incident.store.deadlines.gradings import GradingAnswer
from incident.store.deadlines.not_reportable import not_reportable_on
from incident.store.deadlines.profiles import ProfileVersion
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.queries.clock_audit import SET_ASIDE, clock_entries, every_answer
from incident.web import i18n
from incident.web.i18n import gettext as _
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.deadlines.clock_views import ClockView, clock_views
from incident.web.pages.deadlines.clock_words import CHANNEL_WORDS, LATE_WORDS, OPERATOR_WORDS, choices_of
from incident.web.pages.frame import Page, is_permitted, render
from incident.web.pages.journal.timeline import describe_entry
from incident.web.pages.names import Names
from incident.web.security import access
from incident.web.security.auth import needs

MAX_DECISIONS: Final = 1_000
VERDICTS: Final = {
    "kept": (N_("Kept"), "good"),
    "late": (N_("Not kept: filed late"), "bad"),
    "overdue": (N_("Not kept so far: overdue"), "bad"),
    "running": (N_("Still running"), "warn"),
    "unreported": (N_("Not reported here"), "warn"),
    "waiting": (N_("Has not begun"), "quiet"),
    "waived": (N_("Waived"), "quiet"),
    "suspended": (N_("Suspended"), "quiet"),
    "not_applicable": (N_("Does not apply"), "quiet"),
}
SOURCE_WORDS: Final = {
    "primary": N_("text of the law"),
    "read": N_("a text that quotes the law"),
    "secondary": N_("reports about the law: check the original text"),
    "recalled": N_("from memory: check the original text"),
}


@dataclass(frozen=True)
class AuditedClock:
    """A clock with the answer to whether its deadline was kept, and who set it aside."""

    view: ClockView
    verdict: str
    kind: str
    set_aside: Entry | None
    source: str


@dataclass(frozen=True)
class AuditedAnswer:
    """An answer with its question; one that was replaced by a later answer no longer counts."""

    row: GradingAnswer
    question: str
    value: str
    is_replaced: bool


@pages.get("/incidents/<number>/clocks/report")
@needs("incident.read")
def clock_report(number: str) -> Page:
    """Show the clocks of an incident for an auditor: no form and no button, oldest first."""
    incident = access.visible_incident(number)
    at, events = now(), clock_rows.clock_events_of(incident.id)
    clocks = _clocks(incident, at)
    profiles = dict.fromkeys(one.view.clock.profile_id for one in clocks if one.view.clock.profile_id is not None)
    entries = clock_entries(incident.number) if is_permitted("journal.read") else ()
    return render(
        "deadlines/report.html",
        answers=_answers(incident),
        aware=[one for one in events if one.kind == AWARE],
        channel_names=dict(choices_of(CHANNEL_WORDS)),
        clocks=clocks,
        decisions=list(reversed(gradings.decisions_on(incident.id, MAX_DECISIONS))),
        effective=clock_rows.effective_awareness(events),
        entries=[describe_entry(one, Names()) for one in entries],
        events=[one for one in events if one.kind != AWARE],
        it=incident,
        late_words=dict(choices_of(LATE_WORDS)),
        made_at=at,
        not_reportable=not_reportable_on(incident.id),
        operators=dict(choices_of(OPERATOR_WORDS)),
        profiles=[db.session.get_one(ProfileVersion, one) for one in profiles],
    )


def _clocks(incident: Incident, at: dt.datetime) -> list[AuditedClock]:
    latest = {one.subject: one for one in clock_entries(incident.number, SET_ASIDE)}
    found = []
    for view in clock_views([(one, incident) for one in clock_rows.clocks_of(incident.id)]):
        words, kind = VERDICTS[verdict_of(view, at)]
        aside = latest.get(f"clock:{view.clock.id}") if view.is_set_aside else None
        found.append(AuditedClock(view, _(words), kind, aside, _(SOURCE_WORDS[view.stage.evidence])))
    return found


def verdict_of(view: ClockView, at: dt.datetime) -> str:
    """Return whether the deadline of a clock was kept, by a key of `VERDICTS`; `at` is the present moment (UTC)."""
    state = view.clock.state
    if state in OPEN_STATES and view.is_late_at(at):
        return "overdue" if view.clock.hop == 1 else "unreported"
    if state in OPEN_STATES:
        return "running"
    return {"filed": "kept", "filed_late": "late"}.get(state, state)


def _answers(incident: Incident) -> list[AuditedAnswer]:
    questions, rows = grading_questions(rule_sets_of(incident)), every_answer(incident.id)
    newest = {one.key: one.id for one in rows}
    return [_answer(one, questions.get(one.key), is_replaced=newest[one.key] != one.id) for one in rows]


def _answer(row: GradingAnswer, question: GradingQuestion | None, *, is_replaced: bool) -> AuditedAnswer:
    language = "zh" if i18n.current().startswith("zh") else "en"
    text = _("A question that is no longer asked") if question is None else question.text[language]
    return AuditedAnswer(row, text, _value(row.answer, question, language), is_replaced)


def _value(answer: Mapping[str, Any], question: GradingQuestion | None, language: str) -> str:
    value = answer["value"]
    if value is None:
        return _("Not known")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if question is not None and question.kind != "number":
        words: Sequence[str] = [one.text[language] for one in question.choices if one.value == value]
        return words[0] if words else str(value)
    shown = i18n.counted(value, "minute") if question is not None and question.unit == "min" else i18n.grouped(value)
    return _("%(number)s, still growing", number=shown) if answer["is_ongoing"] else shown
