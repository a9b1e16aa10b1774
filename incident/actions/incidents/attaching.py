"""Attaching alerts to open incidents: what is new is added and noted."""

from incident.actions.incidents.alert_filing import filing_of, known_indicators
from incident.actions.incidents.open_incident import NewIncident
from incident.actions.incidents.placing import Place
from incident.actions.incidents.routing import state_in_force
from incident.actions.systems.matching import add_matches, match_systems
from incident.actions.unit_of_work import UnitOfWork
from incident.core.incidents.alert import Alert
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident, Indicator


def attach_alert(uow: UnitOfWork, incident: Incident, alert: Alert, new: NewIncident, reason: str) -> bool:
    """Attach news to the incident: an entry, new indicators and systems; return whether there are new indicators."""
    event_type = "alert.resolved" if alert.status == "resolved" else "alert.attached"
    added = add_matches(incident.id, match_systems(state_in_force(uow).systems, new.indicators, new.labels))
    detail = {"alert": alert.to_json(), "reason": reason, **({"systems": added} if added else {})}
    uow.record(event_type, f"incident:{incident.number}", detail, incident.number)
    known = known_indicators(uow, incident) if new.indicators else set()
    fresh = [seen for seen in new.indicators if (seen.kind, seen.value) not in known]
    for seen in fresh:
        known.add((seen.kind, seen.value))
        db.session.add(Indicator(incident_id=incident.id, kind=seen.kind, value=seen.value))
    incident.changed_at = uow.now
    return bool(fresh)


def attach_to_group(
    uow: UnitOfWork, incident: Incident, alert: Alert, new: NewIncident, place: Place, reason: str
) -> None:
    """Attach an alert to the incident of its group, and say there what is grouped."""
    filing = filing_of(uow)
    if attach_alert(uow, incident, alert, new, reason):
        filing.with_indicators.add(incident.id)
    if (incident.matched or {}).get("grouped") != place.why:
        incident.matched = {**(incident.matched or {}), "grouped": place.why}
    filing.groups[incident.id] = incident
