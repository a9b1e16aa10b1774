"""Sums of days and months, and what was counted of each incident."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ForeignKey, String, Text, and_, bindparam, delete, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.insights.counting import CountedIncident, SumKey
from incident.store.db.database import Base, db, insert_rows, table_of, upsert
from incident.store.db.prepared import fetch_all


class DailySum(Base):
    """How often something happened on a day of the organisation's calendar; `core/insights/counting.py` has the words.

    `day` is the first of a month where `dimension` is another than the day. `department_id` is 0 for all departments
    together. `letters` are the durations, one letter for each, in order.
    Derived from other tables: `incident insights rebuild` makes it again.
    """

    __tablename__ = "daily_sums"

    dimension: Mapped[str] = mapped_column(String(10), primary_key=True)
    measure: Mapped[str] = mapped_column(String(20), primary_key=True)
    department_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(String(600), primary_key=True)
    is_red: Mapped[bool] = mapped_column(primary_key=True)
    is_drill: Mapped[bool] = mapped_column(primary_key=True)
    number: Mapped[int]
    letters: Mapped[str] = mapped_column(Text)


class CountedIncidentRow(Base):
    """What was counted of an incident, to be taken out of the sums when it changes."""

    __tablename__ = "counted_incidents"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True, autoincrement=False)
    counted: Mapped[dict[str, Any]]


class InsightsState(Base):
    """How far incidents are counted, in one row.

    `counted_seq` is the last entry of the journal that was followed, `counted_at` its moment. `zone` is the time zone
    of the days, `rules` the version of the rules. `recounted_id` is the last incident that was counted again while all
    of them are; null when that has ended.
    """

    __tablename__ = "insights_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    counted_seq: Mapped[int]
    counted_at: Mapped[dt.datetime]
    zone: Mapped[str] = mapped_column(String(60))
    rules: Mapped[int]
    recounted_id: Mapped[int | None]


STATE_ID: Final = 1
_sums = table_of(DailySum).c
_KEY: Final = tuple(_sums[name] for name in SumKey._fields)
_IS_IT: Final = tuple(one == bindparam(f"of_{one.name}") for one in _KEY)
READ_AT_ONCE: Final = 16
"""Sums that one statement reads: it is compiled once, for so many keys."""

_READ: Final = select(*_KEY, _sums.number, _sums.letters).where(
    or_(*(and_(*(one == bindparam(f"{one.name}_{place}") for one in _KEY)) for place in range(READ_AT_ONCE)))
)
_DELETE: Final = delete(table_of(DailySum)).where(*_IS_IT)


def insights_state() -> InsightsState | None:
    """Return how far incidents are counted; None before the first time."""
    return db.session.get(InsightsState, STATE_ID, populate_existing=True)


def counted_before(incident_ids: Collection[int]) -> Mapping[int, CountedIncident]:
    """Return what was counted of incidents, of those that were counted."""
    wanted = select(CountedIncidentRow.incident_id, CountedIncidentRow.counted)
    found = db.session.execute(wanted.where(CountedIncidentRow.incident_id.in_(list(incident_ids))))
    return {incident_id: CountedIncident.from_json(counted) for incident_id, counted in found}


def put_counted(counted: Mapping[int, CountedIncident]) -> None:
    """Store what is counted of incidents now."""
    if not counted:
        return
    statement = upsert(CountedIncidentRow)
    statement = statement.on_conflict_do_update(
        index_elements=["incident_id"], set_={"counted": statement.excluded.counted}
    )
    rows = [{"incident_id": incident_id, "counted": one.to_json()} for incident_id, one in counted.items()]
    db.session.connection().execute(statement, rows)


def sums_by_keys(keys: Iterable[SumKey]) -> dict[SumKey, tuple[int, str]]:
    """Return the sums of keys, number and letters, of those that have one."""
    connection = db.session.connection()
    wanted = list(keys)
    found: dict[SumKey, tuple[int, str]] = {}
    for first in range(0, len(wanted), READ_AT_ONCE):
        piece = wanted[first : first + READ_AT_ONCE]
        piece += piece[-1:] * (READ_AT_ONCE - len(piece))
        values = {
            f"{name}_{place}": part
            for place, key in enumerate(piece)
            for name, part in zip(SumKey._fields, key, strict=True)
        }
        for *key, number, letters in fetch_all(connection, _READ, **values):
            found[SumKey(*key)] = (number, letters)
    return found


def put_sums(sums: Mapping[SumKey, tuple[int, str]], known: Collection[SumKey]) -> None:
    """Store sums; one of nothing has no row.

    Args:
        sums: number and letters by key.
        known: the keys of which there are rows.
    """
    connection = db.session.connection()
    gone = [_named(key) for key, (number, _) in sums.items() if not number and key in known]
    kept = [key._asdict() | {"number": number, "letters": letters} for key, (number, letters) in sums.items() if number]
    if gone:
        connection.execute(_DELETE, gone)
    if kept:
        statement = upsert(DailySum)
        changed = {"number": statement.excluded.number, "letters": statement.excluded.letters}
        connection.execute(statement.on_conflict_do_update(index_elements=list(SumKey._fields), set_=changed), kept)


def _named(key: SumKey) -> dict[str, Any]:
    """Return the parts of a key as parameters, named apart from the columns."""
    return {f"of_{name}": part for name, part in key._asdict().items()}


def forget_sums() -> None:
    """Delete all sums, and what was counted of each incident."""
    db.session.execute(delete(DailySum))
    db.session.execute(delete(CountedIncidentRow))


def begin_state(seq: int, at: dt.datetime, zone: str, rules: int, recounted_id: int | None = 0) -> InsightsState:
    """Store that all incidents are counted again, from the first one."""
    state = db.session.get(InsightsState, STATE_ID)
    values = {"counted_seq": seq, "counted_at": at, "zone": zone, "rules": rules, "recounted_id": recounted_id}
    if state is None:
        insert_rows(db.session.connection(), InsightsState, [{"id": STATE_ID, **values}])
        return db.session.get_one(InsightsState, STATE_ID)
    for name, value in values.items():
        setattr(state, name, value)
    return state


def every_sum() -> Sequence[tuple[Any, ...]]:
    """Return all sums in order, for comparisons."""
    query = select(*_KEY, _sums.number, _sums.letters).order_by(*_KEY)
    return [tuple(row) for row in db.session.execute(query)]
