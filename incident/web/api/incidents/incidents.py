"""Incidents: open, list, read, change, acknowledge, close, reopen; their notes and their journal."""

from typing import Any

from flask import Response
from marshmallow import pre_load

from incident.actions.incidents import incident_systems as use_cases_of_systems
from incident.actions.incidents import incidents as use_cases
from incident.actions.incidents.open_incident import NewIncident
from incident.core.incidents import routing
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.text import DESCRIPTION_LIMIT, TITLE_LIMIT
from incident.store.incidents import alerts
from incident.store.incidents.incidents import Incident
from incident.store.journal import journal
from incident.store.queries.incident_list import list_incidents as incidents_of_list
from incident.store.queries.incident_order import SHAPES, place_of
from incident.store.queries.systems import indexed_by_codes
from incident.web.api import fields
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import PREFIX, Paged, WithReason, noun
from incident.web.api.fields import Grade, Moment, Number, Text, Truth
from incident.web.api.incidents.incident_documents import (
    alert_document,
    entry_document,
    incident_brief,
    incident_document,
    incident_items,
)
from incident.web.api.incidents.incident_query import IncidentQuery, queried_filter
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
    systems = fields.codes(
        metadata={"description": "codes of systems that it is about, beside those that its indicators show"}
    )
    playbook = Text(200, is_line=True, allow_none=True)
    reports = fields.ids()


class IncidentChange(_Facts):
    """New values; departments are added and notified, indicators replace the existing ones."""

    title = Text(TITLE_LIMIT, is_line=True)
    people = fields.logins(
        metadata={"description": "the logins of all who are named on it and may see it also when it is TLP:RED"}
    )
    owner = fields.login("the login of who leads the work, a person who may change incidents; null for nobody")
    liaison = fields.login("the login of who keeps contact with other departments; null for nobody")
    communication = fields.login("the login of who speaks to the public; null for nobody")


@blueprint.route("/incidents", methods=["POST"])
@needs("incident.create")
@blueprint.arguments(NewIncidentIn)
@blueprint.response(201, IncidentItem)
def open_incident(given: dict[str, Any]) -> Response:
    """Open an incident; its departments are notified and its playbook is started at once."""
    asking = require_caller()
    starts.startable_playbook(given.get("playbook"), _routing_input(given))
    access.named_reports(given.get("reports") or ())
    new = NewIncident(**{name: value for name, value in given.items() if value is not None}, person_id=asking.person_id)
    zone = current_instance().settings.zone
    return create(
        lambda idempotency: use_cases.open_incident(new, asking.actor, now(), zone, idempotency),
        incident_brief,
        lambda document: f"{PREFIX}/incidents/{document['number']}",
    )


def _routing_input(given: dict[str, Any]) -> routing.RoutingInput:
    asked: dict[str, Any] = {name: given.get(name) for name in ("category", "grade", "sector", "region", "campaign")}
    named = tuple(indexed_by_codes(given.get("systems") or ()).values())
    return routing.RoutingInput(source="manual", systems=named, **asked)


@blueprint.route("/incidents", methods=["GET"])
@needs("incident.read")
@blueprint.arguments(IncidentQuery, location="query")
@blueprint.response(200, page_of(IncidentItem))
def list_incidents(given: dict[str, Any]) -> Response:
    """List incidents: those without any notified department first, then the newest, unless sorted otherwise."""
    sort = given["sort"]
    after = read_cursor(given["cursor"], SHAPES[sort])
    wanted = queried_filter(given)
    if wanted is None:
        return respond({"items": [], "next": None})
    rows = incidents_of_list(access.viewer(), wanted, after, given["limit"] + 1, sort)
    shown, following = page(rows, given["limit"], lambda row: place_of(row, sort))
    return respond({"items": incident_items(shown), "next": following})


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
    """Acknowledge an incident for a department; without a department, take it on and own it if nobody does."""
    incident = access.visible_incident(number)
    department = access.answering_department(incident, given["department"])
    by, at, version = author(incident.version)
    person_id = access.owning_person()
    return _respond(use_cases.acknowledge_incident(incident.id, department, by, "api", at, version, person_id))


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


class SystemsIn(Arguments):
    """The codes of all systems of the incident."""

    systems = fields.codes(required=True)


@blueprint.route("/incidents/<number>/systems", methods=["PUT"])
@needs("incident.change")
@blueprint.arguments(SystemsIn)
@blueprint.response(200, IncidentOut)
def put_systems(given: dict[str, Any], number: str) -> Response:
    """Let an incident have exactly these systems; needs If-Match."""
    incident = access.visible_incident(number)
    version = read_version(incident.version, is_needed=True)
    return _respond(
        use_cases_of_systems.put_systems(incident.id, given["systems"], version, require_caller().actor, now())
    )


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
