"""The list of incidents: filters, orders, keyset pagination, visible rows only; each query shape is compiled once."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, String, Subquery, bindparam, cast, func, select, union_all

from incident.core.incidents.listing.tabs import Sort
from incident.core.notifications.notice import UNANSWERED
from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident, IncidentDepartment
from incident.store.notifications.notice_departments import is_notified
from incident.store.notifications.notices import HANDLING, Notice
from incident.store.queries.incident_filter import CONDITIONS, MOMENTS, IncidentFilter, on_it, table
from incident.store.queries.incident_order import HAS_FEW, Order, Place, order_of, values_after, ways
from incident.store.queries.visibility import NamedVisibility, named_visibility, visible_incidents

IncidentRow = Row[*tuple[Any, ...]]
Special = Mapping[str, ColumnElement[bool]]

_UNANSWERED = select(Notice.incident_id).where(HANDLING, Notice.state.in_(UNANSWERED))

FEW = 5_000
"""Up to this many unanswered notices are looked up first; with more, each row of a list is checked."""


def list_incidents(
    viewer: Viewer, wanted: IncidentFilter, after: Place | None, limit: int, sort: Sort | None = None
) -> Sequence[IncidentRow]:
    """Return incidents in an order; where times are filtered, new ones are those that were opened late.

    Each row has the columns of the table, `codes` (see `codes_of`), `earlier`, the number of the earlier incident, and
    of its owner `owner_login` and `owner_name`.

    Args:
        viewer: who requests them.
        wanted: the filter.
        after: the cursor of the last one of the previous page (`incident_order.place_of`).
        limit: the maximum number.
        sort: the order; by default those that nobody was notified of come first, then the newest.
    """
    names, values, special = _asked(viewer, wanted, after, sort)
    query = _draw(names, sort, special) if special else _drawn(names, sort)
    return db.session.connection().execute(query, {**values, "limit": limit}).all()


def incident_ids(viewer: Viewer, wanted: IncidentFilter, limit: int, sort: Sort | None = None) -> Sequence[int]:
    """Return the ids of incidents in an order; the arguments are those of `list_incidents`."""
    names, values, special = _asked(viewer, wanted, None, sort)
    order = order_of(sort, names)
    selects = [_select_of(one, special, order) for one in ways(names, order)]
    query = _first(selects, order) if len(selects) > 1 else selects[0].with_only_columns(table.c.id)
    rows = db.session.connection().execute(query, {**values, "limit": limit})
    return [row.id for row in rows]


def _asked(
    viewer: Viewer, wanted: IncidentFilter, after: Place | None, sort: Sort | None
) -> tuple[frozenset[str], dict[str, Any], dict[str, ColumnElement[bool]]]:
    """Return the names of the conditions of a list, their values, and the conditions that differ with each viewer."""
    names, values = wanted.conditions()
    if after is not None:
        more, further = values_after(after, sort)
        names |= more
        values |= further
    visible = named_visibility(viewer)
    special = _special_conditions(viewer, wanted, visible)
    if visible is not None:
        names.add(visible.name)
        values |= visible.values
        if visible.is_of_few and wanted.found is None and sort != "due" and not names & NOT_OF_FEW:
            names.add(HAS_FEW)
    if wanted.found is not None:
        names.add("has_found")
    if wanted.tab == "mine":
        values["own_id"] = own_id(viewer)
        names |= {"has_departments"} if _own_departments(viewer) else set()
    if wanted.tab == "unanswered" and HAS_FEW not in names and _are_few_unanswered():
        names.add("has_few_unanswered")
    if db.session.get_bind().dialect.name == "sqlite":
        names.add("knows_pairs")
    return frozenset(names), values, special


NOT_OF_FEW: Final = frozenset({"department", *MOMENTS})
"""Conditions whose own way through an index is faster than reading all of few."""


def own_id(viewer: Viewer) -> int:
    """Return the id of the viewer's person, 0 for a program, which owns nothing."""
    return viewer.person_id if isinstance(viewer.person_id, int) else 0


def _own_departments(viewer: Viewer) -> list[int]:
    return [one for one in viewer.department_ids if isinstance(one, int)]


def _special_conditions(
    viewer: Viewer, wanted: IncidentFilter, named: NamedVisibility | None
) -> dict[str, ColumnElement[bool]]:
    """Return the conditions that differ with each search, and with viewers whose visibility has no name."""
    special = {} if wanted.found is None else {"found": wanted.found}
    if named is None and (visible := visible_incidents(viewer)) is not None:
        special["visible"] = visible
    if wanted.tab == "mine" and (named is None or "own_department_id" not in named.values):
        awaits = awaits_departments(viewer)
        if awaits is not None:
            special["awaits_own"] = awaits
    return special


def awaits_departments(viewer: Viewer) -> ColumnElement[bool] | None:
    """Return the condition that a department of the viewer must answer; None for a viewer without departments."""
    own = _own_departments(viewer)
    if not own:
        return None
    return Incident.id.in_(select(Notice.incident_id).where(HANDLING, Notice.state.in_(UNANSWERED), is_notified(own)))


def _are_few_unanswered() -> bool:
    """Return whether there are few unanswered notices."""
    counted = select(func.count()).select_from(_UNANSWERED.limit(FEW + 1).subquery())
    return (db.session.scalar(counted) or 0) <= FEW


@lru_cache(maxsize=512)
def _drawn(names: frozenset[str], sort: Sort | None) -> Select[*tuple[Any, ...]]:
    """Compile a query once for each set of conditions: compiling takes longer than executing."""
    return _draw(names, sort, {})


def _draw(names: frozenset[str], sort: Sort | None, special: Special) -> Select[*tuple[Any, ...]]:
    order = order_of(sort, names)
    selects = [_select_of(one, special, order) for one in ways(names, order)]
    is_merged = len(selects) > 1 or HAS_FEW in names
    page = _together(selects, order) if is_merged else selects[0].subquery("page")
    drawn = select(
        page,
        _codes(page.c.id).label("codes"),
        _earlier(page.c.earlier_id).label("earlier"),
        *(_owner(page.c.owner_id, name).label(f"owner_{name}") for name in ("login", "name")),
    )
    return drawn.order_by(*order.of_page(page))


def _select_of(names: frozenset[str], special: Special, order: Order) -> Select[Any]:
    is_by_department = "department" in names and order.by in (("id",), ("is_unreached", "id"))
    if not is_by_department or ("is_unreached" in order.by and "reached" not in names):
        query = select(table).where(*_conditions(names, special))
        if "has_no_due" in names:
            return query.order_by(table.c.id.asc()).limit(bindparam("limit"))
        by_columns = order.of_page(table) if HAS_FEW in names else order.within_way(table)
        return query.order_by(*by_columns).limit(bindparam("limit"))
    # Of the notified ones, the newest of a department are found by scanning its own incidents.
    further = [on_it.incident_id < bindparam("after_id")] if "after" in names else []
    further += [on_it.incident_id > bindparam("after_id")] if "before" in names else []
    reached = {"reached_by_row"} if "reached" in names else set()
    query = select(table).join_from(IncidentDepartment, table, on_it.incident_id == table.c.id)
    query = query.where(*_conditions(names - {"department", "reached"} | reached, special), *further)
    its = query.where(on_it.department_id == bindparam("department_id"))
    by = on_it.incident_id.asc() if order.is_ascending else on_it.incident_id.desc()
    return its.order_by(by).limit(bindparam("limit"))


def _together(selects: Sequence[Select[Any]], order: Order) -> Subquery:
    """Merge the first rows of several queries, each of which is already in list order; only then read whole rows."""
    first = _first(selects, order).subquery("first")
    return select(table).join(first, first.c.id == table.c.id).subquery("page")


def _first(selects: Sequence[Select[Any]], order: Order) -> Select[Any]:
    columns = ("grade", *order.by) if order.has_grades else order.by
    parts = [one.with_only_columns(*(table.c[name] for name in columns)) for one in selects]
    found = union_all(*(select(one.subquery(f"way_{at}")) for at, one in enumerate(parts))).subquery("found")
    return select(found).order_by(*order.of_page(found)).limit(bindparam("limit"))


def _conditions(names: frozenset[str], special: Special) -> list[ColumnElement[bool]]:
    always = [special[name] for name in ("found", "visible") if name in special]
    named = [special[name] if name in special else CONDITIONS[name] for name in sorted(names) if name in CONDITIONS]
    return [*named, *always]


def _codes(incident_id: ColumnElement[int]) -> ColumnElement[str]:
    department = Department.__table__.c
    placed = cast(on_it.place, String) + " " + department.code
    query = select(func.aggregate_strings(placed, ",")).where(
        on_it.incident_id == incident_id, department.id == on_it.department_id
    )
    return query.scalar_subquery()


def _earlier(incident_id: ColumnElement[int]) -> ColumnElement[str]:
    other = table.alias("earlier_one")
    return select(other.c.number).where(other.c.id == incident_id).scalar_subquery()


def _owner(person_id: ColumnElement[int], name: str) -> ColumnElement[str]:
    person = Person.__table__.alias(f"owner_{name}_of").c
    return select(person[name]).where(person.id == person_id).scalar_subquery()


def codes_of(text: str | None) -> list[str]:
    """Return the codes of the departments of a row, in their order, from `PLACE CODE,PLACE CODE`."""
    if text is None or "," not in text:
        return [] if text is None else [text.partition(" ")[2]]
    pairs = [part.partition(" ") for part in text.split(",")]
    return [code for _place, _, code in sorted(pairs, key=lambda pair: (int(pair[0]), pair[2]))]


def department_names_by_incident(incident_ids: Collection[int]) -> Mapping[int, list[str]]:
    """Return the names of the departments on each incident, in the order in which they were named."""
    query = (
        select(IncidentDepartment.incident_id, Department.name)
        .join(Department, Department.id == IncidentDepartment.department_id)
        .where(IncidentDepartment.incident_id.in_(list(incident_ids)))
        .order_by(IncidentDepartment.incident_id, IncidentDepartment.place, IncidentDepartment.department_id)
    )
    found: dict[int, list[str]] = {one: [] for one in incident_ids}
    for incident_id, name in db.session.execute(query):
        found[incident_id].append(name)
    return found
