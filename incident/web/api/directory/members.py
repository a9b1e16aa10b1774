"""The members of a department."""

from typing import Any

from flask import Response

from incident.actions.directory import members as use_cases
from incident.web.api.arguments import Arguments
from incident.web.api.duty.duty_documents import members_document
from incident.web.api.duty.duty_schemas import MembersOut
from incident.web.api.endpoint import noun
from incident.web.api.fields import Choice, Text
from incident.web.api.nested import Objects
from incident.web.http.conditional import read_version, respond
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

blueprint = noun("members", "The people of a department: its head, its deputies in their order, and others.")

MAX_MEMBERS = 500


class MemberIn(Arguments):
    """A person and their role in the department."""

    person = Text(200, is_line=True, required=True, metadata={"description": "the login"})
    position = Choice(("head", "deputy", "member"), load_default="member")


class MembersIn(Arguments):
    """All members; deputies are listed in the order in which they are notified."""

    members = Objects(MemberIn, MAX_MEMBERS, required=True)


@blueprint.route("/departments/<code>/members", methods=["PUT"])
@needs("rota.write")
@blueprint.arguments(MembersIn)
@blueprint.response(200, MembersOut)
def put_members(given: dict[str, Any], code: str) -> Response:
    """Replace the members of a department; anyone who is not named is removed."""
    department = access.visible_department(code)
    version = read_version(department.version)
    named = [use_cases.NamedMember(**one) for one in given["members"]]
    changed = use_cases.put_members(department.id, named, version, require_caller().actor, now())
    return respond(members_document(changed), changed.version)


@blueprint.route("/departments/<code>/members", methods=["GET"])
@needs("department.read")
@blueprint.response(200, MembersOut)
def read_members(code: str) -> Response:
    """Read the members of a department."""
    department = access.visible_department(code)
    return respond(members_document(department), department.version)
