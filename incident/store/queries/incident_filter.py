"""The filter of incidents, and its named conditions: a query is compiled once for each set of names."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, func, literal_column, or_, select, true, tuple_

from incident.core.incidents.listing.tabs import Tab
from incident.core.notifications.notice import UNANSWERED
from incident.core.values.affiliation import is_region_code, region_stem
from incident.store.db.database import Base
from incident.store.incidents.incidents import (
    EXERCISE,
    REGION_DIGITS,
    Incident,
    IncidentDepartment,
    first_part,
    first_parts,
    region_head,
)
from incident.store.notifications.notices import Notice
from incident.store.queries.visibility import VISIBLE
from incident.store.systems.systems import IncidentSystem

table = Base.metadata.tables[Incident.__tablename__]

on_it, _of_system = IncidentDepartment.__table__.c, IncidentSystem.__table__.c
_notice = Notice.__table__.c
_sector, _region = table.c.sector, table.c.region
_has_sector, _has_region = _sector.is_not(None), _region.is_not(None)
_opened_of_last = (
    select((_last := table.alias("last_shown")).c.opened_at)
    .where(_last.c.id == bindparam("after_id"))
    .scalar_subquery()
)
_after_due = bindparam("after_due", type_=table.c.next_due_at.type)
_after_changed = bindparam("after_changed", type_=table.c.changed_at.type)
_after_pair = tuple_(table.c.is_unreached, table.c.id) < tuple_(bindparam("after_unreached"), bindparam("after_id"))
_waiting = and_(_notice.purpose == literal_column("'handling'"), _notice.state.in_(UNANSWERED))
_is_unanswered = exists().where(_notice.incident_id == table.c.id, _waiting)
_awaits_own = table.c.id.in_(
    select(_notice.incident_id).where(_waiting, _notice.department_id == bindparam("own_department_id"))
)
_in_region = and_(
    func.substr(_region, 1, func.length(bindparam("region"))) == bindparam("region"),
    func.ltrim(_region, literal_column("'0123456789'")) == literal_column("''"),
)

MOMENTS = frozenset({"since", "until"})

GRADES = (1, 2, 3, 4)
WITHOUT_GRADE: Final = 5
"""The place of an incident without a grade in the order of grades."""

CONDITIONS: dict[str, Any] = {
    "status": table.c.status == bindparam("status"),
    "is_new": table.c.status == literal_column("'new'"),
    "is_handling": table.c.status == literal_column("'handling'"),
    "is_closed": table.c.status == literal_column("'closed'"),
    # No index serves this: SQLite would read all open incidents from a partial index, and sort them.
    "is_open_by_row": func.coalesce(table.c.status, literal_column("''")) != literal_column("'closed'"),
    "owner": and_(table.c.owner_id.is_not(None), table.c.owner_id == bindparam("owner_id")),
    "is_own": and_(table.c.owner_id.is_not(None), table.c.owner_id == bindparam("own_id")),
    "is_not_own": func.coalesce(table.c.owner_id, literal_column("0")) != bindparam("own_id"),
    "is_unanswered": _is_unanswered,
    "is_few_unanswered": table.c.id.in_(select(_notice.incident_id).where(_waiting)),
    "awaits_own": _awaits_own,
    "grade": table.c.grade == bindparam("grade"),
    **{f"grade_{grade}": table.c.grade == literal_column(str(grade)) for grade in GRADES},
    "grade_5": table.c.grade.is_(None),
    "category": table.c.category == bindparam("category"),
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
    "department": exists().where(on_it.incident_id == table.c.id, on_it.department_id == bindparam("department_id")),
    "system": table.c.id.in_(
        select(_of_system.incident_id).where(
            _of_system.system_id == bindparam("system_id"), _of_system.removed_at.is_(None)
        )
    ),
    "campaign": and_(table.c.campaign.is_not(None), table.c.campaign == bindparam("campaign")),
    "since": table.c.opened_at >= bindparam("since"),
    "until": table.c.opened_at < bindparam("until"),
    "is_mine": or_(table.c.owner_id == bindparam("own_id"), _awaits_own),
    "is_unanswered_by_row": or_(table.c.is_unreached, _is_unanswered),
    "unreached": table.c.is_unreached == true(),
    "reached": table.c.is_unreached == false(),
    "reached_by_row": func.coalesce(table.c.is_unreached, false()) == false(),  # no index can serve this
    "after": table.c.id < bindparam("after_id"),
    "before": table.c.id > bindparam("after_id"),
    "after_pair": _after_pair,
    "after_graded": or_(
        (_grade := func.coalesce(table.c.grade, literal_column(str(WITHOUT_GRADE)))) > bindparam("after_grade"),
        and_(_grade == bindparam("after_grade"), _after_pair),
    ),
    "after_opened": tuple_(table.c.opened_at, table.c.id) < tuple_(_opened_of_last, bindparam("after_id")),
    "before_opened": tuple_(table.c.opened_at, table.c.id) > tuple_(_opened_of_last, bindparam("after_id")),
    "has_due": literal_column("incidents.next_due_at IS NOT NULL"),
    "has_no_due": table.c.next_due_at.is_(None),
    "after_due": tuple_(table.c.next_due_at, table.c.id) > tuple_(_after_due, bindparam("after_id")),
    "after_changed": tuple_(table.c.changed_at, table.c.id) < tuple_(_after_changed, bindparam("after_id")),
    **VISIBLE,
    "is_real": table.c.speed.is_(None),
    "is_exercise": EXERCISE,
}

_SAID = ("status", "grade", "category", "campaign", "since", "until", "owner_id", "system_id", "department_id")


@dataclass(frozen=True, kw_only=True)
class IncidentFilter:
    """Filter of incidents; None matches all. `since` and `until` bound when they were opened.

    `sector` includes its parts, `region` everything inside it. `found` is the condition of a search. `is_exercise`
    selects those of drills instead of the real ones, `is_ungraded` those without a grade. The tabs `mine` and
    `unanswered` contain open incidents only.
    """

    status: str | None = None
    grade: int | None = None
    category: str | None = None
    sector: str | None = None
    region: str | None = None
    campaign: str | None = None
    department_id: int | None = None
    system_id: int | None = None
    owner_id: int | None = None
    tab: Tab | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    found: ColumnElement[bool] | None = None
    is_exercise: bool = False
    is_ungraded: bool = False

    def conditions(self) -> tuple[set[str], dict[str, Any]]:
        """Return the names of the active conditions, and their values."""
        values = {name: one for name in _SAID if (one := getattr(self, name)) is not None}
        names = {name.removesuffix("_id") for name in values}
        names.add("is_exercise" if self.is_exercise else "is_real")
        if self.is_ungraded:
            names.add("grade_5")
        if self.tab is not None:
            names.add({"closed": "is_closed", "open": "is_open"}.get(self.tab, self.tab))
        for more, further in (_sector_conditions(self.sector), _region_conditions(self.region)):
            names |= more
            values |= further
        return names, values


def _sector_conditions(sector: str | None) -> tuple[set[str], dict[str, Any]]:
    if sector is None:
        return set(), {}
    parts = sector.split("/")
    if len(parts) == 1:
        return {"sector"}, {"sector": sector}
    return {"sector_part"}, {"sector": sector, "sector_head": "/".join(parts[:2])}


def _region_conditions(region: str | None) -> tuple[set[str], dict[str, Any]]:
    if region is None:
        return set(), {}
    if not is_region_code(region):
        return {"region"}, {"region": region}
    stem = region_stem(region)
    digits = min(len(stem), max(REGION_DIGITS))
    return {f"region_{digits}"}, {"region": stem, "region_head": stem[:digits]}
