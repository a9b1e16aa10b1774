"""How many incidents each tab of the list has, counted up to a limit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    union,
    union_all,
)

from incident.core.incidents.listing.tabs import COUNT_LIMIT
from incident.core.notifications.notice import UNANSWERED
from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.incidents.incidents import OPEN, IncidentDepartment, IncidentPerson
from incident.store.notifications.notice_departments import incidents_under
from incident.store.notifications.notices import HANDLING, Notice
from incident.store.queries.incident_filter import CONDITIONS, table
from incident.store.queries.incident_list import awaits_departments, own_id
from incident.store.queries.visibility import FEW, VISIBLE, has_few, named_visibility

UNREACHED: Final = "unreached"
"""The key of the count of open incidents that nobody was notified of."""

NEWEST_COUNTED: Final = FEW
"""Of a department with more incidents, only this many are counted: a tab then has at least the number shown."""

COUNTED: Final = ("mine", "unanswered", "open", "closed", UNREACHED)

Chosen = Select[*tuple[Any, ...]]
Grouping = tuple[ColumnElement[Any], ...]

_NAMED: Final = select(IncidentPerson.incident_id).where(IncidentPerson.person_id == bindparam("own_id"))


@dataclass(frozen=True)
class TabCounts:
    """The number of incidents by tab; `is_least` says that there may be more. Beyond `COUNT_LIMIT` there are more."""

    numbers: Mapping[str, int]
    is_least: bool = False


def count_tabs(viewer: Viewer) -> TabCounts:
    """Return the number of incidents of each tab that a viewer may see, exercises left out."""
    if viewer.role == "department":
        return tab_counts(*count_newest(viewer))
    visible = named_visibility(viewer)
    values = {"own_id": own_id(viewer)}
    if (awaits := awaits_departments(viewer)) is None:  # nothing but the person's id differs between viewers
        query = _query_of_all(None if visible is None else visible.name)
    else:
        query = _query(awaits, [] if visible is None else [VISIBLE[visible.name]])
    found = db.session.connection().execute(query, values).one()
    return TabCounts({name: min(number, COUNT_LIMIT + 1) for name, number in found._mapping.items()})


@cache
def _query_of_all(visible: str | None) -> Chosen:
    """Return the query for a viewer without departments; kept, because making it takes as long as executing it."""
    return _query(None, [] if visible is None else [VISIBLE[visible]])


def _query(awaits: ColumnElement[bool] | None, visible: list[ColumnElement[bool]]) -> Chosen:
    always = [CONDITIONS["is_real"], *visible]
    counts = {
        "mine": _mine(awaits, always),
        "unanswered": union(_ids(always, "unreached", "is_open_by_row"), _unanswered(always)),
        "open": union_all(_some(select(table.c.id).where(OPEN, *visible))),
        "closed": union_all(_ids(always, "is_closed")),
        UNREACHED: union_all(_ids(always, "unreached", "is_open_by_row")),
    }
    return select(*(_number(ids).label(name) for name, ids in counts.items()))


def tab_counts(rows: Iterable[Row[*tuple[Any, ...]]], is_least: bool) -> TabCounts:
    """Return the counts of the tabs from the rows of `count_newest`, each up to one more than `COUNT_LIMIT`."""
    sums = dict.fromkeys(COUNTED, 0)
    for row in rows:
        sums = {name: number + row._mapping[name] for name, number in sums.items()}
    return TabCounts({name: min(number, COUNT_LIMIT + 1) for name, number in sums.items()}, is_least)


def count_newest(
    viewer: Viewer, by: Grouping = (), values: Mapping[str, Any] | None = None
) -> tuple[Sequence[Row[*tuple[Any, ...]]], bool]:
    """Count the newest incidents of a viewer's departments by tab, reading them once.

    Args:
        viewer: a viewer with departments.
        by: expressions of one row of the table that group the counts, each a column of the result.
        values: those of the parameters of `by`.

    Returns:
        the rows with a column for each of `COUNTED`, and whether there may be more incidents.
    """
    visible = named_visibility(viewer)
    own: Mapping[str, int] = {"own_id": own_id(viewer)} if visible is None else visible.values
    query = _query_for_departments(viewer, by) if visible is None else _query_for_one_department(NEWEST_COUNTED, by)
    is_least = _has_more_than_counted(viewer) if visible is None else not visible.is_of_few
    return db.session.connection().execute(query, {**own, **(values or {})}).all(), is_least


def _query_for_departments(viewer: Viewer, by: Grouping) -> Chosen:
    awaits = awaits_departments(viewer)
    is_mine = CONDITIONS["is_own"] if awaits is None else or_(CONDITIONS["is_own"], awaits)
    return _counted(_incidents_of_departments(viewer), is_mine, by)


@lru_cache(maxsize=32)
def _query_for_one_department(limit: int, by: Grouping) -> Chosen:
    newest = _newest_of(bindparam("own_department_id"), limit)
    return _counted(union(newest, _NAMED), CONDITIONS["is_mine"], by)


def _counted(ids: CompoundSelect[*tuple[Any, ...]], is_mine: ColumnElement[bool], by: Grouping) -> Chosen:
    seen = ids.subquery("seen")
    is_open = CONDITIONS["is_open_by_row"]
    counted = {
        "mine": and_(is_open, is_mine),
        "unanswered": and_(is_open, CONDITIONS["is_unanswered_by_row"]),
        "open": is_open,
        "closed": CONDITIONS["is_closed"],
        UNREACHED: and_(is_open, CONDITIONS["unreached"]),
    }
    return (
        select(*by, *(func.count().filter(counted[name]).label(name) for name in COUNTED))
        .select_from(seen)
        .join(table, table.c.id == seen.c.incident_id)
        .where(CONDITIONS["is_real"], or_(table.c.tlp != "red", table.c.id.in_(_NAMED)))
        .group_by(*(literal_column(str(place)) for place in range(1, len(by) + 1)))
    )


def _incidents_of_departments(viewer: Viewer) -> CompoundSelect[*tuple[Any, ...]]:
    """Return the query for the newest incidents (ids) of a viewer's departments, and those that name the viewer.

    The marking of the incidents is not looked at.
    """
    own = _own(viewer)
    return union(
        *(_newest_of(department_id, NEWEST_COUNTED) for department_id in own),
        select(IncidentPerson.incident_id).where(IncidentPerson.person_id == own_id(viewer)),
        *([select(table.c.id).where(table.c.id.in_(under))] if (under := incidents_under(own)) else []),
    )


def _has_more_than_counted(viewer: Viewer) -> bool:
    """Return whether a department of the viewer has more incidents than `NEWEST_COUNTED`."""
    return not all(map(has_few, _own(viewer)))


def _own(viewer: Viewer) -> list[int]:
    return [one for one in viewer.department_ids if isinstance(one, int)]


def _newest_of(department_id: Any, limit: int) -> Chosen:
    its = IncidentDepartment.__table__.c
    newest = select(its.incident_id).where(its.department_id == department_id).order_by(its.incident_id.desc())
    return select(newest.limit(limit).subquery().c.incident_id)


def _number(ids: Any) -> ColumnElement[int]:
    some = ids.limit(COUNT_LIMIT + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _ids(always: list[ColumnElement[bool]], *names: str) -> Chosen:
    return _some(select(table.c.id).where(*(CONDITIONS[name] for name in names), *always))


def _some(query: Chosen) -> Chosen:
    return select(query.limit(COUNT_LIMIT + 1).subquery().c.id)


def _mine(awaits: ColumnElement[bool] | None, always: list[ColumnElement[bool]]) -> Any:
    own = _ids(always, "is_own", "is_open_by_row")
    if awaits is None:
        return union_all(own)
    return union(own, _some(select(table.c.id).where(awaits, CONDITIONS["is_open_by_row"], *always)))


def _unanswered(always: list[ColumnElement[bool]]) -> Chosen:
    on_it = select(table.c.id).join_from(Notice, table, Notice.incident_id == table.c.id)
    waiting = on_it.where(HANDLING, Notice.state.in_(UNANSWERED), CONDITIONS["is_open_by_row"], *always)
    return _some(waiting.distinct())
