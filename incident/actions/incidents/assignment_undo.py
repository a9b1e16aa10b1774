"""Undo of an assignment: the owner of an incident is again who it was."""

import datetime as dt
import json
from typing import Any

from incident.actions.incidents import owners
from incident.actions.unit_of_work import transaction
from incident.core.incidents import incident as rules_of_incident
from incident.core.values.faults import RuleError, refuse_stale
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident
from incident.store.journal import journal


def undo_assignment(incident_id: int, version: int, by: str, now: dt.datetime) -> Incident:
    """Give an incident back to who owned it before its last change, which is an assignment by the same actor.

    An owner who could see the incident only by that assignment is no longer named on it.

    Args:
        incident_id: the incident.
        version: that of the incident after the assignment; any later change makes the undo impossible.
        by: who assigned it, and undoes it.
        now: when (UTC).

    Raises:
        RuleError: `version.stale`, `incident.is_closed`, `assignment.not_undoable` (conflicts), those of
            `owners.require_owner`.
    """
    with transaction(by, now) as uow:
        incident = incidents.lock_incident(incident_id)
        refuse_stale(incident.version, version)
        rules_of_incident.refuse_closed(incident.status)
        detail = _last_change(incident, by)
        if detail.get("after", {}).keys() != {"owner"} or "is_undo" in detail:
            raise RuleError("assignment.not_undoable", kind="conflict")
        owner_id, earlier = incident.owner_id, detail["before"]["owner"]
        back = owners.assign(incident, None if earlier is None else earlier["login"])
        if "is_named" in detail and owner_id is not None:
            incidents.remove_person(incident.id, owner_id)
        incident.changed_at = now
        incident.version += 1
        owners.announce_owner(uow, incident, back.after)
        told = {"before": back.before, "after": back.after, "is_undo": True}
        uow.record("incident.changed", f"incident:{incident.number}", told, incident.number)
    return incident


def _last_change(incident: Incident, by: str) -> dict[str, Any]:
    """Return what the journal says of the last change of an incident's facts; nothing when somebody else made it."""
    entry = journal.last_entry_of_type(incident.number, "incident.changed")
    detail: dict[str, Any] = {} if entry is None or entry.actor != by else json.loads(entry.detail)
    return detail
