"""Forms that correct filings and events: with a second person, or at once where a deadline only comes nearer."""

from incident.actions.deadlines import event_corrections, filing_corrections
from incident.actions.deadlines.clock_events import HOW_LIMIT
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.faults import RuleError
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.deadlines.filing_revocations import FilingRevocation
from incident.web.http.idempotency import form_idempotency
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.deadlines.clocks import submit_clocks
from incident.web.pages.deadlines.declining import SAID, declining
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page
from incident.web.security import access, clock_access
from incident.web.security.auth import needs, require_caller

EVENT_PATH = "/clock-events/<int(max=2147483647):record_id>"
FILING_PATH = "/filings/<int(max=2147483647):filing_id>"
REVOCATION_PATH = "/revocations/<int(max=2147483647):revocation_id>"


@pages.post(f"{FILING_PATH}/revoke")
@needs("task.complete")
def revoke_filing_form(filing_id: int) -> Page:
    """Propose that a filing was recorded by mistake."""
    filing = clock_access.correctable_filing(filing_id)

    def use_case() -> None:
        form = Form()
        reason = form.needed("reason", REASON_LIMIT)
        form.finish()
        filing_corrections.propose_revocation(filing_id, reason, require_caller().actor, now(), form_idempotency())

    anchor = f"clock-{filing.clock_id}"
    return submit_clocks(access.incident_of(filing), use_case, "revocation_proposed", anchor)


@pages.post(f"{FILING_PATH}/return")
@needs("task.complete")
def return_filing_form(filing_id: int) -> Page:
    """Record that the authority returned a filing."""
    filing = clock_access.correctable_filing(filing_id)

    def use_case() -> None:
        form = Form()
        at, reason = form.moment("at"), form.needed("reason", REASON_LIMIT)
        if at is None and not form.has_fault("at"):
            form.faults.append(RuleError("document.missing", pointer="/at"))
        form.finish()
        if at is not None:
            actor = require_caller().actor
            filing_corrections.return_filing(filing_id, at, reason, actor, now(), form_idempotency())

    return submit_clocks(access.incident_of(filing), use_case, "filing_returned", f"clock-{filing.clock_id}")


@pages.post(f"{REVOCATION_PATH}/confirm")
@needs("incident.change")
def confirm_revocation_form(revocation_id: int) -> Page:
    """Confirm as the second person that a filing was recorded by mistake."""
    row, actor = clock_access.visible_revocation(revocation_id), require_caller().actor
    return submit_clocks(
        access.incident_of(row),
        lambda: filing_corrections.confirm_revocation(revocation_id, actor, now()),
        "filing_revoked",
    )


@pages.post(f"{REVOCATION_PATH}/decline")
@needs("incident.change")
def decline_revocation_form(revocation_id: int) -> Page:
    """Decline the revocation of a filing."""
    incident = access.incident_of(clock_access.visible_revocation(revocation_id))
    return submit_clocks(incident, declining(FilingRevocation, revocation_id), SAID)


@pages.post(f"{EVENT_PATH}/correct")
@needs("incident.change")
def correct_event_form(record_id: int) -> Page:
    """Correct when an event happened, at once or with a second person."""
    row = clock_access.visible_clock_event(record_id)
    is_later: list[bool] = []

    def use_case() -> None:
        form = Form()
        at, how = form.moment("at"), form.text("how", HOW_LIMIT)
        reason = form.text("reason", REASON_LIMIT)
        if at is None and not form.has_fault("at"):
            form.faults.append(RuleError("document.missing", pointer="/at"))
        form.finish()
        if at is not None:
            is_later.append(at > row.happened_at)
            actor = require_caller().actor
            event_corrections.correct_clock_event(record_id, at, how, reason, actor, now(), form_idempotency())

    def said() -> str:
        return "event_proposed" if is_later[0] else "event_corrected"

    return submit_clocks(access.incident_of(row), use_case, said, "events")


@pages.post(f"{EVENT_PATH}/withdraw")
@needs("incident.change")
def withdraw_event_form(record_id: int) -> Page:
    """Propose that an event did not happen."""
    row = clock_access.visible_clock_event(record_id)

    def use_case() -> None:
        form = Form()
        reason = form.needed("reason", REASON_LIMIT)
        form.finish()
        event_corrections.withdraw_clock_event(record_id, reason, require_caller().actor, now(), form_idempotency())

    return submit_clocks(access.incident_of(row), use_case, "event_proposed", "events")


@pages.post(f"{EVENT_PATH}/confirm")
@needs("incident.change")
def confirm_event_form(record_id: int) -> Page:
    """Confirm a later time or the withdrawal of an event as the second person."""
    row, actor = clock_access.visible_event_correction(record_id), require_caller().actor
    return submit_clocks(
        access.incident_of(row),
        lambda: event_corrections.confirm_event_correction(record_id, actor, now()),
        "changed",
    )


@pages.post(f"{EVENT_PATH}/decline")
@needs("incident.change")
def decline_event_form(record_id: int) -> Page:
    """Decline a later time or the withdrawal of an event."""
    incident = access.incident_of(clock_access.visible_event_correction(record_id))
    return submit_clocks(incident, declining(ClockEventRecord, record_id), SAID)
