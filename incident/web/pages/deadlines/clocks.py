"""Pages of statutory clocks: those of an incident with their filings, and all that run."""

from collections.abc import Callable, Mapping, Sequence

from flask import request, url_for

from incident.actions.deadlines import clock_events, filings
from incident.actions.deadlines.filings import NewFiling
from incident.core.deadlines.filing import FILING_CHANNELS, LATE_REASONS, require_sha256
from incident.core.deadlines.regimes import AWARE, HANDLED, RECORDED_EVENTS
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment, parse_moment
from incident.store.approvals import AWAITING, TwoPersonRecord
from incident.store.deadlines import clock_rows, profiles
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.deadlines.filing_revocations import revocations_on
from incident.store.deadlines.not_reportable import not_reportable_on
from incident.store.incidents.incidents import Incident
from incident.store.queries.clock_list import list_clocks
from incident.store.queries.document_list import DocumentFilter, list_documents
from incident.store.queries.waiting_gradings import waits_for_grading
from incident.web.http.idempotency import form_idempotency
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.deadlines.clock_views import ClockView, clock_views
from incident.web.pages.deadlines.clock_words import (
    CHANNEL_WORDS,
    LATE_WORDS,
    choices_of,
)
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.pages.incident_forms import is_from_inbox, submit_on
from incident.web.pages.names import EVENT_WORDS, regime_words
from incident.web.security import access, clock_access
from incident.web.security.auth import needs, require_caller
from incident.web.security.document_access import filed_document

CLOCKS_SHOWN = 50
CLOCK_PATH = "/clocks/<int(max=2147483647):clock_id>"


@pages.get("/clocks")
@needs("incident.read")
def running_clocks() -> Page:
    """Show the clocks that run on all incidents, those due next first; with `due=overdue` only those that are late."""
    is_late = request.args.get("due") == "overdue"
    at = read_cursor(request.args.get("cursor"), (str, int))
    after = None if at is None else (parse_moment(at[0], "?cursor"), at[1])
    rows = list_clocks(access.viewer(), None, now() if is_late else None, after, CLOCKS_SHOWN + 1)
    shown, following = cut(rows, CLOCKS_SHOWN, lambda row: (format_moment(row[0].due_at or now()), row[0].id))
    due = "overdue" if is_late else None
    return render(
        "deadlines/running.html",
        views=clock_views(shown),
        is_late=is_late,
        first=url_for("pages.running_clocks", due=due) if at else None,
        following=url_for("pages.running_clocks", due=due, cursor=following) if following else None,
        profile=profiles.latest_profile(),
    )


@pages.get("/incidents/<number>/clocks")
@needs("incident.read")
def incident_clocks(number: str) -> Page:
    """Show the clocks of an incident, and what they start with; `file` names the clock whose form is open."""
    return show_clocks(access.visible_incident(number), {})


@pages.post("/incidents/<number>/awareness")
@needs("incident.change")
def put_awareness_form(number: str) -> Page:
    """Record who became aware of the incident when."""
    incident = access.visible_incident(number)
    stored: list[clock_rows.ClockEventRecord] = []

    def use_case() -> None:
        form = Form()
        at, who = form.moment("at"), form.named("who", clock_events.WHO_LIMIT)
        how, reason = form.needed("how", clock_events.HOW_LIMIT), form.text("reason", REASON_LIMIT)
        if at is None and not form.has_fault("at"):
            form.faults.append(RuleError("document.missing", pointer="/at"))
        form.finish()
        if at is not None:
            actor = require_caller().actor
            stored.append(clock_events.put_awareness(incident.id, at, who, how, reason, actor, now()))

    def said() -> str:
        return "awareness_proposed" if stored[0].state == AWAITING else "awareness_recorded"

    return submit_clocks(incident, use_case, said)


@pages.post("/awareness/<int(max=2147483647):record_id>/confirm")
@needs("incident.change")
def confirm_awareness_form(record_id: int) -> Page:
    """Confirm a later awareness as the second person."""
    return _confirm(record_id, AWARE, "awareness_recorded")


@pages.post("/handled/<int(max=2147483647):record_id>/confirm")
@needs("incident.change")
def confirm_handled_form(record_id: int) -> Page:
    """Confirm a later end of handling as the second person."""
    return _confirm(record_id, HANDLED, "changed")


def _confirm(record_id: int, kind: str, said: str) -> Page:
    row = access.require_visible(clock_access.visible_clock_event(record_id), lambda row: row.kind == kind)
    actor = require_caller().actor
    return submit_clocks(
        access.incident_of(row), lambda: clock_events.confirm_clock_event(record_id, actor, now()), said
    )


@pages.post("/incidents/<number>/handled")
@needs("incident.change")
def put_handled_form(number: str) -> Page:
    """Record when handling ended; an empty field says that it goes on."""
    incident = access.visible_incident(number)
    stored: list[clock_rows.ClockEventRecord | None] = []

    def use_case() -> None:
        form = Form()
        at, reason = form.moment("at"), form.text("reason", REASON_LIMIT)
        form.finish()
        stored.append(clock_events.put_handled(incident.id, at, reason, require_caller().actor, now()))

    def said() -> str:
        return "handling_proposed" if stored[0] is not None and stored[0].state == AWAITING else "changed"

    return submit_clocks(incident, use_case, said)


@pages.post("/incidents/<number>/clock-events")
@needs("incident.change")
def add_clock_event_form(number: str) -> Page:
    """Record an event that some law counts from."""
    incident = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        kind, at = form.raw("kind"), form.moment("at")
        how = form.text("how", clock_events.HOW_LIMIT)
        if kind not in RECORDED_EVENTS:
            form.faults.append(RuleError("document.missing", pointer="/kind"))
        if at is None and not form.has_fault("at"):
            form.faults.append(RuleError("document.missing", pointer="/at"))
        form.finish()
        if at is not None:
            actor = require_caller().actor
            clock_events.add_clock_event(incident.id, kind, at, how, actor, now(), form_idempotency())

    return submit_clocks(incident, use_case, "added")


@pages.post(f"{CLOCK_PATH}/file")
@needs("task.complete")
def file_clock_form(clock_id: int) -> Page:
    """Record a filing."""
    clock = clock_access.fileable_clock(clock_id)

    def use_case() -> None:
        filings.file_clock(clock.id, _read_filing(Form()), require_caller().actor, now(), form_idempotency())

    return submit_clocks(access.incident_of(clock), use_case, "filed", f"clock-{clock_id}")


@pages.post(f"{CLOCK_PATH}/set-aside")
@needs("incident.change")
def set_clock_aside_form(clock_id: int) -> Page:
    """Waive a clock, suspend it, or let it run again, with a reason."""
    clock = clock_access.changeable_clock(clock_id)
    steps: Mapping[str, Callable[..., IncidentClock]] = {
        "waive": filings.waive_clock,
        "suspend": filings.suspend_clock,
        "resume": filings.resume_clock,
    }

    def use_case() -> None:
        form = Form()
        reason = form.needed("reason", REASON_LIMIT)
        step = form.raw("step")
        if step not in steps:
            form.faults.append(RuleError("clock.step_unknown", pointer="/step"))
        form.finish()
        steps[step](clock.id, reason, require_caller().actor, now())

    return submit_clocks(access.incident_of(clock), use_case, "changed", f"clock-{clock_id}")


def _read_filing(form: Form) -> NewFiling:
    channel, at = form.raw("channel"), form.moment("at")
    to, receipt = form.named("to", filings.RECIPIENT_LIMIT), form.text("receipt_number", filings.RECEIPT_LIMIT)
    name, mark = form.text("evidence_name"), form.raw("evidence_sha256")
    sha256 = form.checked("evidence_sha256", lambda: require_sha256(mark, "/evidence_sha256")) if mark else None
    code, why = form.raw("late_code"), form.text("late", filings.TEXT_LIMIT)
    document = form.checked("document", lambda: filed_document(form.number("document")))
    if at is None and not form.has_fault("at"):
        form.faults.append(RuleError("document.missing", pointer="/at"))
    if channel not in FILING_CHANNELS:
        form.faults.append(RuleError("document.missing", pointer="/channel"))
    form.finish()
    return NewFiling(
        channel=channel,
        at=at or now(),
        to=to,
        is_oral="is_oral" in form.values,
        receipt_number=receipt,
        evidence=[{"name": name or sha256[:12], "sha256": sha256}] if sha256 else [],
        late={"reason_code": code, "text": why} if code in LATE_REASONS and why else None,
        departments=request.form.getlist("departments"),
        document=document,
    )


def submit_clocks(
    incident: Incident, use_case: Callable[[], object], said: str | Callable[[], str], anchor: str = ""
) -> Page:
    """Run a use case and return to the clocks or the inbox; if refused, show what was typed."""
    if is_from_inbox():
        return submit_on(incident, use_case, said)
    to = url_for("pages.incident_clocks", number=incident.number, _anchor=anchor or None)
    return submit(use_case, lambda: show_clocks(incident, request.form), lambda: to, said)


def _signed_documents(incident: Incident) -> list[tuple[int, str]]:
    """Return the signed documents of an incident that the viewer may see, for a filing to name."""
    wanted = DocumentFilter(incident_ids=[incident.id], is_numbered=True)
    return [(row.id, f"{row.number} {row.title}") for row, _its in list_documents(access.viewer(), wanted, None, 50)]


def _fileable(incident: Incident, views: Sequence[ClockView]) -> frozenset[int]:
    """Return the ids of the clocks that the viewer may file."""
    if incident.is_exercise or not is_permitted("task.complete"):
        return frozenset()
    return frozenset(one.clock.id for one in views if clock_access.may_file(one.clock))


def show_clocks(incident: Incident, given: Mapping[str, str]) -> Page:
    """Show the clocks of an incident with what was typed in its forms."""
    events, at = clock_rows.clock_events_of(incident.id), now()
    views = clock_views([(one, incident) for one in clock_rows.clocks_of(incident.id)])
    views.sort(key=lambda one: (not one.is_open, one.clock.due_at is None, one.clock.due_at or at, one.clock.id))
    kinds = dict.fromkeys(kind for view in views for kind in view.regime.events)
    decisions = not_reportable_on(incident.id)
    proposed: list[TwoPersonRecord] = [*events, *decisions, *revocations_on(incident.id)]
    return render(
        "deadlines/clocks.html",
        asked={view.regime.id: regime_words(view.regime.id) for view in views if view.asks}.items(),
        aware=clock_rows.effective_awareness(events),
        can_change=is_permitted("incident.change") and not incident.is_exercise,
        channels=choices_of(CHANNEL_WORDS),
        decisions=decisions[::-1],
        documents=_signed_documents(incident),
        fileable=_fileable(incident, views),
        is_waiting=waits_for_grading(incident.id),
        events=[one for one in events if one.kind not in clock_rows.MOVED_BY_TWO],
        given=given,
        handled=clock_rows.effective_event(events, HANDLED),
        it=incident,
        kinds=choices_of({kind: EVENT_WORDS[kind] for kind in kinds}),
        opened=f"file-{request.args.get('file', '')}",
        late_choices=choices_of(LATE_WORDS),
        late_words=dict(choices_of(LATE_WORDS)),
        channel_names=dict(choices_of(CHANNEL_WORDS)),
        present=at,
        profile=profiles.latest_profile(),
        views=views,
        waiting=[one for one in proposed if one.state_at(at) == AWAITING],
    )
