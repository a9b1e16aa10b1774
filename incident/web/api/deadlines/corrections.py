"""Corrections of filings and events: revoked or withdrawn by two people, returned by the authority, put right."""

from typing import Any, Final

from flask import Response

from incident.actions.deadlines import event_corrections, filing_corrections
from incident.actions.deadlines.clock_events import HOW_LIMIT
from incident.core.incidents.incident import REASON_LIMIT
from incident.store.approvals import AWAITING
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.deadlines.filing_revocations import FilingRevocation
from incident.web.api.arguments import Arguments
from incident.web.api.deadlines.clock_documents import (
    ClockEventOut,
    FilingOut,
    RevocationOut,
    clock_event_document,
    filing_document,
    revocation_document,
)
from incident.web.api.deadlines.declining import answer_decline
from incident.web.api.endpoint import ID, WithNeededReason, noun
from incident.web.api.fields import Moment, Text
from incident.web.http.idempotency import create
from incident.web.instance import now
from incident.web.security import clock_access
from incident.web.security.auth import needs, require_caller

blueprint = noun("filings", "Filings that no longer count: recorded by mistake, or returned by the authority.")
EVENT: Final = f"/clock-events/{ID.format('record_id')}"
REVOCATION: Final = f"/revocations/{ID.format('revocation_id')}"


class ReturnIn(Arguments):
    """When the authority returned a filing, and why."""

    at = Moment(required=True)
    reason = Text(REASON_LIMIT, required=True)


class EventCorrectionIn(Arguments):
    """When an event happened, and what is known of it; null leaves the latter. A later time needs a reason."""

    at = Moment(required=True)
    how = Text(HOW_LIMIT, allow_none=True, load_default=None)
    reason = Text(REASON_LIMIT, allow_none=True, load_default=None)


CORRECTION_AWAITS = {
    "description": "A second person must confirm the later time.",
    "content": {"application/json": {"schema": ClockEventOut}},
}


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
    return answer_decline(FilingRevocation, revocation_id, given["reason"], revocation_document)


@blueprint.route(f"{EVENT}/correct", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(EventCorrectionIn)
@blueprint.response(200, ClockEventOut)
@blueprint.doc(responses={"202": CORRECTION_AWAITS})
def correct_event(given: dict[str, Any], record_id: int) -> Response:
    """Correct when an event happened; a later time than before waits for a second person (202)."""
    clock_access.visible_clock_event(record_id)
    actor = require_caller().actor
    return create(
        lambda idempotency: event_corrections.correct_clock_event(
            record_id, given["at"], given["how"], given["reason"], actor, now(), idempotency
        ),
        clock_event_document,
        status=lambda row: 202 if row.state == AWAITING else 200,
    )


@blueprint.route(f"{EVENT}/withdraw", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(202, ClockEventOut)
def withdraw_event(given: dict[str, Any], record_id: int) -> Response:
    """Propose that an event did not happen; it counts until a second person confirms that."""
    clock_access.visible_clock_event(record_id)
    actor = require_caller().actor
    return create(
        lambda idempotency: event_corrections.withdraw_clock_event(
            record_id, given["reason"], actor, now(), idempotency
        ),
        clock_event_document,
        status=202,
    )


@blueprint.route(f"{EVENT}/confirm", methods=["POST"])
@needs("incident.change")
@blueprint.response(200, ClockEventOut)
def confirm_event(record_id: int) -> Response:
    """Confirm a later time or the withdrawal of an event as the second person."""
    clock_access.visible_event_correction(record_id)
    actor = require_caller().actor
    return create(
        lambda idempotency: event_corrections.confirm_event_correction(record_id, actor, now(), idempotency),
        clock_event_document,
        status=200,
    )


@blueprint.route(f"{EVENT}/decline", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, ClockEventOut)
def decline_event(given: dict[str, Any], record_id: int) -> Response:
    """Decline a later time or the withdrawal of an event as the second person; the proposer learns why."""
    clock_access.visible_event_correction(record_id)
    return answer_decline(ClockEventRecord, record_id, given["reason"], clock_event_document)
