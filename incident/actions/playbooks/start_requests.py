"""Requests to start a playbook, by people without the permission; each is granted by the start, or declined."""

import datetime as dt

from incident.actions.unit_of_work import IdempotentRequest, transaction
from incident.core.incidents.incident import refuse_closed
from incident.core.values.faults import RuleError, refuse_stale
from incident.store.db.database import db
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident
from incident.store.playbooks import playbooks
from incident.store.queries import start_requests
from incident.store.queries.start_requests import StartRequest


def request_start(
    incident_id: int,
    playbook_id: str,
    note: str | None,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
    version: int | None = None,
) -> StartRequest:
    """Request that a playbook is started on an open incident.

    Args:
        incident_id: the incident.
        playbook_id: its CACAO id.
        note: why; it is stored in the journal.
        by: who.
        now: when (UTC).
        idempotency: the caller's key, under which the same request gets the same response.
        version: the version of the incident that the caller has read; None skips the check.

    Raises:
        RuleError: `playbook.unknown` (invalid), `incident.is_closed`, `start_request.is_pending` (conflict),
            `version.stale`.
    """
    with transaction(by, now, idempotency) as uow:
        incident = incidents.lock_incident(incident_id)
        refuse_stale(incident.version, version)
        refuse_closed(incident.status)
        playbook = playbooks.current_version(playbook_id)
        if playbook is None:
            raise RuleError("playbook.unknown", {"playbook": playbook_id}, pointer="/playbook")
        if start_requests.waiting_request(incident.id, playbook_id) is not None:
            raise RuleError("start_request.is_pending", kind="conflict")
        made = StartRequest(
            incident_id=incident.id, playbook=playbook_id, name=playbook.name, note=note, asked_at=now, asked_by=by
        )
        uow.add(made)
        detail = {"request": made.id, "name": playbook.name, "note": note}
        uow.record("run.requested", f"playbook:{playbook_id}", detail, incident.number)
        uow.store_response(made)
    return made


def decline_request(request_id: int, reason: str, by: str, now: dt.datetime) -> StartRequest:
    """Decline a request, also one that waits for approval; the reason is in the incident's journal.

    Raises:
        RuleError: `start_request.has_ended` (conflict).
    """
    with transaction(by, now) as uow:
        row = db.session.get_one(StartRequest, request_id)
        incident: Incident = incidents.lock_incident(row.incident_id)
        db.session.refresh(row)
        if row.state not in ("pending", "scheduled"):
            raise RuleError("start_request.has_ended", kind="conflict")
        row.state, row.ended_at, row.ended_by, row.reason = "declined", now, by, reason
        detail = {"request": row.id, "name": row.name, "reason": reason}
        uow.record("run.request_declined", f"playbook:{row.playbook}", detail, incident.number)
    return row
