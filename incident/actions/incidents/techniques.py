"""Techniques of MITRE ATT&CK on an incident: added and removed."""

import datetime as dt
from typing import Final

from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.incidents.incident import refuse_closed
from incident.core.values.faults import RuleError
from incident.data.attack import techniques
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident, lock_incident
from incident.store.incidents.techniques import IncidentTechnique, techniques_of

MAX_TECHNIQUES: Final = 50
"""Techniques of one incident."""


def add_technique(incident_id: int, technique: str, by: str, now: dt.datetime) -> None:
    """Add a technique to an incident; the same one again changes nothing.

    Args:
        incident_id: the incident.
        technique: the id of the technique, such as `T1566.001`.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `technique.unknown`, or `incident.is_closed`, `technique.too_many` (conflict).
    """
    if technique not in techniques():
        raise RuleError("technique.unknown", pointer="/technique")
    with transaction(by, now) as uow:
        incident = lock_incident(incident_id)
        refuse_closed(incident.status)
        known = techniques_of(incident.id)
        if technique not in known:
            if len(known) >= MAX_TECHNIQUES:
                raise RuleError("technique.too_many", {"most": MAX_TECHNIQUES}, kind="conflict")
            uow.insert(IncidentTechnique, incident_id=incident.id, technique=technique, added_at=now, added_by=by)
            _record(uow, incident, {"added": [technique]}, now)


def remove_technique(incident_id: int, technique: str, by: str, now: dt.datetime) -> None:
    """Remove a technique from an incident.

    Raises:
        RuleError: `incident.is_closed` (conflict), `technique.not_on_incident` (not found).
    """
    with transaction(by, now) as uow:
        incident = lock_incident(incident_id)
        refuse_closed(incident.status)
        row = db.session.get(IncidentTechnique, (incident.id, technique), populate_existing=True)
        if row is None:
            raise RuleError("technique.not_on_incident", kind="not_found")
        db.session.delete(row)
        _record(uow, incident, {"removed": [technique]}, now)


def _record(uow: UnitOfWork, incident: Incident, detail: dict[str, list[str]], now: dt.datetime) -> None:
    incident.changed_at = now
    incident.version += 1
    uow.record("incident.techniques_changed", f"incident:{incident.number}", detail, incident.number)
