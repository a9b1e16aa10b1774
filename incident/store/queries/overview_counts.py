"""Open incidents by grade and age for the overview: each number is that of a list."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, func, literal_column, or_, select

from incident.core.incidents.listing.tabs import COUNT_LIMIT
from incident.core.values.access import Viewer, sees_red
from incident.store.db.database import db
from incident.store.incidents.incidents import OPEN, IncidentPerson
from incident.store.queries.incident_filter import CONDITIONS, GRADES, IncidentFilter, table
from incident.store.queries.incident_list import incident_ids, own_id
from incident.store.queries.incident_tabs import has_more_than_counted, incidents_of_departments

Cell = tuple[int | None, int]
"""A grade, None for incidents without one, and the place of an age, 0 for the youngest."""

ALL_GRADES: Final[tuple[int | None, ...]] = (*GRADES, None)


@dataclass(frozen=True)
class AgeCounts:
    """The number of open incidents by grade and age; `is_least` says that there may be more."""

    numbers: Mapping[Cell, int]
    is_least: bool = False


def count_by_grade_and_age(viewer: Viewer, since: Sequence[dt.datetime]) -> AgeCounts:
    """Count the open incidents that a viewer may see, without exercises, each number up to `COUNT_LIMIT`.

    Args:
        viewer: who requests them.
        since: the beginnings (UTC) of the ages, the latest first; what was opened before the last one is one age more.
    """
    moments = {f"since_{place}": moment for place, moment in enumerate(since)}
    if viewer.role == "department":
        return _for_department(viewer, moments)
    found = db.session.connection().execute(
        _cells(len(since), is_red_seen=sees_red(viewer)), moments | {"own_id": own_id(viewer)}
    )
    numbers = found.one()._mapping
    cells = [(grade, place) for grade in ALL_GRADES for place in range(len(since) + 1)]
    return AgeCounts({cell: min(numbers[_name(*cell)], COUNT_LIMIT + 1) for cell in cells})


def count_open_exercises(viewer: Viewer) -> int:
    """Count the open incidents of drills that a viewer may see, up to one more than `COUNT_LIMIT`."""
    return len(incident_ids(viewer, IncidentFilter(tab="open", is_exercise=True), COUNT_LIMIT + 1))


@lru_cache(maxsize=8)
def _cells(ages: int, *, is_red_seen: bool) -> Select[*tuple[Any, ...]]:
    """Return the query of all cells; each reads a range of one index and no row of the table."""
    seen = () if is_red_seen else (or_(table.c.tlp != "red", table.c.id.in_(_named())),)
    numbers = []
    for grade in ALL_GRADES:
        of_grade = CONDITIONS["grade_5" if grade is None else f"grade_{grade}"]
        for place in range(ages + 1):
            some: Select[int] = (
                select(literal_column("1", Integer))
                .select_from(table)
                .where(OPEN, of_grade, *_within(place, ages), *seen)
            )
            counted = select(func.count()).select_from(some.limit(COUNT_LIMIT + 1).subquery())
            numbers.append(counted.scalar_subquery().label(_name(grade, place)))
    return select(*numbers)


def _within(place: int, ages: int) -> list[ColumnElement[bool]]:
    """Return the conditions on when incidents of an age were opened."""
    kind = table.c.opened_at.type
    late = [table.c.opened_at >= bindparam(f"since_{place}", type_=kind)] if place < ages else []
    return late + ([table.c.opened_at < bindparam(f"since_{place - 1}", type_=kind)] if place else [])


def _for_department(viewer: Viewer, moments: Mapping[str, dt.datetime]) -> AgeCounts:
    """Count by reading the newest incidents of the viewer's departments once, as the tabs of the list do."""
    ages = len(moments)
    age = case(*((and_(*_within(place, ages)), literal_column(str(place))) for place in range(ages + 1)))
    seen = incidents_of_departments(viewer).subquery("seen")
    query = (
        select(table.c.grade, age.label("age"), func.count().label("number"))
        .select_from(seen)
        .join(table, table.c.id == seen.c.incident_id)
        .where(CONDITIONS["is_real"], CONDITIONS["is_open_by_row"])
        .where(or_(table.c.tlp != "red", table.c.id.in_(_named())))
        .group_by(table.c.grade, literal_column("age") if db.engine.dialect.name == "sqlite" else age)
    )
    rows = db.session.connection().execute(query, {**moments, "own_id": own_id(viewer)}).all()
    found = {(row.grade, row.age): min(row.number, COUNT_LIMIT + 1) for row in rows}
    cells = [(grade, place) for grade in ALL_GRADES for place in range(ages + 1)]
    return AgeCounts({cell: found.get(cell, 0) for cell in cells}, has_more_than_counted(viewer))


def _named() -> Select[int]:
    return select(IncidentPerson.incident_id).where(IncidentPerson.person_id == bindparam("own_id"))


def _name(grade: int | None, place: int) -> str:
    return f"grade_{grade or 0}_age_{place}"
