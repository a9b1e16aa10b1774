"""The list of incidents: filters, keyset pagination, visible rows only; each query shape is compiled once."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    cast,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from incident.core.incidents.affiliation import is_region_code, region_stem
from incident.core.values.access import Viewer
from incident.store.db.database import Base, db
from incident.store.directory.departments import Department
from incident.store.incidents.incidents import (
    EXERCISE,
    REGION_DIGITS,
    Incident,
    IncidentDepartment,
    first_part,
    first_parts,
    region_head,
)
from incident.store.queries.visibility import visible_incidents

IncidentRow = Row[*tuple[Any, ...]]

_incidents = Base.metadata.tables[Incident.__tablename__]

_on_it = IncidentDepartment.__table__.c
_sector, _region = _incidents.c.sector, _incidents.c.region
_has_sector, _has_region = _sector.is_not(None), _region.is_not(None)
_opened_of_last = (
    select((_last := _incidents.alias("last_shown")).c.opened_at)
    .where(_last.c.id == bindparam("after_id"))
    .scalar_subquery()
)
_in_region = and_(
    func.substr(_region, 1, func.length(bindparam("region"))) == bindparam("region"),
    func.ltrim(_region, literal_column("'0123456789'")) == literal_column("''"),
)

MOMENTS = frozenset({"since", "until"})

_CONDITIONS: dict[str, Any] = {
    "status": _incidents.c.status == bindparam("status"),
    "grade": _incidents.c.grade == bindparam("grade"),
    "category": _incidents.c.category == bindparam("category"),
    "sector": and_(_has_sector, first_part(_sector) == bindparam("sector")),
    "sector_part": and_(
        _has_sector,
        first_parts(_sector) == bindparam("sector_head"),
        or_(
            _sector == bindparam("sector"),
            func.substr(_sector, 1, func.length(bindparam("sector")) + 1) == bindparam("sector") + "/",
        ),
    ),
    "region": and_(_has_region, _region == bindparam("region")),
    **{
        f"region_{digits}": and_(_has_region, region_head(_region, digits) == bindparam("region_head"), _in_region)
        for digits in REGION_DIGITS
    },
    "department": exists().where(
        _on_it.incident_id == _incidents.c.id, _on_it.department_id == bindparam("department_id")
    ),
    "campaign": and_(_incidents.c.campaign.is_not(None), _incidents.c.campaign == bindparam("campaign")),
    "since": _incidents.c.opened_at >= bindparam("since"),
    "until": _incidents.c.opened_at < bindparam("until"),
    "unreached": _incidents.c.is_unreached == true(),
    "reached": _incidents.c.is_unreached == false(),
    "reached_by_row": func.coalesce(_incidents.c.is_unreached, false()) == false(),  # no index can serve this
    "after": _incidents.c.id < bindparam("after_id"),
    "after_pair": tuple_(_incidents.c.is_unreached, _incidents.c.id)
    < tuple_(bindparam("after_unreached"), bindparam("after_id")),
    "after_opened": tuple_(_incidents.c.opened_at, _incidents.c.id) < tuple_(_opened_of_last, bindparam("after_id")),
    "is_not_red": _incidents.c.tlp != "red",
    "is_real": _incidents.c.speed.is_(None),
    "is_exercise": EXERCISE,
}


@dataclass(frozen=True, kw_only=True)
class IncidentFilter:
    """Filter of incidents; None matches all. `since` and `until` bound when they were opened.

    `sector` includes its parts, `region` everything inside it. `found` is the condition of a search. `is_exercise`
    selects those of drills instead of the real ones.
    """

    status: str | None = None
    grade: int | None = None
    category: str | None = None
    sector: str | None = None
    region: str | None = None
    campaign: str | None = None
    department_id: int | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    found: ColumnElement[bool] | None = None
    is_exercise: bool = False

    def conditions(self) -> tuple[set[str], dict[str, Any]]:
        """Return the names of the active conditions, and their values."""
        said = ("status", "grade", "category", "campaign", "since", "until")
        values = {name: one for name in said if (one := getattr(self, name)) is not None}
        names = {*values, "is_exercise" if self.is_exercise else "is_real"}
        if self.sector is not None:
            parts = self.sector.split("/")
            names.add("sector" if len(parts) == 1 else "sector_part")
            values |= {"sector": self.sector}
            if len(parts) > 1:
                values |= {"sector_head": "/".join(parts[:2])}
        if self.region is not None and is_region_code(self.region):
            stem = region_stem(self.region)
            digits = min(len(stem), max(REGION_DIGITS))
            names.add(f"region_{digits}")
            values |= {"region": stem, "region_head": stem[:digits]}
        elif self.region is not None:
            names.add("region")
            values["region"] = self.region
        return names, values


def list_incidents(
    viewer: Viewer, wanted: IncidentFilter, after: tuple[int, int] | None, limit: int
) -> Sequence[IncidentRow]:
    """Return incidents, first those that nobody was notified of, then the newest, by time where times are filtered.

    Each row has the columns of the table, `codes` (see `codes_of`) and `earlier`, the number of the earlier incident.

    Args:
        viewer: who requests them.
        wanted: the filter.
        after: `is_unreached` (1 or 0) and id of the last one of the previous page.
        limit: the maximum number.
    """
    names, values = wanted.conditions()
    if after is not None:
        names.add("after_unreached" if after[0] else "after_reached")
        values |= {"after_id": after[1], "after_unreached": bool(after[0])}
    special = [] if wanted.found is None else [wanted.found]
    if wanted.department_id is not None:
        names.add("department")
        values["department_id"] = wanted.department_id
    visible = visible_incidents(viewer)
    if visible is not None and viewer.person_id is None and viewer.role != "department":
        names.add("is_not_red")
    elif visible is not None:
        special.append(visible)
    if db.session.get_bind().dialect.name == "sqlite":
        names.add("knows_pairs")
    query = _draw(names, special) if special else _drawn(frozenset(names))
    return db.session.connection().execute(query, {**values, "limit": limit}).all()


@lru_cache(maxsize=256)
def _drawn(names: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """Compile a query once for each set of conditions: compiling takes longer than executing."""
    return _draw(names, ())


def _draw(names: Collection[str], special: Collection[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    is_by_moment = not MOMENTS.isdisjoint(names)
    by = ("is_unreached", "opened_at", "id") if is_by_moment else ("is_unreached", "id")
    selects = [_select_of(one, special, by) for one in _split_conditions(names)]
    page = _together(selects, by) if len(selects) > 1 else selects[0].subquery("page")
    drawn = select(page, _codes(page.c.id).label("codes"), _earlier(page.c.earlier_id).label("earlier"))
    return drawn.order_by(*(page.c[name].desc() for name in by))


def _select_of(names: Collection[str], special: Collection[ColumnElement[bool]], by: Sequence[str]) -> Select[Any]:
    query = select(_incidents).where(*_conditions(names), *special)
    if not {"department", "reached"}.issubset(names) or "opened_at" in by:
        return _ordered(query, by)
    # Of the notified ones, the newest of a department are found by scanning its own incidents.
    further = [_on_it.incident_id < bindparam("after_id")] if "after" in names else []
    query = select(_incidents).join_from(IncidentDepartment, _incidents, _on_it.incident_id == _incidents.c.id)
    query = query.where(*_conditions({*names, "reached_by_row"} - {"department", "reached"}), *special, *further)
    its = query.where(_on_it.department_id == bindparam("department_id"))
    return its.order_by(_on_it.incident_id.desc()).limit(bindparam("limit"))


def _together(selects: Sequence[Select[Any]], by: Sequence[str]) -> Subquery:
    """Merge the first rows of several queries, each of which is already in list order."""
    found = union_all(*(select(one_select.subquery(f"way_{at}")) for at, one_select in enumerate(selects))).subquery(
        "found"
    )
    return _ordered(select(found), by, found).subquery("page")


def _ordered(query: Select[Any], by: Sequence[str], of: FromClause = _incidents) -> Select[Any]:
    return query.order_by(*(of.c[name].desc() for name in by)).limit(bindparam("limit"))


def _conditions(names: Collection[str]) -> list[ColumnElement[bool]]:
    return [_CONDITIONS[name] for name in sorted(names)]


def _split_conditions(names: Collection[str]) -> list[set[str]]:
    """Return the sets of conditions that together give the rows, each served by an index in list order.

    Rows after a given one, at some moment, or of a department are searched separately among incidents that nobody was
    notified of and the others: an index cannot skip its first column. PostgreSQL misjudges how many rows follow a pair
    of values, SQLite estimates only pairs.
    """
    after = {"after_unreached", "after_reached"}.intersection(names)
    wanted_names = set(names) - after - {"knows_pairs"}
    is_by_moment = not wanted_names.isdisjoint(MOMENTS)
    if not is_by_moment and "department" not in wanted_names and (not after or "knows_pairs" in names):
        return [wanted_names | {"after_pair"} if after else wanted_names]
    reached, further = {*wanted_names, "reached"}, {"after_opened" if is_by_moment else "after"}
    if "after_reached" in after:
        return [reached | further]
    unreached = {*wanted_names, "unreached"}
    return [unreached | further if after else unreached, reached]


def _codes(incident_id: ColumnElement[int]) -> ColumnElement[str]:
    department = Department.__table__.c
    placed = cast(_on_it.place, String) + " " + department.code
    query = select(func.aggregate_strings(placed, ",")).where(
        _on_it.incident_id == incident_id, department.id == _on_it.department_id
    )
    return query.scalar_subquery()


def _earlier(incident_id: ColumnElement[int]) -> ColumnElement[str]:
    other = _incidents.alias("earlier_one")
    return select(other.c.number).where(other.c.id == incident_id).scalar_subquery()


def codes_of(text: str | None) -> list[str]:
    """Return the codes of the departments of a row, in their order, from `PLACE CODE,PLACE CODE`."""
    if text is None or "," not in text:
        return [] if text is None else [text.partition(" ")[2]]
    pairs = [part.partition(" ") for part in text.split(",")]
    return [code for _place, _, code in sorted(pairs, key=lambda pair: (int(pair[0]), pair[2]))]


def department_codes_by_incident(incident_ids: Collection[int]) -> Mapping[int, list[str]]:
    """Return the codes of the departments on each incident, in the order in which they were named."""
    query = (
        select(IncidentDepartment.incident_id, Department.code)
        .join(Department, Department.id == IncidentDepartment.department_id)
        .where(IncidentDepartment.incident_id.in_(list(incident_ids)))
        .order_by(IncidentDepartment.incident_id, IncidentDepartment.place, IncidentDepartment.department_id)
    )
    found: dict[int, list[str]] = {one: [] for one in incident_ids}
    for incident_id, code in db.session.execute(query):
        found[incident_id].append(code)
    return found
