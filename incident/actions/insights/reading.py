"""Reads the figures of insights, as a viewer may see them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from zoneinfo import ZoneInfo

from incident.core.insights.counting import RULES
from incident.core.insights.figures import Division, FigureRow, figure_rows
from incident.core.insights.months import Month
from incident.core.values.access import Viewer
from incident.store.directory.departments import Department, list_departments
from incident.store.insights import figures, sums
from incident.store.journal import journal
from incident.store.queries.insights_history import largest_id

HOURS: Final = tuple(f"{weekday}{hour:02}" for weekday in range(7) for hour in range(24))


@dataclass(frozen=True)
class CountingState:
    """How far the figures are counted.

    `percent` is how much is counted again, None when the figures are whole. `counted_at` is the moment (UTC) up to
    which everything is in them.
    """

    counted_at: dt.datetime | None
    percent: int | None


def counting_state(zone: ZoneInfo, now: dt.datetime) -> CountingState:
    """Return how far the figures are counted, in the time zone of the organisation."""
    state = sums.insights_state()
    if state is None or (state.zone, state.rules) != (zone.key, RULES):
        return CountingState(None, 0)
    is_whole = journal.last_change_of(None) <= state.counted_seq
    counted_at = now if is_whole else state.counted_at
    if state.recounted_id is None:
        return CountingState(counted_at, None)
    return CountingState(counted_at, min(99, 100 * state.recounted_id // max(1, largest_id())))


def figures_by(
    division: Division, viewer: Viewer, months: Sequence[Month], *, is_drill: bool = False
) -> list[FigureRow]:
    """Return the figures of some months in a row, divided.

    Args:
        division: by what. Months, days and hours have a row each; others only where something happened, and those of
            departments have the code as their key.
        viewer: who requests them.
        months: the months, in order.
        is_drill: the figures of drills, else those of real incidents.
    """
    since, until = months[0].first, months[-1].last
    match division:
        case "month" | "day":
            return _by_time(division, viewer, months, is_drill=is_drill)
        case "department":
            known = {one.id: one for one in list_departments()}
            found = figures.sum_departments(viewer, list(known), since, until, is_drill=is_drill)
            rows = figure_rows((known[one.department_id].code, one.measure, one.number, one.letters) for one in found)
        case _:
            items = figures.sum_items(viewer, division, since, until, is_drill=is_drill)
            keys = HOURS if division == "hour" else None
            rows = figure_rows(((one.item, one.measure, one.number, one.letters) for one in items), keys)
    return rows if division == "hour" else sorted(rows, key=lambda row: row.key)


def _by_time(
    division: Literal["day", "month"], viewer: Viewer, months: Sequence[Month], *, is_drill: bool
) -> list[FigureRow]:
    found = figures.sum_times(viewer, division, months[0].first, months[-1].last, is_drill=is_drill)
    keys = [
        str(month) if division == "month" else day.isoformat() for month in months for day in _begins(division, month)
    ]
    length = len("2026-11") if division == "month" else len("2026-11-30")
    return figure_rows(((str(one.day)[:length], one.measure, one.number, one.letters) for one in found), keys)


def _begins(division: Division, month: Month) -> Sequence[dt.date]:
    return [month.first] if division == "month" else list(month.days)


def departments_by_code() -> Mapping[str, Department]:
    """Return all departments by their codes, for the names of figures."""
    return {one.code: one for one in list_departments()}
