"""Affected systems: who owns them, how much they matter, and what they are recognised by."""

from typing import Any

from flask import Response

from incident.actions.systems import systems as use_cases
from incident.core.systems.system import (
    CRITICALITIES,
    LEAST_LEVEL,
    MAX_VALUES,
    MOST_LEVEL,
    NOTE_LIMIT,
    SYSTEM_NAME_LIMIT,
    require_system_address,
    require_system_name,
)
from incident.core.values.identifier import CODE_LIMIT, require_code
from incident.store.systems.systems import list_systems as store_list
from incident.web.api import fields
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import PREFIX, Paged, noun
from incident.web.api.fields import Choice, Items, Number, Ruled, Text, Truth
from incident.web.api.schema_parts import page_of
from incident.web.api.systems.system_documents import system_document, system_items
from incident.web.api.systems.system_schemas import SystemOut
from incident.web.http.conditional import read_version, respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security import system_access
from incident.web.security.auth import needs, require_caller

blueprint = noun("systems", "What is affected, who owns it, and how alerts about it are recognised.")

_ADDRESS = {"minLength": 1, "maxLength": 100, "example": "192.0.2.0/24"}
_NAME = {"minLength": 1, "maxLength": SYSTEM_NAME_LIMIT, "example": "*.pay.example.org"}


class SystemChange(Arguments):
    """New values of a system; `addresses` and `names` replace the existing ones."""

    name = Text(SYSTEM_NAME_LIMIT, is_line=True)
    owner = fields.code(allow_none=True)
    protection_level = Number(LEAST_LEVEL, MOST_LEVEL, allow_none=True)
    criticality = Choice(CRITICALITIES, allow_none=True)
    is_critical_infrastructure = Truth()
    addresses = Items(Ruled(require_system_address, metadata=_ADDRESS), MAX_VALUES)
    names = Items(Ruled(require_system_name, metadata=_NAME), MAX_VALUES)
    note = Text(NOTE_LIMIT, may_be_empty=True)
    is_active = Truth()


class SystemIn(SystemChange):
    """A new system."""

    code = Ruled(require_code, metadata={"minLength": 1, "maxLength": CODE_LIMIT, "example": "PAY"}, required=True)
    name = Text(SYSTEM_NAME_LIMIT, is_line=True, required=True)


class SystemQuery(Paged):
    """Filters of the list of systems."""

    q = Text(200, is_line=True, load_default=None, metadata={"description": "a part of code, name, address or host"})


@blueprint.route("/systems", methods=["POST"])
@needs("system.write")
@blueprint.arguments(SystemIn)
@blueprint.response(201, SystemOut)
def add_system(given: dict[str, Any]) -> Response:
    """Add a system."""
    actor = require_caller().actor
    return create(
        lambda idempotency: use_cases.add_system(given, actor, now(), idempotency),
        system_document,
        lambda document: f"{PREFIX}/systems/{document['code']}",
    )


@blueprint.route("/systems", methods=["GET"])
@needs("system.read")
@blueprint.arguments(SystemQuery, location="query")
@blueprint.response(200, page_of(SystemOut))
def list_systems(given: dict[str, Any]) -> Response:
    """List systems by code; people of a department see those that it owns."""
    after = read_cursor(given["cursor"], (str,)) or (None,)
    rows = store_list(given["q"] or "", after[0], given["limit"] + 1, system_access.owners_shown())
    shown, following = page(rows, given["limit"], lambda row: (row.code,))
    return respond({"items": system_items(shown), "next": following})


@blueprint.route("/systems/<code>", methods=["GET"])
@needs("system.read")
@blueprint.response(200, SystemOut)
def read_system(code: str) -> Response:
    """Read a system; its incidents are those of `GET /incidents?system=`."""
    row = system_access.visible_system(code)
    return respond(system_document(row), row.version)


@blueprint.route("/systems/<code>", methods=["PATCH"])
@needs("system.write")
@blueprint.arguments(SystemChange)
@blueprint.response(200, SystemOut)
def change_system(given: dict[str, Any], code: str) -> Response:
    """Change a system; needs If-Match."""
    row = system_access.visible_system(code)
    version = read_version(row.version, is_needed=True)
    changed = use_cases.change_system(row.id, given, version, require_caller().actor, now())
    return respond(system_document(changed), changed.version)


@blueprint.route("/systems/<code>", methods=["DELETE"])
@needs("system.write")
@blueprint.response(204)
def delete_system(code: str) -> Response:
    """Delete a system that no incident ever had; switch off others instead."""
    row = system_access.visible_system(code)
    use_cases.delete_system(row.id, read_version(row.version), require_caller().actor, now())
    return Response(status=204)
