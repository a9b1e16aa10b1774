"""Representations of incidents and their journal in the API; hand-written because they are read often."""

import json
from collections.abc import Sequence
from typing import Any

from incident.core.values.moment import format_moment
from incident.store.incidents.incidents import Incident
from incident.store.incidents.lookups import numbers_of
from incident.store.journal.journal import Entry
from incident.store.queries import incident_list, incident_view
from incident.web.api.document_parts import Document, moment
from incident.web.api.notifications.notice_documents import deliveries, notice_document
from incident.web.api.playbooks.run_documents import run_item
from incident.web.api.playbooks.task_documents import task_document
from incident.web.api.reports.report_documents import report_item
from incident.web.security import access
from incident.web.security.access_log_writer import note_listed
from incident.web.security.visible import shown_runs, shown_tasks


def incident_items(rows: Sequence[incident_list.IncidentRow]) -> list[Document]:
    """Serialize the rows of a list of incidents, each with the codes of its departments."""
    note_listed(rows)
    return [incident_item(row, incident_list.codes_of(row.codes), row.earlier) for row in rows]


def incident_item(row: Any, codes: list[str], earlier: str | None) -> Document:
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
        "closed_at": moment(row.closed_at),
        "resolution": row.resolution,
        "earlier": earlier,
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
    return incident_item(incident, codes, earlier)


def incident_document(incident: Incident) -> Document:
    """Serialize an incident with its runs, tasks, notices, indicators, and the reports for permitted callers."""
    number, codes = incident.number, incident_view.codes_on(incident.id)
    document = _brief(incident, list(codes.values()))
    runs = incident_view.runs_on(incident.id)
    document["runs"] = [run_item(run, run.playbook) for run in shown_runs(runs)]
    tasks = shown_tasks(incident_view.tasks_on(incident.id), runs)
    document["tasks"] = [task_document(one, number, codes) for one in tasks]
    document["notices"] = _notices(incident, codes)
    if access.is_allowed("report.read"):
        document["reports"] = _reports(incident)
    seen = incident_view.indicators_on(incident.id)
    document["indicators"] = [{"kind": one.kind, "value": one.value} for one in seen]
    return document


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
