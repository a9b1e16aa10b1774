"""Corrections of filings: revoked by two people, or returned by the authority."""

from typing import Any, Final

from flask import Response

from incident.actions.approvals import decline_as_second
from incident.actions.deadlines import filing_corrections
from incident.core.incidents.incident import REASON_LIMIT
from incident.store.deadlines.filing_revocations import FilingRevocation
from incident.web.api.arguments import Arguments
from incident.web.api.deadlines.clock_documents import FilingOut, RevocationOut, filing_document, revocation_document
from incident.web.api.endpoint import ID, WithNeededReason, noun
from incident.web.api.fields import Moment, Text
from incident.web.http.idempotency import create
from incident.web.instance import now
from incident.web.security import clock_access
from incident.web.security.auth import needs, require_caller

blueprint = noun("filings", "Filings that no longer count: recorded by mistake, or returned by the authority.")
REVOCATION: Final = f"/revocations/{ID.format('revocation_id')}"


class ReturnIn(Arguments):
    """When the authority returned a filing, and why."""

    at = Moment(required=True)
    reason = Text(REASON_LIMIT, required=True)


@blueprint.route(f"/filings/{ID.format('filing_id')}/revoke", methods=["POST"])
@needs("task.complete")
@blueprint.arguments(WithNeededReason)
@blueprint.response(202, RevocationOut)
def revoke_filing(given: dict[str, Any], filing_id: int) -> Response:
    """Propose that a filing was recorded by mistake; once a second person confirms it, its clock runs again."""
    clock_access.correctable_filing(filing_id)
    actor = require_caller().actor
    return create(
        lambda idempotency: filing_corrections.propose_revocation(
            filing_id, given["reason"], actor, now(), idempotency
        ),
        revocation_document,
        status=202,
    )


@blueprint.route(f"/filings/{ID.format('filing_id')}/return", methods=["POST"])
@needs("task.complete")
@blueprint.arguments(ReturnIn)
@blueprint.response(200, FilingOut)
def return_filing(given: dict[str, Any], filing_id: int) -> Response:
    """Record that the authority returned a filing: its clock runs again with the due that it had."""
    clock_access.correctable_filing(filing_id)
    actor = require_caller().actor
    return create(
        lambda idempotency: filing_corrections.return_filing(
            filing_id, given["at"], given["reason"], actor, now(), idempotency
        ),
        filing_document,
        status=200,
    )


@blueprint.route(f"{REVOCATION}/confirm", methods=["POST"])
@needs("incident.change")
@blueprint.response(200, RevocationOut)
def confirm_revocation(revocation_id: int) -> Response:
    """Confirm as the second person that a filing was recorded by mistake."""
    clock_access.visible_revocation(revocation_id)
    actor = require_caller().actor
    return create(
        lambda idempotency: filing_corrections.confirm_revocation(revocation_id, actor, now(), idempotency),
        revocation_document,
        status=200,
    )


@blueprint.route(f"{REVOCATION}/decline", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, RevocationOut)
def decline_revocation(given: dict[str, Any], revocation_id: int) -> Response:
    """Decline the revocation of a filing as the second person; the proposer learns why."""
    clock_access.visible_revocation(revocation_id)
    actor = require_caller().actor
    return create(
        lambda idempotency: decline_as_second(
            FilingRevocation, revocation_id, given["reason"], actor, now(), idempotency
        ),
        revocation_document,
        status=200,
    )
