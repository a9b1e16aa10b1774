"""Sums of some months, as a viewer may see them; the database puts numbers and letters together."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, cast, func, select

from incident.core.insights.counting import EVERYWHERE, MEASURES
from incident.core.values.access import Viewer, sees_red
from incident.store.db.database import db, table_of
from incident.store.insights.sums import DailySum

_sums: Final = table_of(DailySum).c


class Summed(NamedTuple):
    """A sum of one day or month, or of the whole span where `day` is None.

    Each of `letters` is in order.
    """

    measure: str
    department_id: int
    item: str
    day: dt.date | None
    number: int
    letters: Sequence[str]


def scope_of(viewer: Viewer) -> int | None:
    """Return whose figures a viewer sees: `EVERYWHERE`, the id of their department, None for a member of none."""
    if viewer.role != "department":
        return EVERYWHERE
    own = [one for one in viewer.department_ids if isinstance(one, int)]
    return own[0] if len(own) == 1 else None


def sum_items(
    viewer: Viewer, dimension: str, since: dt.date, until: dt.date, *, is_drill: bool = False
) -> Sequence[Summed]:
    """Return the sums of some months by measure and item of a dimension, for what the viewer sees.

    Args:
        viewer: who requests them; incidents of TLP:RED count only for those who may see them all.
        dimension: what is divided by.
        since: the first day of the first month.
        until: the last day of the last one.
        is_drill: the sums of drills, else those of real incidents.
    """
    scope = scope_of(viewer)
    if scope is None:
        return ()
    values = {"dimension": dimension, "scope": scope, "since": since, "until": until, "is_drill": is_drill}
    rows = db.session.connection().execute(_items(db.engine.dialect.name, is_red_seen=sees_red(viewer)), values)
    return [Summed(measure, scope, item, None, number, letters.split()) for measure, item, number, letters in rows]


def sum_times(
    viewer: Viewer, dimension: Literal["day", "month"], since: dt.date, until: dt.date, *, is_drill: bool = False
) -> Sequence[Summed]:
    """Return the sums of each day or month by measure, for what the viewer sees; see `sum_items`."""
    scope = scope_of(viewer)
    if scope is None:
        return ()
    values = {"dimension": dimension, "scope": scope, "since": since, "until": until, "is_drill": is_drill}
    rows = db.session.connection().execute(_times(db.engine.dialect.name, is_red_seen=sees_red(viewer)), values)
    return [Summed(measure, scope, "", day, number, letters.split()) for measure, day, number, letters in rows]


def sum_departments(
    viewer: Viewer, department_ids: Sequence[int], since: dt.date, until: dt.date, *, is_drill: bool = False
) -> Sequence[Summed]:
    """Return the sums of some months by measure and department; a department sees only its own; see `sum_items`."""
    scope = scope_of(viewer)
    wanted = [one for one in department_ids if scope in (EVERYWHERE, one)]
    if not wanted:
        return ()
    values = {"departments": wanted, "since": since, "until": until, "is_drill": is_drill}
    rows = db.session.connection().execute(_departments(db.engine.dialect.name, is_red_seen=sees_red(viewer)), values)
    return [Summed(measure, one, "", None, number, letters.split()) for measure, one, number, letters in rows]


# ------------------------------------------------------------------------- statements, made once for all requests
@lru_cache(maxsize=4)
def _items(dialect: str, *, is_red_seen: bool) -> Select[*tuple[Any, ...]]:
    query = select(_sums.measure, _sums.item, *_totals(dialect)).where(
        _sums.dimension == bindparam("dimension"), _sums.department_id == bindparam("scope")
    )
    return _within(query, is_red_seen=is_red_seen).group_by(_sums.measure, _sums.item)


@lru_cache(maxsize=4)
def _times(dialect: str, *, is_red_seen: bool) -> Select[*tuple[Any, ...]]:
    query = select(_sums.measure, _sums.day, *_totals(dialect)).where(
        _sums.dimension == bindparam("dimension"), _sums.department_id == bindparam("scope")
    )
    return _within(query, is_red_seen=is_red_seen).group_by(_sums.measure, _sums.day)


@lru_cache(maxsize=4)
def _departments(dialect: str, *, is_red_seen: bool) -> Select[*tuple[Any, ...]]:
    query = select(_sums.measure, _sums.department_id, *_totals(dialect)).where(
        _sums.dimension == "month", _sums.department_id.in_(bindparam("departments", expanding=True))
    )
    return _within(query, is_red_seen=is_red_seen).group_by(_sums.measure, _sums.department_id)


def _within(query: Select[*tuple[Any, ...]], *, is_red_seen: bool) -> Select[*tuple[Any, ...]]:
    """Return a query of the days of a span; every measure is named, so that an index finds them."""
    query = query.where(
        _sums.measure.in_(MEASURES),
        _sums.day.between(bindparam("since"), bindparam("until")),
        _sums.is_drill == bindparam("is_drill"),
    )
    return query if is_red_seen else query.where(_sums.is_red.is_(False))


def _totals(dialect: str) -> tuple[ColumnElement[int], ColumnElement[str]]:
    """Return the number of sums, and their letters with spaces between them: no duration has this letter."""
    number = cast(func.sum(_sums.number), BigInteger).label("number")
    if dialect == "postgresql":
        return number, func.string_agg(_sums.letters, " ").label("letters")
    return number, func.coalesce(func.group_concat(_sums.letters, " "), "").label("letters")
