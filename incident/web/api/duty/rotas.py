"""Duty rotas: people on duty, gaps, and overrides."""

import datetime as dt
from typing import Any

from flask import Response, request

from incident.actions.directory import calendars
from incident.actions.directory import rotas as use_cases
from incident.actions.notifications import on_duty
from incident.core.duty.rota import Rota, read_override, require_near
from incident.core.values.faults import RuleError
from incident.core.values.moment import parse_moment
from incident.formats.icalendar import SIZE_LIMIT
from incident.store.directory.departments import Department
from incident.store.duty import rotas as store
from incident.web.api.arguments import Arguments, read_json, require_body
from incident.web.api.duty.duty_documents import duty_document, gaps_document
from incident.web.api.duty.duty_schemas import DutyOut, GapsOut
from incident.web.api.duty.rota_schemas import DutyOverrideOut, ImportOut, RotaIn, RotaOut
from incident.web.api.endpoint import described, noun
from incident.web.api.fields import Number, Ruled
from incident.web.http.body_limits import max_body
from incident.web.http.conditional import answer_as, read_version, respond
from incident.web.http.idempotency import create
from incident.web.instance import now
from incident.web.rota_files import rota_file
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

blueprint = noun("rotas", "Who is on duty in a department, and when nobody is.")

MAX_DAYS = 400

_OVERRIDE = {
    "from": "2026-02-16T00:00:00Z",
    "until": "2026-02-17T00:00:00Z",
    "person": "zhao.min",
    "instead_of": "li.wei",
}
_ROTA = {
    "rotations": [
        {
            "name": "Weeks",
            "people": ["li.wei", "wang.fang"],
            "starts_on": "2026-01-05",
            "every": "P7D",
            "handover": "08:30",
        }
    ],
    "overrides": [_OVERRIDE],
    "leave": [],
}


@blueprint.route("/departments/<code>/rota", methods=["PUT"])
@needs("rota.write")
@blueprint.response(200, RotaOut)
@blueprint.doc(requestBody=described(RotaIn, _ROTA))
def put_rota(code: str) -> Response:
    """Replace the duty rota of a department; every level notified from now on uses it."""
    department = access.visible_department(code)
    rota = Rota.from_json(read_json())
    version = read_version(_version(department))
    row = use_cases.put_rota(department.id, rota, version, require_caller().actor, now())
    return respond(row.document, row.version)


@blueprint.route("/departments/<code>/rota", methods=["GET"])
@needs("department.read")
@blueprint.response(200, RotaOut)
def read_rota(code: str) -> Response:
    """Read the duty rota of a department; an empty one when none was set."""
    department = access.visible_department(code)
    return respond(use_cases.rota_of(department.id).to_json(), _version(department))


@blueprint.route("/departments/<code>/rota/overrides", methods=["POST"])
@needs("override.write")
@blueprint.response(201, DutyOverrideOut)
@blueprint.doc(requestBody=described(DutyOverrideOut, _OVERRIDE))
def add_override(code: str) -> Response:
    """Add an override; the head and the deputies of a department may do so, too."""
    department = access.overridden_department(code)
    override = read_override(read_json(), "")
    department_id, actor = department.id, require_caller().actor
    return create(
        lambda idempotency: use_cases.add_overrides(department_id, [override], actor, now(), idempotency),
        lambda added: added[0].to_json(),
    )


class At(Arguments):
    """A moment."""

    at = Ruled(lambda text: require_near(parse_moment(text)), load_default=None)


@blueprint.route("/departments/<code>/duty", methods=["GET"])
@needs("department.read")
@blueprint.arguments(At, location="query")
@blueprint.response(200, DutyOut)
def read_duty(given: dict[str, Any], code: str) -> Response:
    """Read who is on duty at a moment; the default is now."""
    department = access.visible_department(code)
    at = given["at"] or now()
    return respond(duty_document(department, on_duty.plan_of(department), at))


class DaysAhead(Arguments):
    """How far ahead to search."""

    days = Number(1, MAX_DAYS, is_written=True, load_default=90)


@blueprint.route("/departments/<code>/gaps", methods=["GET"])
@needs("department.read")
@blueprint.arguments(DaysAhead, location="query")
@blueprint.response(200, GapsOut)
def list_gaps(given: dict[str, Any], code: str) -> Response:
    """List when nobody is on duty from now on; the whole period in a department without a rota."""
    department = access.visible_department(code)
    start = now()
    end = start + dt.timedelta(days=given["days"])
    plan = on_duty.plan_of(department) or on_duty.empty_plan(department)
    return respond(gaps_document(department, plan, start, end))


class Export(Arguments):
    """How far ahead the file extends."""

    days = Number(1, MAX_DAYS, is_written=True, load_default=90)


@blueprint.route("/departments/<code>/rota.ics", methods=["GET"])
@needs("department.read")
@blueprint.arguments(Export, location="query")
@blueprint.response(200, {"type": "string"}, content_type="text/calendar")
def export_rota(given: dict[str, Any], code: str) -> Response:
    """Read the shifts of the next days as iCalendar, gaps included; a shift keeps its UID."""
    department = access.visible_department(code)
    return answer_as(rota_file(department, given["days"]), "text/calendar; charset=utf-8")


@blueprint.route("/departments/<code>/rota/import", methods=["POST"])
@needs("rota.write")
@max_body(SIZE_LIMIT)
@blueprint.response(201, ImportOut)
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {"text/calendar": {"schema": {"type": "string", "maxLength": SIZE_LIMIT}}},
    }
)
def import_rota(code: str) -> Response:
    """Add the events of an iCalendar file to a rota as overrides."""
    department = access.visible_department(code)
    if request.mimetype not in ("text/calendar", ""):
        raise RuleError("media_type.not_calendar", {"given": request.mimetype[:80]})
    body, actor = require_body(), require_caller().actor
    return create(
        lambda idempotency: calendars.import_events(department, body, actor, now(), idempotency),
        lambda added: {"overrides": [one.to_json() for one in added]},
    )


def _version(department: Department) -> int:
    row = store.rota_of(department.id)
    return 0 if row is None else row.version
