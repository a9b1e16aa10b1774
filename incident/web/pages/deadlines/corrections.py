"""Forms that correct filings: revoke one with a second person, or record that the authority returned it."""

from incident.actions.approvals import decline_as_second
from incident.actions.deadlines import filing_corrections
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.faults import RuleError
from incident.store.deadlines.filing_revocations import FilingRevocation
from incident.web.http.idempotency import form_idempotency
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.deadlines.clocks import submit_clocks
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page
from incident.web.security import access, clock_access
from incident.web.security.auth import needs, require_caller

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
    row, actor = clock_access.visible_revocation(revocation_id), require_caller().actor

    def use_case() -> None:
        form = Form()
        reason = form.needed("decline_reason", REASON_LIMIT)
        form.finish()
        decline_as_second(FilingRevocation, revocation_id, reason, actor, now())

    return submit_clocks(access.incident_of(row), use_case, "proposal_declined")
