"""Representations of incidents and their journal in the API; hand-written because they are read often."""

import json
from collections.abc import Sequence
from typing import Any

from incident.actions.incidents.owners import owner_facts
from incident.core.incidents.roles import ROLES
from incident.core.values.moment import format_moment
from incident.store.directory.people import logins_by_id, people_of
from incident.store.incidents.incidents import Incident, people_on
from incident.store.incidents.lookups import numbers_of
from incident.store.incidents.roles import holders_of
from incident.store.incidents.tickets import ExternalTicket, tickets_of
from incident.store.journal.journal import Entry
from incident.store.queries import incident_list, incident_view
from incident.store.queries.filing_clocks import filing_clocks
from incident.web.api.document_parts import Document, moment
from incident.web.api.notifications.notice_documents import deliveries, notice_document
from incident.web.api.playbooks.run_documents import run_item
from incident.web.api.playbooks.task_documents import task_document
from incident.web.api.reports.report_documents import report_item
from incident.web.api.systems.system_documents import system_on_document
from incident.web.security import access
from incident.web.security.access_log_writer import note_listed
from incident.web.security.visible import shown_runs, shown_systems, shown_tasks


def incident_items(rows: Sequence[incident_list.IncidentRow]) -> list[Document]:
    """Serialize the rows of a list of incidents, each with the codes of its departments."""
    note_listed(rows)
    return [
        incident_item(row, incident_list.codes_of(row.codes), row.earlier, _owner(row.owner_login, row.owner_name))
        for row in rows
    ]


def _owner(login: str | None, name: str | None) -> Document | None:
    return None if login is None else {"login": login, "name": name}


def incident_item(row: Any, codes: list[str], earlier: str | None, owner: Document | None) -> Document:
    """Serialize the fields of an incident, from a row of a list or the incident itself."""
    return {
        "number": row.number,
        "title": row.title,
        "description": row.description,
        "category": row.category,
        "grade": row.grade,
        "sector": row.sector,
        "region": row.region,
        "campaign": row.campaign,
        "status": row.status,
        "tlp": row.tlp,
        "source": row.source,
        "occurred_at": moment(row.occurred_at),
        "detected_at": moment(row.detected_at),
        "opened_at": format_moment(row.opened_at),
        "changed_at": format_moment(row.changed_at),
        "handled_at": moment(row.handled_at),
        "next_due_at": moment(row.next_due_at),
        "closed_at": moment(row.closed_at),
        "resolution": row.resolution,
        "earlier": earlier,
        "owner": owner,
        "matched": row.matched,
        "is_unreached": row.is_unreached,
        "is_exercise": row.speed is not None,
        "departments": codes,
    }


def alert_document(row: Any) -> Document:
    """Serialize an alert of an incident with the number of its repeats, and why it was grouped."""
    return {
        "title": row.title,
        "source": row.source,
        "fingerprint": row.fingerprint,
        "status": row.status,
        "count": row.times,
        "first_at": format_moment(row.first_at),
        "last_at": format_moment(row.last_at),
        "grouped": None if row.grouping == "own" else row.grouping,
    }


def incident_brief(incident: Incident) -> Document:
    """Serialize an incident without its related records."""
    return _brief(incident, list(incident_view.codes_on(incident.id).values()))


def _brief(incident: Incident, codes: list[str]) -> Document:
    earlier = None if incident.earlier_id is None else numbers_of([incident.earlier_id])[incident.earlier_id]
    return incident_item(incident, codes, earlier, owner_facts(incident.owner_id))


def incident_document(incident: Incident) -> Document:
    """Serialize an incident with its runs, tasks, notices, indicators, and the reports for permitted callers."""
    number, codes = incident.number, incident_view.codes_on(incident.id)
    document = _brief(incident, list(codes.values()))
    runs = incident_view.runs_on(incident.id)
    document["runs"] = [run_item(run, run.playbook) for run in shown_runs(runs)]
    tasks = shown_tasks(incident_view.tasks_on(incident.id), runs)
    logins = logins_by_id({one.assignee_id for one in tasks if one.assignee_id is not None})
    clocks = filing_clocks(tasks)
    document["tasks"] = [task_document(one, number, codes, logins, clocks) for one in tasks]
    document["notices"] = _notices(incident, codes)
    if access.is_allowed("report.read"):
        document["reports"] = _reports(incident)
    document["tickets"] = [ticket_document(row) for row in tickets_of(incident.id)]
    seen = incident_view.indicators_on(incident.id)
    document["indicators"] = [{"kind": one.kind, "value": one.value} for one in seen]
    document |= _people(incident)
    document["systems"] = [system_on_document(one) for one in shown_systems(incident.id)]
    return document


def _people(incident: Incident) -> Document:
    holders = holders_of(incident.id)
    named = sorted(people_of(people_on(incident.id)), key=lambda one: one.id)
    facts: Document = {role: owner_facts(holders.get(role)) for role in ROLES}
    return facts | {"people": [owner_facts(one.id) for one in named]}


def ticket_document(row: ExternalTicket) -> Document:
    """Serialize a ticket of another system."""
    facts = {name: getattr(row, name) for name in ("id", "system", "key", "url")}
    return facts | {"linked_at": format_moment(row.linked_at), "linked_by": row.linked_by}


def _notices(incident: Incident, codes: dict[int, str]) -> list[Document]:
    rows = access.answerable_notices(incident_view.notice_rows_on(incident.id))
    sent = deliveries(incident_view.messages_on(incident.id) if rows else ())
    return [notice_document(notice, incident.number, codes, sent) for notice in rows]


def incident_with_reports(incident: Incident) -> Document:
    """Serialize an incident with its linked reports."""
    return incident_brief(incident) | {"reports": _reports(incident)}


def _reports(incident: Incident) -> list[Document]:
    rows = incident_view.reports_on(incident.id)
    return [report_item(one) for one in rows if access.may_see_report(one.id)]


def entry_document(entry: Entry) -> Document:
    """Serialize an entry of the journal."""
    return {
        "seq": entry.seq,
        "at": format_moment(entry.at),
        "actor": entry.actor,
        "verb": entry.event_type,
        "incident": entry.incident,
        "subject": entry.subject,
        "detail": json.loads(entry.detail),
        "hash": entry.hash,
    }
