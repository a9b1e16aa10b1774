"""Routing of a changed incident: departments that the rules name now are proposed, not notified.

The person who changes the facts sees the proposal on the page; notifying automatically would wake a leading group
because of a slip that is corrected a moment later.
"""

from collections.abc import Set

from incident.actions.incidents import routing
from incident.core.incidents import routing as rules
from incident.store.directory import departments
from incident.store.incidents.incidents import Incident
from incident.store.notifications import notices
from incident.store.queries.systems import systems_of_incident

SYSTEMS = "systems"
"""The name of the change of an incident's systems."""


def propose(incident: Incident, changed: Set[str]) -> list[str]:
    """Store with an incident, as `matched.also`, the codes of departments that the rules name now and nobody notified.

    Of the labels of its alert only those count that the routing rule compared: others are not stored.

    Args:
        incident: the incident, locked.
        changed: the names of the facts that were changed.

    Returns:
        Those that were not proposed before.
    """
    before: list[str] = (incident.matched or {}).get("also", [])
    if incident.is_exercise:
        return []
    wanted = _named(incident) if not changed.isdisjoint({*rules.ASKED, SYSTEMS}) else before
    if not wanted and not before:
        return []
    known = departments.departments_by_codes(wanted)
    notified = {notice.department_id for notice in notices.notices_of(incident.id)}
    also = [code for code in wanted if code in known and known[code].id not in notified]
    if also != before:
        kept = {name: value for name, value in (incident.matched or {}).items() if name != "also"}
        incident.matched = kept | ({"also": also} if also else {})
    return [code for code in also if code not in before]


def _named(incident: Incident) -> list[str]:
    labels = (incident.matched or {}).get("looked_at", {}).get("labels", {})
    known = {name: getattr(incident, name) for name in rules.ASKED}
    given = rules.RoutingInput(**known, labels=labels, systems=systems_of_incident(incident.id))
    verdict, _ = routing.route(given)
    return [] if verdict.is_default else list(dict.fromkeys(verdict.departments))
