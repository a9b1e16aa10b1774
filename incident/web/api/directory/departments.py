"""Departments, their contacts and their escalation policies."""

from typing import Any

from flask import Response

from incident.actions.directory import departments as use_cases
from incident.channels import MAKERS
from incident.core.deadlines.authorities import read_authority
from incident.core.incidents.competence import read_competence
from incident.core.notifications.message import LANGUAGES
from incident.core.values.faults import raise_all
from incident.store.directory.departments import Contact, departments_after
from incident.web import contact_channels
from incident.web.api import fields
from incident.web.api.arguments import Arguments
from incident.web.api.delivery.contact_documents import contact_document
from incident.web.api.delivery.contact_schemas import ContactOut
from incident.web.api.directory.department_documents import department_document, department_items
from incident.web.api.directory.department_schemas import DepartmentItem, DepartmentOut
from incident.web.api.document_parts import Document
from incident.web.api.endpoint import ID, PREFIX, Paged, noun
from incident.web.api.fields import Choice, Number, Text
from incident.web.api.schema_parts import page_of
from incident.web.api.shapes import AUTHORITY, COMPETENCE
from incident.web.http.conditional import read_version, respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import current_instance, now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

blueprint = noun("departments", "Who is responsible, and how they are told.")


class DepartmentIn(Arguments):
    """A new department."""

    code = fields.code(required=True)
    name = Text(200, is_line=True, required=True)
    parent = fields.code(allow_none=True, load_default=None)


@blueprint.route("/departments", methods=["POST"])
@needs("department.write")
@blueprint.arguments(DepartmentIn)
@blueprint.response(201, DepartmentItem)
def add_department(given: dict[str, Any]) -> Response:
    """Add a department."""
    actor, timezone = require_caller().actor, current_instance().settings.timezone
    return create(
        lambda idempotency: use_cases.add_department(
            given["code"], given["name"], given["parent"], actor, now(), idempotency, timezone
        ),
        lambda department: department_items([department])[0],
        lambda document: f"{PREFIX}/departments/{document['code']}",
    )


@blueprint.route("/departments", methods=["GET"])
@needs("department.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(DepartmentItem))
def list_departments(given: dict[str, Any]) -> Response:
    """List departments by code."""
    after = read_cursor(given["cursor"], (str,)) or (None,)
    rows = departments_after(after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.code,))
    return respond({"items": department_items(shown), "next": following})


@blueprint.route("/departments/<code>", methods=["GET"])
@needs("department.read")
@blueprint.response(200, DepartmentOut)
def read_department(code: str) -> Response:
    """Read a department, with its policy and contacts for callers who may read these."""
    department = access.visible_department(code)
    return respond(department_document(department), department.version)


class DepartmentChange(Arguments):
    """Fields to change; a null `parent` makes it top-level, null `working_hours` restores the default."""

    name = Text(200, is_line=True)
    parent = fields.code(allow_none=True)
    timezone = Text(64, is_line=True, metadata={"example": "Asia/Shanghai"})
    calendar = Text(64, is_line=True, metadata={"example": "china"})
    working_hours = fields.hours(allow_none=True)
    competence = fields.Read(
        read_competence,
        allow_none=True,
        metadata={
            "description": "for which incidents it answers; what is left out means all, null says nothing",
            **COMPETENCE,
        },
    )
    authority = fields.Read(
        read_authority,
        allow_none=True,
        metadata={
            "description": "the roles as which it receives reports; regions or sectors left out mean all, null is none",
            **AUTHORITY,
        },
    )


@blueprint.route("/departments/<code>", methods=["PATCH"])
@needs("department.write")
@blueprint.arguments(DepartmentChange)
@blueprint.response(200, DepartmentOut)
def change_department(given: dict[str, Any], code: str) -> Response:
    """Change a department; needs If-Match."""
    department = access.visible_department(code)
    version = read_version(department.version, is_needed=True)
    changed = use_cases.change_department(department.id, given, version, require_caller().actor, now())
    return respond(department_document(changed), changed.version)


MAX_LEVELS = 20


class ContactIn(Arguments):
    """A new contact; the inbox has no address, and robots of DingTalk and Feishu have a secret."""

    name = Text(200, is_line=True, required=True)
    channel = Choice(tuple(MAKERS), required=True)
    address = Text(2000, is_line=True, allow_none=True, load_default=None)
    level = Number(1, MAX_LEVELS, load_default=1)
    person = Text(
        200,
        is_line=True,
        allow_none=True,
        load_default=None,
        metadata={"description": "the login of whom it reaches; without one it is a desk"},
    )
    language = Choice(LANGUAGES, load_default="en")
    secret = Text(
        contact_channels.SECRET_LIMIT,
        is_line=True,
        allow_none=True,
        load_default=None,
        metadata={"description": "with which messages to a robot are signed, as its page shows it"},
    )


@blueprint.route("/departments/<code>/contacts", methods=["POST"])
@needs("contact.write")
@blueprint.arguments(ContactIn)
@blueprint.response(201, ContactOut)
def add_contact(given: dict[str, Any], code: str) -> Response:
    """Add a contact; the response for a webhook holds its signing secret, shown once."""
    department = access.visible_department(code)
    raise_all(contact_channels.faults_of(given["channel"], given["address"], given["secret"]))
    secret = contact_channels.secret_for(given["channel"], given.pop("secret"))
    is_secret_shown = current_instance().channels[given["channel"]].signing == "made"
    ring, actor, department_id = current_instance().ring, require_caller().actor, department.id
    return create(
        lambda idempotency: use_cases.add_contact(
            department_id, **given, secret=secret, ring=ring, by=actor, now=now(), idempotency=idempotency
        ),
        lambda contact: _with_secret(contact, secret if is_secret_shown else None),
    )


def _with_secret(contact: Contact, secret: str | None) -> Document:
    """Serialize a new contact with its secret, which is shown only this once."""
    document = contact_document(contact)
    return document if secret is None else document | {"secret": secret}


@blueprint.route(f"/departments/<code>/contacts/{ID.format('contact_id')}", methods=["DELETE"])
@needs("contact.write")
@blueprint.response(204)
def remove_contact(code: str, contact_id: int) -> Response:
    """Disable a contact; the record of what was sent to it is kept."""
    contact = access.visible_contact_of(code, contact_id)
    asking = require_caller()
    use_cases.remove_contact(contact.id, f"removed by {asking.name}", asking.actor, now())
    return Response(status=204)
