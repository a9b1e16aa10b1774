"""Requests to open fields of a reporter's identity: made, approved by others, read by the requester."""

from typing import Any, Final

from flask import Response, request
from marshmallow import Schema
from marshmallow import fields as marshmallow_fields

from incident.actions.reports import identity_requests as use_cases
from incident.actions.reports.identity_refusals import withdraw_identity_request
from incident.actions.reports.identity_requests import CreatedRequest, LegalReason, OpenedIdentity
from incident.core.directory.password import MAX_PASSWORD
from incident.core.reports.identifying import PASSAGE
from incident.core.reports.identity import CONTACT_FIELDS, PURPOSE_LIMIT, REQUEST_STATES, request_state
from incident.core.values.moment import format_moment
from incident.store.db.database import to_json
from incident.store.reports.identity_requests import IdentityRequest
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import ID, noun
from incident.web.api.fields import Moment, Text
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create_public
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.identity_access import (
    approve_as_caller,
    refuse_as_caller,
    refuse_barred,
    visible_request,
)

blueprint = noun("identity-requests", "Opening contact details of reporters.")

SECRET_HEADER: Final = "Identity-Secret"  # noqa: S105  # the name of a header
FIELDS: Final = f"^({'|'.join(CONTACT_FIELDS)}|{PASSAGE}[0-9]+)$"
_ONE = f"/identity-requests/{ID.format('identity_request_id')}"


class LegalReasonIn(Arguments):
    """Why the law wants protected details opened at once; the reporter is notified when it ends."""

    reason = Text(PURPOSE_LIMIT, required=True)
    document = Text(200, is_line=True, required=True)
    ends_at = Moment(required=True)


class IdentityRequestIn(Arguments):
    """What is wanted, and why."""

    purpose = Text(PURPOSE_LIMIT, required=True)
    fields = marshmallow_fields.List(  # type: ignore[assignment]  # its metaclass takes the field out of the class
        marshmallow_fields.String(metadata={"pattern": FIELDS}),
        required=True,
        metadata={"maxItems": 20, "minItems": 1},
    )
    legal_reason = marshmallow_fields.Nested(LegalReasonIn, allow_none=True, load_default=None)


class IdentityApprovalIn(Arguments):
    """What a custodian gives; nothing for a request about sealed details."""

    passphrase = Text(MAX_PASSWORD, allow_none=True, load_default=None)
    shares = marshmallow_fields.Dict(
        keys=marshmallow_fields.String(),
        values=marshmallow_fields.String(),
        allow_none=True,
        load_default=None,
        metadata={"maxProperties": 20},
    )


class IdentityRefusalIn(Arguments):
    """Why a request is refused."""

    reason = Text(PURPOSE_LIMIT, required=True)


class IdentityRequestMade(Schema):
    """A request, and the secret that opens what is approved; it is shown once."""

    id = schema_parts.number()
    secret = schema_parts.text("needed in the header Identity-Secret; it cannot be shown again")


class IdentityRequestOut(Schema):
    """A request and its state."""

    id = schema_parts.number()
    report = schema_parts.number("the report")
    state = schema_parts.text(
        "waiting: approved, and open later; refused and withdrawn end it", enum=list(REQUEST_STATES)
    )
    opens_at = schema_parts.maybe_at("when it is open; null until it is approved")
    expires_at = schema_parts.at()


class OpenedIdentityOut(IdentityRequestOut):
    """A request, and the fields while it is open."""

    fields = marshmallow_fields.Dict(  # type: ignore[assignment]  # its metaclass takes the field out of the class
        keys=marshmallow_fields.String(),
        values=marshmallow_fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "null unless the state is open"},
    )


@blueprint.route(f"/reports/{ID.format('report_id')}/identity-requests", methods=["POST"])
@needs("identity.request")
@blueprint.arguments(IdentityRequestIn)
@blueprint.response(201, IdentityRequestMade)
def request_identity(given: dict[str, Any], report_id: int) -> Response:
    """Request that contact details of a reporter are opened; the secret is shown once."""
    access.visible_report(report_id)
    actor, legal = require_caller().actor, given.pop("legal_reason")
    reason = None if legal is None else LegalReason(**legal)
    purpose, wanted = given["purpose"], given["fields"]
    return create_public(
        lambda once: use_cases.request_identity(report_id, purpose, wanted, actor, now(), once, reason),
        _made_document,
        f"{actor}\n{to_json(given)}\n{reason}",
    )


@blueprint.route(f"{_ONE}/approve", methods=["POST"])
@needs("custody.hold")
@blueprint.arguments(IdentityApprovalIn, required=False)
@blueprint.response(200, IdentityRequestOut)
def approve_identity_request(given: dict[str, Any], identity_request_id: int) -> Response:
    """Approve a request of somebody else; only a person can, who does not handle the report.

    A custodian sends the passphrase, or the shares that `incident custodian approve` printed.
    """
    approved = approve_as_caller(identity_request_id, given["passphrase"], given["shares"])
    return respond(request_document(approved))


@blueprint.route(f"{_ONE}/refuse", methods=["POST"])
@needs("custody.hold")
@blueprint.arguments(IdentityRefusalIn)
@blueprint.response(200, IdentityRequestOut)
def refuse_identity_request(given: dict[str, Any], identity_request_id: int) -> Response:
    """Refuse a request of somebody else; it ends when too few are left to approve it."""
    return respond(request_document(refuse_as_caller(identity_request_id, given["reason"])))


@blueprint.route(f"{_ONE}/withdraw", methods=["POST"])
@needs("identity.request")
@blueprint.response(200, IdentityRequestOut)
def withdraw_request_for_identity(identity_request_id: int) -> Response:
    """Withdraw one's own request; nobody reads its fields from then on."""
    visible_request(identity_request_id)
    return respond(request_document(withdraw_identity_request(identity_request_id, require_caller().actor, now())))


@blueprint.route(_ONE, methods=["GET"])
@needs("identity.request")
@blueprint.response(200, OpenedIdentityOut)
@blueprint.doc(
    parameters=[
        {
            "name": SECRET_HEADER,
            "in": "header",
            "required": True,
            "description": "the secret of the request",
            "schema": {"type": "string"},
        }
    ]
)
def read_identity_request(identity_request_id: int) -> Response:
    """Read the fields of one's own request while it is open; each reading is recorded in the journal."""
    refuse_barred(identity_request_id)
    opened = use_cases.read_identity(
        identity_request_id, request.headers.get(SECRET_HEADER, ""), require_caller().actor, now()
    )
    return respond(opened_document(opened))


def request_document(row: IdentityRequest) -> Document:
    """Serialize a request without any field."""
    return {
        "id": row.id,
        "report": row.report_id,
        "state": request_state(row.opens_at, row.expires_at, now(), row.ended_as),
        "opens_at": moment(row.opens_at),
        "expires_at": format_moment(row.expires_at),
    }


def opened_document(opened: OpenedIdentity) -> Document:
    """Serialize a request with its fields while it is open."""
    return request_document(opened.row) | {"state": opened.state, "fields": opened.fields}


def _made_document(made: CreatedRequest) -> Document:
    return {"id": made.row.id, "secret": made.secret}
