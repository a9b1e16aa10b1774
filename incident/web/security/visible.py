"""Access to the records of one incident, and to the rows of a list with few queries."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from incident.core.values import access as rules
from incident.core.values.access import IncidentFacts
from incident.store.incidents.incidents import Incident
from incident.store.incidents.lookups import departments_on_each, people_on_each
from incident.store.notifications.notice_departments import departments_above_each
from incident.store.notifications.notices import Notice
from incident.store.queries import red_runs
from incident.store.queries.systems import SystemOn, systems_on
from incident.web.security import access


def shown_runs(rows: Sequence[Any]) -> list[Any]:
    """Return those of some runs of an incident that the caller may see."""
    return [row for row in rows if not row.is_red or rules.sees_red(access.viewer())]


def shown_tasks(rows: Sequence[Any], its_runs: Sequence[Any]) -> list[Any]:
    """Return those of the tasks of an incident that the caller may see, by all of its runs."""
    red = {one.id for one in its_runs if one.is_red}
    return [row for row in rows if rules.may_see_task(access.viewer(), row.department_id, is_red=row.run_id in red)]


def shown_systems(incident_id: int) -> list[SystemOn]:
    """Return the systems of an incident that the caller may see: people of a department see those that it owns."""
    return [one for one in systems_on(incident_id) if access.is_own(one.department_id)]


def shown_entries(incident: Incident) -> ColumnElement[bool] | None:
    """Return the condition on the journal of an incident that hides entries from playbooks of `TLP:RED`."""
    return red_runs.entries_visible_to(access.viewer(), incident.id)


def facts_of_each(incidents: Collection[Incident], notices: Collection[Notice]) -> Mapping[int, IncidentFacts]:
    """Return the facts on which the caller's access to each incident of a list of notices depends, by id.

    Departments above that were notified under one of these notices count as on its incident. Departments and people
    are left out where access does not depend on them.
    """
    viewer = access.viewer()
    ids = [one.id for one in incidents if rules.needs_names(viewer, one.tlp)]
    on_it, named = departments_on_each(ids), people_on_each(ids)
    above: Mapping[int, frozenset[int]] = {}
    if viewer.role == "department":
        above = departments_above_each([one.id for one in notices])
    under = {one.id: set[int]() for one in incidents}
    for notice in notices:
        if notice.incident_id is not None:
            under[notice.incident_id] |= above.get(notice.id, frozenset())
    return {
        one.id: IncidentFacts(
            one.tlp, frozenset(on_it.get(one.id, ())) | under[one.id], frozenset(named.get(one.id, ()))
        )
        for one in incidents
    }


def answerable_ids(notices: Collection[Notice], facts: Mapping[int, IncidentFacts]) -> frozenset[int]:
    """Return the ids of those of some notices that the caller may answer."""
    viewer = access.viewer()
    above = departments_above_each([one.id for one in notices]) if viewer.department_ids else {}
    return frozenset(
        one.id
        for one in notices
        if any(
            rules.may_acknowledge(viewer, department_id, facts.get(one.incident_id or 0, IncidentFacts()))
            for department_id in {one.department_id, *above.get(one.id, ())}
        )
    )
