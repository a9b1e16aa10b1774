"""The journal in sentences: each entry with an icon and, if somebody wrote one, a text."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from incident.core.journal.decisions import is_decision
from incident.core.journal.event_types import EVENT_TYPE_WORDS
from incident.core.operations.watchdog import TROUBLE_WORDS
from incident.core.values.error_messages import N_, fill
from incident.store.journal.journal import Entry
from incident.web import i18n
from incident.web.i18n import gettext as _
from incident.web.pages.journal.change_sentences import CHANGE_ICONS, CHANGE_SENTENCES
from incident.web.pages.journal.clock_sentences import CLOCK_ICONS, CLOCK_SENTENCES
from incident.web.pages.journal.document_sentences import DOCUMENT_ICONS, DOCUMENT_SENTENCES
from incident.web.pages.journal.evidence_sentences import EVIDENCE_ICONS, EVIDENCE_SENTENCES
from incident.web.pages.journal.merge_sentences import MERGE_ICONS, MERGE_SENTENCES
from incident.web.pages.journal.notes import note_markup
from incident.web.pages.journal.people_sentences import owner_words
from incident.web.pages.journal.refusal_sentences import refusal_words
from incident.web.pages.names import Detail, Names, Saying, actor_words, department_called, thing_called
from incident.web.pages.notifications.notice_sentences import NOTICE_ICONS, NOTICE_SENTENCES
from incident.web.pages.states import look
from incident.web.pages.template_filters import zone

ICONS: Final = {
    **NOTICE_ICONS,
    **CHANGE_ICONS,
    **CLOCK_ICONS,
    **DOCUMENT_ICONS,
    **EVIDENCE_ICONS,
    **MERGE_ICONS,
    "incident.opened": ("flame", "warn"),
    "incident.acknowledged": ("user-check", "good"),
    "incident.closed": ("archive", "good"),
    "incident.reopened": ("lock-open", "warn"),
    "incident.noted": ("note", "live"),
    "alert.attached": ("bell", "quiet"),
    "alert.resolved": ("checks", "good"),
    "task.opened": ("clipboard-list", "live"),
    "task.changed": ("user", "quiet"),
    "task.completed": ("circle-check", "good"),
    "task.cancelled": ("ban", "quiet"),
    "run.started": ("player-play", "live"),
    "run.advanced": ("arrow-right", "quiet"),
    "run.ended": ("flag", "good"),
    "run.refused": ("alert-triangle", "bad"),
    "run.request_declined": ("ban", "bad"),
    "run.requested": ("user", "warn"),
    "run.scheduled": ("hourglass", "warn"),
    "incident.ticket_linked": ("link", "live"),
    "incident.ticket_unlinked": ("link-off", "quiet"),
    "report.linked": ("link", "live"),
    "report.unlinked": ("link-off", "quiet"),
    "drill.started": ("flag", "live"),
    "drill.ended": ("flag", "good"),
    "machinery.alarmed": ("alert-triangle", "bad"),
    "machinery.recovered": ("checks", "good"),
    "timer.failed": ("alert-triangle", "bad"),
}
QUOTED: Final = ("note", "reason", "override_reason")
ENDED: Final = frozenset({"succeeded", "failed", "timed_out", "skipped", "overridden", "cancelled", "not_applicable"})


@dataclass(frozen=True)
class TimelineSentence:
    """An entry as the page shows it."""

    seq: int
    at: dt.datetime
    actor: str
    icon: str
    kind: str
    said: str
    quotes: Sequence[str]
    incident: str | None
    event_type: str
    is_decision: bool


def describe_entry(entry: Entry, names: Names) -> TimelineSentence:
    """Return the sentence of an entry."""
    detail = json.loads(entry.detail)
    icon, kind = ICONS.get(entry.event_type, ("history", "quiet"))
    if entry.event_type == "task.completed" and detail.get("result") == "failed":
        icon, kind = "circle-x", "bad"
    say = _SENTENCES.get(entry.event_type)
    said = say(detail, entry, names) if say else _plain(entry)
    # The reason of an alert's entry is a code of triage: its sentence says it. All others were written by people.
    quotes = [] if say is _alert else [_quote(name, detail) for name in QUOTED if detail.get(name)]
    decided = is_decision(entry.event_type, entry.actor)
    actor, number, event_type = actor_words(entry.actor), entry.incident, entry.event_type
    return TimelineSentence(entry.seq, entry.at, actor, icon, kind, said, quotes, number, event_type, decided)


def _quote(name: str, detail: Detail) -> str:
    text = str(detail[name])
    return note_markup(text, detail.get("mentions")) if name == "note" else text


def _plain(entry: Entry) -> str:
    words = EVENT_TYPE_WORDS.get(entry.event_type)
    return _(words) if words else entry.event_type


def _opened(detail: Detail, _entry: Entry, _names: Names) -> str:
    if detail.get("earlier"):
        return _("Incident opened; the same alert was handled before in %(number)s", number=detail["earlier"])
    return _("Incident opened")


def _task_opened(detail: Detail, _entry: Entry, names: Names) -> str:
    code = detail.get("department")
    if not code:
        return _("Task “%(title)s” opened, not assigned yet", title=i18n.spoken(detail.get("title")))
    return _(
        "Task “%(title)s” opened for %(department)s",
        title=i18n.spoken(detail.get("title")),
        department=department_called(names, code),
    )


def _task_changed(detail: Detail, entry: Entry, names: Names) -> str:
    after = detail.get("after") or {}
    title = thing_called(names, entry, entry.subject)
    assignee, due = after.get("assignee"), after.get("due_at")
    name = i18n.spoken(assignee["name"]) if assignee else _("not assigned")
    if not due:
        return _("Task “%(title)s” assigned to %(name)s", title=title, name=name)
    time = i18n.full(dt.datetime.fromisoformat(str(due)), zone())
    return _("Task “%(title)s” assigned to %(name)s, due %(time)s", title=title, name=name, time=time)


_CLOCK_ENDS = {
    "filed": N_("the report was filed"),
    "waived": N_("the report was waived"),
    "no_clock": N_("no such deadline runs on the incident"),
    "exercise": N_("an exercise is reported to no authority"),
}


def _task_ended(detail: Detail, entry: Entry, names: Names) -> str:
    title = thing_called(names, entry, entry.subject)
    if detail.get("clock") in _CLOCK_ENDS:
        return f"{_('Task “%(title)s” has ended', title=title)}: {_(_CLOCK_ENDS[detail['clock']])}"
    if entry.event_type == "task.cancelled":
        return _("Task “%(title)s” is no longer needed", title=title)
    if detail.get("result") == "failed":
        return _("Task “%(title)s” could not be done", title=title)
    return _("Task “%(title)s” done", title=title)


def _run(detail: Detail, entry: Entry, names: Names) -> str:
    name = thing_called(names, entry)
    steps = _steps(detail, names.steps.get(entry.subject, {}))
    if entry.event_type == "run.started":
        began = _("Playbook “%(name)s” started", name=name)
        return f"{began}. {steps}" if steps else began
    if entry.event_type == "run.ended":
        state = look(f"run.{detail.get('state', '')}").words
        ended = _("Playbook “%(name)s” ended: %(state)s", name=name, state=state)
        return f"{steps}. {ended}" if steps else ended
    return steps or _("Playbook “%(name)s” went on", name=name)


def _refused(detail: Detail, _entry: Entry, _names: Names) -> str:
    why = refusal_words(detail.get("faults", ()))
    return _("Playbook “%(name)s” did not start: %(why)s", name=i18n.spoken(detail.get("name")), why=why)


def _requested(detail: Detail, entry: Entry, _names: Names) -> str:
    name = i18n.spoken(detail.get("name"))
    if entry.event_type == "run.requested":
        return _("Start of the playbook “%(name)s” requested", name=name)
    if entry.event_type == "run.scheduled":
        return _("The playbook “%(name)s” is waiting for approval", name=name)
    return _("Request to start the playbook “%(name)s” declined", name=name)


def _steps(detail: Detail, named: Mapping[str, str]) -> str:
    """Describe the last state of each step that changed; steps without a name are left out."""
    last: dict[str, str] = {}
    for change in detail.get("changes", ()):
        if change.get("effect") == "step_changed" and change.get("step") in named:
            last.pop(change["step"], None)
            last[change["step"]] = change["after"]
    return "; ".join(f"“{named[key]}” {look(f'step.{state}').words}" for key, state in last.items())


def _acknowledged(detail: Detail, _entry: Entry, _names: Names) -> str:
    acknowledged = _("Incident acknowledged")
    return f"{acknowledged}; {owner_words(detail)}" if detail.get("owner") else acknowledged


def _machinery(detail: Detail, _entry: Entry, _names: Names) -> str:
    """Describe a fault or its end; of an address only the kind is shown: it may be a secret."""
    known = [(TROUBLE_WORDS.get(one["code"]), one["arguments"]) for one in detail.get("troubles", ())]
    troubles = [fill(_(text), arguments) for text, arguments in known if text]
    to = _("notified by %(way)s", way=detail["to"]) if detail.get("to") else _("no one notified")
    return f"{' '.join(troubles)} ({to})"


def _drill(detail: Detail, _entry: Entry, _names: Names) -> str:
    return _("Drill started; its clock runs %(speed)s times faster", speed=detail.get("speed"))


def _ticket(detail: Detail, entry: Entry, _names: Names) -> str:
    named = {"system": detail.get("system"), "key": detail.get("key")}
    if entry.event_type == "incident.ticket_linked":
        return _("Linked to the ticket %(key)s of %(system)s", **named)
    return _("Link to the ticket %(key)s of %(system)s removed", **named)


def _report(_detail: Detail, entry: Entry, _names: Names) -> str:
    number = entry.subject.partition(":")[2]
    return (
        _("Report %(number)s linked", number=number)
        if entry.event_type == "report.linked"
        else _("Report %(number)s unlinked", number=number)
    )


def _alert(detail: Detail, entry: Entry, _names: Names) -> str:
    title = (detail.get("alert") or {}).get("title", "")
    if entry.event_type == "alert.resolved":
        return _("The sender reports the alert as resolved: %(title)s", title=title)
    match detail.get("reason"):
        case "grouped_by_rule" | "grouped_in_storm":
            return _("A further alert was grouped here: %(title)s", title=title)
        case "changed":
            return _("The alert came again with something new: %(title)s", title=title)
        case "firing_again":
            return _("The alert had ended and is firing again: %(title)s", title=title)
    return _("The alert came again: %(title)s", title=title)


_SENTENCES: Final[Mapping[str, Saying]] = {
    **NOTICE_SENTENCES,
    **CHANGE_SENTENCES,
    **CLOCK_SENTENCES,
    **DOCUMENT_SENTENCES,
    **EVIDENCE_SENTENCES,
    **MERGE_SENTENCES,
    "alert.attached": _alert,
    "alert.resolved": _alert,
    "drill.started": _drill,
    "incident.acknowledged": _acknowledged,
    "incident.opened": _opened,
    "machinery.alarmed": _machinery,
    "machinery.recovered": _machinery,
    "incident.ticket_linked": _ticket,
    "incident.ticket_unlinked": _ticket,
    "report.linked": _report,
    "report.unlinked": _report,
    "run.advanced": _run,
    "run.ended": _run,
    "run.refused": _refused,
    "run.request_declined": _requested,
    "run.requested": _requested,
    "run.scheduled": _requested,
    "run.started": _run,
    "task.cancelled": _task_ended,
    "task.changed": _task_changed,
    "task.completed": _task_ended,
    "task.opened": _task_opened,
}
