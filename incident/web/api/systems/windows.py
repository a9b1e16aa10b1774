"""Maintenance windows: alerts in them are kept and counted, and open no incident."""

from typing import Any

from flask import Response
from marshmallow import Schema
from marshmallow import fields as marshmallow_fields

from incident.actions.systems import windows as use_cases
from incident.core.incidents.routing_document import SOURCE_LIMIT
from incident.core.systems.window import REASON_LIMIT
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.systems import windows
from incident.store.systems.systems import System
from incident.store.systems.windows import HeldAlert, MaintenanceWindow
from incident.web.api import fields, schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document
from incident.web.api.endpoint import ID, PREFIX, Paged, noun
from incident.web.api.fields import Text
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import author, read_version, respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security import system_access
from incident.web.security.auth import needs, require_caller

blueprint = noun("maintenance-windows", "Times in which alerts are kept and counted, and open no incident.")
_ONE = f"/maintenance-windows/{ID.format('window_id')}"


class WindowIn(Arguments):
    """A new window; at least one of source, system and labels says which alerts it holds."""

    reason = Text(REASON_LIMIT, is_line=True, required=True)
    begins_at = fields.Bound(load_default=None, allow_none=True, metadata={"description": "absent: now"})
    ends_at = fields.Bound(is_end=True, required=True, metadata={"description": "at most 30 days after the begin"})
    source = Text(SOURCE_LIMIT, is_line=True, allow_none=True, load_default=None)
    system = fields.code(allow_none=True, load_default=None)
    labels = fields.Values(load_default=dict)


class WindowChange(Arguments):
    """The new reason or end."""

    reason = Text(REASON_LIMIT, is_line=True)
    ends_at = fields.Bound(is_end=True)


class WindowOut(Schema):
    """A maintenance window."""

    id = schema_parts.number()
    reason = schema_parts.text()
    begins_at = schema_parts.at()
    ends_at = schema_parts.at("also when it was ended early")
    source = schema_parts.maybe()
    system = schema_parts.maybe("the code of a system")
    labels = marshmallow_fields.Dict(required=True, metadata={"additionalProperties": {"type": "string"}})
    created_at = schema_parts.at()
    created_by = schema_parts.text()
    ended_by = schema_parts.maybe("who ended it early")
    alerts = schema_parts.number("different ones that it held")
    times = schema_parts.number("how often these came")


class HeldAlertOut(Schema):
    """An alert that a window holds or held."""

    source = schema_parts.text()
    fingerprint = schema_parts.text()
    title = schema_parts.text()
    state = schema_parts.text(enum=["firing", "resolved", "released"])
    count = schema_parts.number("how often it came")
    first_at = schema_parts.at()
    last_at = schema_parts.at()
    incident = schema_parts.maybe("where it went at the end of the window")
    payload = marshmallow_fields.Raw(required=True, metadata={"description": "as it came last"})


@blueprint.route("/maintenance-windows", methods=["POST"])
@needs("maintenance.write")
@blueprint.arguments(WindowIn)
@blueprint.response(201, WindowOut)
def add_window(given: dict[str, Any]) -> Response:
    """Plan a maintenance window."""
    facts = given | {"labels": {name: str(value) for name, value in given["labels"].items()}}
    actor = require_caller().actor
    return create(
        lambda idempotency: use_cases.add_window(facts, actor, now(), idempotency),
        lambda row: _documents([row])[0],
        lambda document: f"{PREFIX}/maintenance-windows/{document['id']}",
    )


@blueprint.route("/maintenance-windows", methods=["GET"])
@needs("maintenance.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(WindowOut))
def list_windows(given: dict[str, Any]) -> Response:
    """List maintenance windows, the newest first."""
    before = read_cursor(given["cursor"], (int,)) or (None,)
    rows = windows.list_windows(before[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": _documents(list(shown)), "next": following})


@blueprint.route(_ONE, methods=["GET"])
@needs("maintenance.read")
@blueprint.response(200, WindowOut)
def read_window(window_id: int) -> Response:
    """Read a maintenance window."""
    return _respond(system_access.visible_window(window_id))


@blueprint.route(_ONE, methods=["PATCH"])
@needs("maintenance.write")
@blueprint.arguments(WindowChange)
@blueprint.response(200, WindowOut)
def change_window(given: dict[str, Any], window_id: int) -> Response:
    """Extend or shorten a window, or correct its reason; needs If-Match."""
    row = system_access.visible_window(window_id)
    version = read_version(row.version, is_needed=True)
    return _respond(use_cases.change_window(row.id, given, version, require_caller().actor, now()))


@blueprint.route(f"{_ONE}/end", methods=["POST"])
@needs("maintenance.write")
@blueprint.response(200, WindowOut)
def end_window(window_id: int) -> Response:
    """End a window now; what still fires opens its incident within seconds."""
    row = system_access.visible_window(window_id)
    by, at, version = author(row.version)
    return _respond(use_cases.end_window(row.id, version, by, at))


@blueprint.route(f"{_ONE}/alerts", methods=["GET"])
@needs("maintenance.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(HeldAlertOut))
def list_held_alerts(given: dict[str, Any], window_id: int) -> Response:
    """List the alerts that fell in a window, with their payloads, in the order in which each came first."""
    row = system_access.visible_window(window_id)
    after = read_cursor(given["cursor"], (int,)) or (0,)
    found = windows.held_alerts_of(row.id, after[0], given["limit"] + 1)
    shown, following = page(found, given["limit"], lambda one: (one.id,))
    numbers = system_access.visible_numbers([one.incident_id for one in shown if one.incident_id is not None])
    return respond({"items": [_held(one, numbers.get(one.incident_id or 0)) for one in shown], "next": following})


def _held(row: HeldAlert, number: str | None) -> Document:
    return {
        "source": row.source,
        "fingerprint": row.fingerprint,
        "title": row.alert["title"],
        "state": row.state,
        "count": row.times,
        "first_at": format_moment(row.first_at),
        "last_at": format_moment(row.last_at),
        "incident": number,
        "payload": row.payload.get("payload"),
    }


def _respond(row: MaintenanceWindow) -> Response:
    return respond(_documents([row])[0], row.version)


def _documents(rows: list[MaintenanceWindow]) -> list[Document]:
    counts = windows.held_counts([one.id for one in rows])
    return [_document(one, *counts.get(one.id, (0, 0))) for one in rows]


def _document(row: MaintenanceWindow, alerts: int, times: int) -> Document:
    return {
        "id": row.id,
        "reason": row.reason,
        "begins_at": format_moment(row.begins_at),
        "ends_at": format_moment(row.ends_at),
        "source": row.source,
        "system": None if row.system_id is None else db.session.get_one(System, row.system_id).code,
        "labels": row.labels,
        "created_at": format_moment(row.created_at),
        "created_by": row.created_by,
        "ended_by": row.ended_by,
        "alerts": alerts,
        "times": times,
    }
