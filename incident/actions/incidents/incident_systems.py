"""The systems of an incident, as a person says."""

import datetime as dt
from collections.abc import Sequence

from incident.actions.incidents import rerouting
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.incidents import incident as rules_of_incident
from incident.core.values.faults import RuleError, member, raise_all, refuse_stale
from incident.store.db.database import db
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident
from incident.store.systems import systems
from incident.store.systems.systems import IncidentSystem, System

PERSON = "person"


def put_systems(incident_id: int, codes: Sequence[str], version: int | None, by: str, now: dt.datetime) -> Incident:
    """Let an incident have exactly these systems; owners that the rules name now are proposed, not notified.

    Args:
        incident_id: the incident.
        codes: those of the systems.
        version: the version that the caller has read; None skips the check.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `system.unknown` for each, `version.stale`, `incident.is_closed` (conflict).
    """
    with transaction(by, now) as uow:
        incident = incidents.lock_incident(incident_id)
        refuse_stale(incident.version, version)
        rules_of_incident.refuse_closed(incident.status)
        wanted = _known(codes)
        links = systems.links_of(incident_id)
        added = [one for one in wanted.values() if one.id not in links or links[one.id].removed_at is not None]
        kept = {one.id for one in wanted.values()}
        removed = [link for link in links.values() if link.removed_at is None and link.system_id not in kept]
        if added or removed:
            _apply(uow, incident, added, removed)
    return incident


def _known(codes: Sequence[str]) -> dict[str, System]:
    known = systems.systems_by_codes(codes)
    raise_all(
        RuleError("system.unknown", {"code": code}, pointer=member("/systems", index))
        for index, code in enumerate(codes)
        if code not in known
    )
    return known


def _apply(uow: UnitOfWork, incident: Incident, added: Sequence[System], removed: Sequence[IncidentSystem]) -> None:
    for one in added:
        db.session.merge(
            IncidentSystem(incident_id=incident.id, system_id=one.id, matched_by=PERSON, seen=None, removed_at=None)
        )
    for link in removed:
        link.removed_at = uow.now
    db.session.flush()
    incident.changed_at = uow.now
    incident.version += 1
    detail = {
        "added": [{"code": one.code, "name": one.name} for one in added],
        "removed": [
            {"code": one.code, "name": one.name}
            for one in (db.session.get_one(System, link.system_id) for link in removed)
        ],
    }
    proposed = rerouting.propose(incident, {rerouting.SYSTEMS})
    uow.record(
        "incident.systems_changed",
        f"incident:{incident.number}",
        detail | ({"departments_proposed": proposed} if proposed else {}),
        incident.number,
    )
