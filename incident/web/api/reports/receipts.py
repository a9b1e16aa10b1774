"""What a reporter does with the receipt: read the progress, write, withdraw, verify a proof."""

from typing import Any

from flask import Response
from marshmallow import fields as marshmallow_fields

from incident.actions.reports import mailbox
from incident.actions.reports.report_proofs import proof_faults
from incident.core.reports.kinds import MESSAGE_LIMIT
from incident.core.reports.receipt import RECEIPT_LIMIT
from incident.store.db.database import to_json
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import noun
from incident.web.api.fields import Choice, Text
from incident.web.api.reports.report_documents import mailbox_message, progress_document
from incident.web.api.reports.report_schemas import MailboxMessage, ReportProgress, Verified
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create_public
from incident.web.instance import now, report_key
from incident.web.security.auth import public
from incident.web.security.report_guard import report_of_typed_receipt

blueprint = noun("receipts", "What reporters do with their receipts.")


class ReceiptIn(Arguments):
    """The receipt, with or without spaces and dashes."""

    receipt = Text(RECEIPT_LIMIT, is_line=True, required=True)


@blueprint.route("/receipts/open", methods=["POST"])
@public
@blueprint.arguments(ReceiptIn)
@blueprint.response(200, ReportProgress)
def open_receipt(given: dict[str, Any]) -> Response:
    """Read the progress of a report and the messages of the desk."""
    return respond(progress_document(report_of_typed_receipt(given["receipt"])))


class MessageIn(ReceiptIn):
    """A message of the reporter."""

    text = Text(MESSAGE_LIMIT, required=True)
    kind = Choice(("message", "addition", "objection"), load_default="message")


@blueprint.route("/receipts/messages", methods=["POST"])
@public
@blueprint.arguments(MessageIn)
@blueprint.response(201, MailboxMessage)
def write_with_receipt(given: dict[str, Any]) -> Response:
    """Leave a message, an addition or an objection; send an Idempotency-Key to leave it once."""
    report_id = report_of_typed_receipt(given["receipt"]).id
    return create_public(
        lambda once: mailbox.write_as_reporter(report_id, given["kind"], given["text"], now(), once),
        mailbox_message,
        to_json(given),
    )


class WithdrawalIn(ReceiptIn):
    """A withdrawal, with a reason if the reporter gives one."""

    reason = Text(MESSAGE_LIMIT, allow_none=True, load_default=None)


@blueprint.route("/receipts/withdraw", methods=["POST"])
@public
@blueprint.arguments(WithdrawalIn)
@blueprint.response(200, ReportProgress)
def withdraw_with_receipt(given: dict[str, Any]) -> Response:
    """Withdraw a report; what it tells may be handled all the same."""
    report = report_of_typed_receipt(given["receipt"])
    return respond(progress_document(mailbox.withdraw_report(report.id, given["reason"], now())))


class ProofIn(Arguments):
    """A proof of receipt, and the report if it should be compared."""

    proof = marshmallow_fields.Dict(required=True, metadata={"description": "as in the answer to the report"})
    report = marshmallow_fields.Dict(allow_none=True, load_default=None, metadata={"description": "as it was sent"})


@blueprint.route("/receipts/verify", methods=["POST"])
@public
@blueprint.arguments(ProofIn)
@blueprint.response(200, Verified)
def verify_proof(given: dict[str, Any]) -> Response:
    """Verify a proof of receipt with the key of this instance."""
    proof = given["proof"]
    is_genuine = not proof_faults(proof, report_key().public, given["report"])
    content = proof["certificate"] if is_genuine else {}
    return respond({"is_genuine": is_genuine, "minute": content.get("minute"), "instance": content.get("instance")})
