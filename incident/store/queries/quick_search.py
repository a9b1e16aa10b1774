"""What the command palette finds in the database: the visible incidents, playbooks and people with some words."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.playbooks import Playbook, list_playbooks
from incident.store.queries.incident_filter import IncidentFilter
from incident.store.queries.incident_list import list_incidents
from incident.store.queries.visibility import visible_incidents

FoundRow = Row[*tuple[Any, ...]]
"""A row with `id`, `number`, `title`, `grade`, `status`, `tlp` and `speed`."""


def incidents_to_open(
    viewer: Viewer, numbers: Sequence[str], found: ColumnElement[bool] | None, limit: int
) -> Sequence[FoundRow]:
    """Return the incidents that a search finds: first those of the numbers, then real ones, then exercises.

    Args:
        viewer: who searches.
        numbers: those that may have been meant.
        found: the condition of the search (`search.search_filter`); None finds by numbers only.
        limit: the maximum number.
    """
    rows = _numbered(viewer, numbers) if numbers else []
    for is_exercise in (False, True):
        if found is not None and len(rows) < limit:
            known = {one.id for one in rows}
            wanted = IncidentFilter(found=found, is_exercise=is_exercise)
            more = list_incidents(viewer, wanted, None, limit, sort="newest")
            rows = [*rows, *(one for one in more if one.id not in known)]
    return rows[:limit]


def _numbered(viewer: Viewer, numbers: Sequence[str]) -> list[FoundRow]:
    columns = (Incident.id, Incident.number, Incident.title, Incident.grade, Incident.status)
    query = select(*columns, Incident.tlp, Incident.speed).where(Incident.number.in_(list(numbers)))
    visible = visible_incidents(viewer)
    rows = db.session.execute(query if visible is None else query.where(visible)).all()
    return sorted(rows, key=lambda row: numbers.index(row.number))


def playbooks_named(viewer: Viewer, words: str, limit: int) -> Sequence[Playbook]:
    """Return the newest versions of the visible playbooks whose names contain each of some words."""
    parts = words.casefold().split()
    found = [one for one in list_playbooks(viewer) if all(part in one.name.casefold() for part in parts)]
    return found[:limit]
