"""Incidents: open, list, read, change, acknowledge, close, reopen; their notes and their journal."""

from typing import Any

from flask import Response
from marshmallow import pre_load

from incident.actions.incidents import incidents as use_cases
from incident.actions.incidents.open_incident import NewIncident
from incident.core.incidents import routing
from incident.core.incidents.incident import REASON_LIMIT, STATUSES
from incident.core.values.text import DESCRIPTION_LIMIT, TITLE_LIMIT
from incident.store.directory import departments
from incident.store.incidents import alerts
from incident.store.incidents.incidents import Incident
from incident.store.journal import journal
from incident.store.queries import incident_list
from incident.store.queries.search import search_filter
from incident.web.api import fields
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import PREFIX, Paged, WithReason, noun
from incident.web.api.fields import Choice, Grade, Moment, Number, Text, Truth
from incident.web.api.incidents.incident_documents import (
    alert_document,
    entry_document,
    incident_brief,
    incident_document,
    incident_items,
)
from incident.web.api.incidents.incident_schemas import EntryOut, IncidentAlertOut, IncidentItem, IncidentOut
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import author, read_version, respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import current_instance, now
from incident.web.security import access, starts
from incident.web.security.auth import needs, require_caller
from incident.web.security.visible import shown_entries

blueprint = noun("incidents", "Security events that are being handled.")


class _Facts(Arguments):
    """Fields of an incident that may be given and changed."""

    description = Text(DESCRIPTION_LIMIT, may_be_empty=True)
    occurred_at = Moment(allow_none=True)
    detected_at = Moment(allow_none=True)
    category = fields.category(allow_none=True)
    grade = Grade(allow_none=True)
    sector = fields.area("energy", allow_none=True)
    region = fields.area("330100", allow_none=True)
    campaign = fields.area("HW-2026", allow_none=True)
    tlp = fields.tlp()
    departments = fields.codes()
    indicators = fields.Indicators()


class NewIncidentIn(_Facts):
    """Fields of a new incident; the routing rules fill in missing ones."""

    title = Text(TITLE_LIMIT, is_line=True, required=True)
    playbook = Text(200, is_line=True, allow_none=True)
    reports = fields.ids()


class IncidentChange(_Facts):
    """New values; departments are added and notified, indicators replace the existing ones."""

    title = Text(TITLE_LIMIT, is_line=True)
    people = fields.ids(metadata={"description": "people named on it, who may see it also when it is TLP:RED"})


class IncidentQuery(Paged):
    """Filters of the list of incidents."""

    status = Choice(STATUSES, load_default=None)
    grade = Grade(load_default=None)
    category = fields.category(load_default=None)
    sector = fields.area("energy", load_default=None)
    region = fields.area("33", load_default=None)
    campaign = fields.area("HW-2026", load_default=None)
    department = fields.code(load_default=None)
    exercise = Choice(
        ("true", "false"), load_default="false", metadata={"description": "the exercises of drills, and nothing real"}
    )
    q = Text(500, load_default=None, metadata={"description": "words, Chinese characters, addresses, names, hashes"})
    since = fields.Bound(load_default=None, data_key="from", metadata={"description": "opened at or after"})
    until = fields.Bound(
        is_end=True, load_default=None, data_key="to", metadata={"description": "opened before; a day is meant whole"}
    )


@blueprint.route("/incidents", methods=["POST"])
@needs("incident.create")
@blueprint.arguments(NewIncidentIn)
@blueprint.response(201, IncidentItem)
def open_incident(given: dict[str, Any]) -> Response:
    """Open an incident; its departments are notified and its playbook is started at once."""
    asking = require_caller()
    starts.startable_playbook(given.get("playbook"), _said(given))
    access.named_reports(given.get("reports") or ())
    new = NewIncident(**{name: value for name, value in given.items() if value is not None}, person_id=asking.person_id)
    zone = current_instance().settings.zone
    return create(
        lambda idempotency: use_cases.open_incident(new, asking.actor, now(), zone, idempotency),
        incident_brief,
        lambda document: f"{PREFIX}/incidents/{document['number']}",
    )


def _said(given: dict[str, Any]) -> routing.RoutingInput:
    asked: dict[str, Any] = {name: given.get(name) for name in ("category", "grade", "sector", "region", "campaign")}
    return routing.RoutingInput(source="manual", **asked)


@blueprint.route("/incidents", methods=["GET"])
@needs("incident.read")
@blueprint.arguments(IncidentQuery, location="query")
@blueprint.response(200, page_of(IncidentItem))
def list_incidents(given: dict[str, Any]) -> Response:
    """List incidents: those without any notified department first, then the newest."""
    after = read_cursor(given["cursor"], (int, int))
    wanted = _filter(given)
    if wanted is None:
        return respond({"items": [], "next": None})
    rows = incident_list.list_incidents(access.viewer(), wanted, after, given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (int(row.is_unreached), row.id))
    return respond({"items": incident_items(shown), "next": following})


def _filter(given: dict[str, Any]) -> incident_list.IncidentFilter | None:
    """Return the filter for incidents; None if it names an unknown department."""
    department = departments.department_by_code(given["department"]) if given["department"] else None
    if given["department"] and department is None:
        return None
    return incident_list.IncidentFilter(
        status=given["status"],
        grade=given["grade"],
        category=given["category"],
        sector=given["sector"],
        region=given["region"],
        campaign=given["campaign"],
        department_id=None if department is None else department.id,
        since=given["since"],
        until=given["until"],
        found=search_filter(given["q"], reads_journal=access.is_allowed("journal.read")),
        is_exercise=given["exercise"] == "true",
    )


@blueprint.route("/incidents/<number>", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, IncidentOut)
def read_incident(number: str) -> Response:
    """Read an incident with its runs, tasks, notices and reports."""
    return _respond(access.visible_incident(number))


def _respond(incident: Incident) -> Response:
    return respond(incident_document(incident), incident.version)


@blueprint.route("/incidents/<number>", methods=["PATCH"])
@needs("incident.change")
@blueprint.arguments(IncidentChange)
@blueprint.response(200, IncidentOut)
def change_incident(given: dict[str, Any], number: str) -> Response:
    """Change fields of an incident; needs If-Match."""
    incident = access.visible_incident(number)
    version = read_version(incident.version, is_needed=True)
    return _respond(use_cases.change_incident(incident.id, given, version, require_caller().actor, now()))


class AcknowledgeIn(Arguments):
    """The department to act for; the default is the caller's own."""

    department = fields.code(allow_none=True, load_default=None)


@blueprint.route("/incidents/<number>/acknowledge", methods=["POST"])
@needs("incident.acknowledge")
@blueprint.arguments(AcknowledgeIn, required=False)
@blueprint.response(200, IncidentOut)
def acknowledge_incident(given: dict[str, Any], number: str) -> Response:
    """Acknowledge an incident for a department; without a department, take it on."""
    incident = access.visible_incident(number)
    department = access.answering_department(incident, given["department"])
    by, at, version = author(incident.version)
    return _respond(use_cases.acknowledge_incident(incident.id, department, by, "api", at, version))


class CloseIn(Arguments):
    """The outcome; `override` with a reason closes despite live runs and open tasks, which are cancelled."""

    resolution = Text(300, is_line=True, allow_none=True, load_default=None)
    note = Text(DESCRIPTION_LIMIT, allow_none=True, load_default=None)
    override = Truth(load_default=False)
    reason = Text(REASON_LIMIT, allow_none=True, load_default=None)


@blueprint.route("/incidents/<number>/close", methods=["POST"])
@needs("incident.close")
@blueprint.arguments(CloseIn, required=False)
@blueprint.response(200, IncidentOut)
def close_incident(given: dict[str, Any], number: str) -> Response:
    """Close an incident; open notices are withdrawn."""
    incident = access.visible_incident(number)
    reason = (given["reason"] or "") if given["override"] else None
    resolution, note = given["resolution"], given["note"]
    return _respond(use_cases.close_incident(incident.id, resolution, note, reason, *author(incident.version)))


@blueprint.route("/incidents/<number>/reopen", methods=["POST"])
@needs("incident.reopen")
@blueprint.arguments(WithReason, required=False)
@blueprint.response(200, IncidentOut)
def reopen_incident(given: dict[str, Any], number: str) -> Response:
    """Reopen a closed incident; its departments are notified again."""
    incident = access.visible_incident(number)
    return _respond(use_cases.reopen_incident(incident.id, given["reason"], *author(incident.version)))


class NoteIn(Arguments):
    """The text of the note; `note`, the name used in closing and completing, is an alias of `text`."""

    text = Text(DESCRIPTION_LIMIT, required=True)

    @pre_load
    def take_note(self, given: Any, **_: Any) -> Any:
        """Use a lone `note` as the text."""
        return {"text": given["note"]} if isinstance(given, dict) and given.keys() == {"note"} else given


@blueprint.route("/incidents/<number>/notes", methods=["POST"])
@needs("note.write")
@blueprint.arguments(NoteIn)
@blueprint.response(201, IncidentItem)
def add_note(given: dict[str, Any], number: str) -> Response:
    """Add a note to an incident; it is recorded in its journal."""
    incident = access.visible_incident(number)
    version = read_version(incident.version)
    actor = require_caller().actor
    return create(
        lambda idempotency: use_cases.add_note(incident.id, given["text"], actor, now(), idempotency, version),
        incident_brief,
    )


@blueprint.route("/incidents/<number>/alerts", methods=["GET"])
@needs("incident.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(IncidentAlertOut))
def read_alerts_of_incident(given: dict[str, Any], number: str) -> Response:
    """Read the alerts that reached an incident, in the order in which each came first, with those grouped into it."""
    incident = access.visible_incident(number)
    after = read_cursor(given["cursor"], (int,)) or (0,)
    rows = alerts.alerts_in(incident.id, after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.first_id,))
    return respond({"items": [alert_document(row) for row in shown], "next": following})


class JournalQuery(Paged):
    """Pagination parameters of a journal."""

    limit = Number(1, 200, is_written=True, load_default=200)


@blueprint.route("/incidents/<number>/journal", methods=["GET"])
@needs("journal.read")
@blueprint.arguments(JournalQuery, location="query")
@blueprint.response(200, page_of(EntryOut))
def read_journal(given: dict[str, Any], number: str) -> Response:
    """Read the journal of an incident, the oldest entry first."""
    incident = access.visible_incident(number)
    after = read_cursor(given["cursor"], (int,)) or (-1,)
    entries = journal.entries_of(incident.number, after[0], given["limit"] + 1, shown_entries(incident))
    shown, following = page(entries, given["limit"], lambda entry: (entry.seq,))
    return respond({"items": [entry_document(entry) for entry in shown], "next": following})
