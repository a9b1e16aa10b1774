"""The list of incidents: filtered, by keyset, without what who asks may not see; read often, so drawn once a shape."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, bindparam, cast, func, or_, select, tuple_

from incident.core.access import Viewer
from incident.core.area import AREA_LIMIT, is_region_code, region_stem
from incident.store.database import Base, db
from incident.store.departments import Department
from incident.store.incidents import EXERCISE, Incident, IncidentDepartment
from incident.store.visibility import is_on, visible_to

IncidentRow = Row[*tuple[Any, ...]]

_incidents = Base.metadata.tables[Incident.__tablename__]

_CONDITIONS: dict[str, Any] = {
    "status": _incidents.c.status == bindparam("status"),
    "grade": _incidents.c.grade == bindparam("grade"),
    "category": _incidents.c.category == bindparam("category"),
    "sector": and_(
        _incidents.c.sector.is_not(None),
        or_(
            _incidents.c.sector == bindparam("sector"),
            func.substr(_incidents.c.sector, 1, func.length(bindparam("sector")) + 1) == bindparam("sector") + "/",
        ),
    ),
    "region": _incidents.c.region.between(bindparam("region"), bindparam("region_end")),
    "campaign": _incidents.c.campaign == bindparam("campaign"),
    "since": _incidents.c.opened_at >= bindparam("since"),
    "until": _incidents.c.opened_at < bindparam("until"),
    "after": tuple_(_incidents.c.is_untold, _incidents.c.id) < tuple_(bindparam("after_untold"), bindparam("after_id")),
    "is_not_red": _incidents.c.tlp != "red",
    "is_real": _incidents.c.speed.is_(None),
    "is_exercise": EXERCISE,
}


@dataclass(frozen=True, kw_only=True)
class IncidentFilter:
    """Which incidents are wanted; what is None does not matter. `since` and `until` bound when they were opened.

    `sector` asks also for its parts, `region` for what lies in it. `found` is the condition of a search. `is_exercise`
    asks for those of drills instead of the real ones.
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

    def values(self) -> dict[str, Any]:
        """The values of the conditions that are asked for."""
        asked = {name: one for name, one in vars(self).items() if name in _CONDITIONS and one is not None}
        asked.pop("is_exercise")
        if self.region is None:
            return asked
        stem = region_stem(self.region) if is_region_code(self.region) else self.region
        end = stem + "9" * AREA_LIMIT if is_region_code(self.region) else stem
        return asked | {"region": stem, "region_end": end}


def list_incidents(
    viewer: Viewer, wanted: IncidentFilter, after: tuple[int, int] | None, limit: int
) -> Sequence[IncidentRow]:
    """Return incidents, those that nobody was told of first, then the newest.

    Each row has the columns of the table, `codes` (see `codes_of`) and `earlier`, the number of the earlier incident.

    Args:
        viewer: who asks.
        wanted: which.
        after: `is_untold` (1 or 0) and id of the last one that was shown.
        limit: how many at most.
    """
    values = wanted.values()
    names = {*(name for name in values if name in _CONDITIONS), "is_exercise" if wanted.is_exercise else "is_real"}
    if after is not None:
        names.add("after")
        values |= {"after_untold": bool(after[0]), "after_id": after[1]}
    special = [] if wanted.found is None else [wanted.found]
    if wanted.department_id is not None:
        special.append(is_on(wanted.department_id))
    visible = visible_to(viewer)
    if visible is not None and viewer.person_id is None and viewer.role != "department":
        names.add("is_not_red")
    elif visible is not None:
        special.append(visible)
    query = _draw(names, special) if special else _drawn(frozenset(names))
    return db.session.connection().execute(query, {**values, "limit": limit}).all()


@lru_cache(maxsize=256)
def _drawn(names: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """A query is drawn once for each set of conditions: drawing one takes longer than answering it."""
    return _draw(names, ())


def _draw(names: Collection[str], special: Collection[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    page = (
        select(_incidents)
        .where(*(_CONDITIONS[name] for name in sorted(names)), *special)
        .order_by(_incidents.c.is_untold.desc(), _incidents.c.id.desc())
        .limit(bindparam("limit"))
        .subquery("page")
    )
    return select(page, _codes(page.c.id).label("codes"), _earlier(page.c.earlier_id).label("earlier")).order_by(
        page.c.is_untold.desc(), page.c.id.desc()
    )


def _codes(incident_id: ColumnElement[int]) -> ColumnElement[str]:
    on_it, department = IncidentDepartment.__table__.c, Department.__table__.c
    placed = cast(on_it.place, String) + " " + department.code
    query = select(func.aggregate_strings(placed, ",")).where(
        on_it.incident_id == incident_id, department.id == on_it.department_id
    )
    return query.scalar_subquery()


def _earlier(incident_id: ColumnElement[int]) -> ColumnElement[str]:
    other = _incidents.alias("earlier_one")
    return select(other.c.number).where(other.c.id == incident_id).scalar_subquery()


def codes_of(text: str | None) -> list[str]:
    """Return the codes of the departments of a row, the one named first first, from `PLACE CODE,PLACE CODE`."""
    if text is None or "," not in text:
        return [] if text is None else [text.partition(" ")[2]]
    pairs = [part.partition(" ") for part in text.split(",")]
    return [code for _place, _, code in sorted(pairs, key=lambda pair: (int(pair[0]), pair[2]))]
