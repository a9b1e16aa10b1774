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
from incident.store.queries.incident_tabs import Grouping, TabCounts, count_newest, count_tabs, tab_counts

Cell = tuple[int | None, int]
"""A grade, None for incidents without one, and the place of an age, 0 for the youngest."""

ALL_GRADES: Final[tuple[int | None, ...]] = (*GRADES, None)


@dataclass(frozen=True)
class AgeCounts:
    """The number of open incidents by grade and age; `is_least` says that there may be more."""

    numbers: Mapping[Cell, int]
    is_least: bool = False


@dataclass(frozen=True)
class OverviewCounts:
    """The open incidents by grade and age, and the incidents of each tab of the list."""

    ages: AgeCounts
    tabs: TabCounts


def count_incidents(viewer: Viewer, since: Sequence[dt.datetime]) -> OverviewCounts:
    """Count the incidents that a viewer may see, without exercises, each number up to one more than `COUNT_LIMIT`.

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
    ages = AgeCounts({cell: min(numbers[_name(*cell)], COUNT_LIMIT + 1) for cell in cells})
    return OverviewCounts(ages, count_tabs(viewer))


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


def _for_department(viewer: Viewer, moments: Mapping[str, dt.datetime]) -> OverviewCounts:
    """Count by reading the newest incidents of the viewer's departments once, for the tabs as well."""
    ages = len(moments)
    rows, is_least = count_newest(viewer, _grade_and_age(ages), moments)
    cells = dict.fromkeys(((grade, place) for grade in ALL_GRADES for place in range(ages + 1)), 0)
    cells |= {(row.grade, row.age): min(row.open, COUNT_LIMIT + 1) for row in rows}
    return OverviewCounts(AgeCounts(cells, is_least), tab_counts(rows, is_least))


@lru_cache(maxsize=8)
def _grade_and_age(ages: int) -> Grouping:
    age = case(*((and_(*_within(place, ages)), literal_column(str(place))) for place in range(ages + 1)))
    return table.c.grade, age.label("age")


def _named() -> Select[int]:
    return select(IncidentPerson.incident_id).where(IncidentPerson.person_id == bindparam("own_id"))


def _name(grade: int | None, place: int) -> str:
    return f"grade_{grade or 0}_age_{place}"
