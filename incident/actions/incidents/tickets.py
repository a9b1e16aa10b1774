"""Links from an incident to tickets in other systems."""

import datetime as dt
from typing import Final

from incident.actions.unit_of_work import IdempotentRequest, transaction
from incident.core.values.faults import RuleError, raise_all, refuse_stale
from incident.outgoing import url_fault
from incident.store.db.database import db
from incident.store.incidents.incidents import lock_incident
from incident.store.incidents.tickets import ExternalTicket, count_tickets, ticket_by_key

SYSTEM_LIMIT: Final = 60
KEY_LIMIT: Final = 100
MAX_TICKETS: Final = 50


def link_ticket(
    incident_id: int,
    system: str,
    key: str,
    url: str,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
    version: int | None = None,
) -> ExternalTicket:
    """Link an incident to a ticket in another system.

    Args:
        incident_id: the incident.
        system: the name of the other system.
        key: that of the ticket there.
        url: its address, http or https.
        by: who.
        now: when (UTC).
        idempotency: the caller's key.
        version: of the incident that the caller has read; None skips the check.

    Raises:
        RuleError: a code of `incident.outgoing.url_fault`; `ticket.exists`, `ticket.too_many`,
            `version.stale` (conflict).
    """
    fault = url_fault(url)
    raise_all([] if fault is None else [RuleError(fault, pointer="/url")])
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        refuse_stale(incident.version, version)
        if ticket_by_key(incident.id, system, key) is not None:
            raise RuleError("ticket.exists", {"system": system, "key": key}, pointer="/key", kind="conflict")
        if count_tickets(incident.id) >= MAX_TICKETS:
            raise RuleError("ticket.too_many", {"most": MAX_TICKETS}, kind="conflict")
        row = uow.add(
            ExternalTicket(incident_id=incident.id, system=system, key=key, url=url, linked_at=now, linked_by=by)
        )
        detail = {"system": system, "key": key, "url": url}
        uow.record("incident.ticket_linked", f"incident:{incident.number}", detail, incident.number)
        uow.store_response(row)
    return row


def unlink_ticket(incident_id: int, ticket_id: int, by: str, now: dt.datetime, version: int | None = None) -> None:
    """Remove the link from an incident to a ticket.

    Raises:
        RuleError: `ticket.not_linked` (not found), `version.stale` (conflict).
    """
    with transaction(by, now) as uow:
        incident = lock_incident(incident_id)
        refuse_stale(incident.version, version)
        row = db.session.get(ExternalTicket, ticket_id, populate_existing=True)
        if row is None or row.incident_id != incident.id:
            raise RuleError("ticket.not_linked", {"id": ticket_id}, kind="not_found")
        detail = {"system": row.system, "key": row.key, "url": row.url}
        db.session.delete(row)
        uow.record("incident.ticket_unlinked", f"incident:{incident.number}", detail, incident.number)
