"""A rota as weeks on a page: the people on duty on each day, and the gaps."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from incident.actions.notifications.on_duty import Plan
from incident.core.duty.on_duty import Stretch, stretches
from incident.core.values.local_time import moment_of, wall_of
from incident.web.i18n import language

COLOURS = 8
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class DutySpan:
    """A part of a day: people on duty (none: a gap) and its times, empty for the whole day."""

    hours: str
    people: tuple[tuple[str, int], ...]
    how: str


@dataclass(frozen=True)
class Day:
    """A day of the calendar; `holiday` is its name, if it has one."""

    date: dt.date
    is_working: bool
    is_today: bool
    is_past: bool
    holiday: str
    held: Sequence[DutySpan]


def weeks(plan: Plan, count: int, now: dt.datetime) -> list[list[Day]]:
    """Return whole weeks from the current one on, in the local time of the department.

    Args:
        plan: the schedule that determines who is on duty.
        count: the number of weeks.
        now: the current moment (UTC).
    """
    today = wall_of(now, plan.zone).date()
    monday = today - DAY * today.weekday()
    days = [monday + DAY * number for number in range(7 * count)]
    start, end = _midnight(days[0], plan), _midnight(days[-1] + DAY, plan)
    found = list(stretches(plan.rota, plan.calendar, plan.zone, start, end, plan.absent))
    colours = colours_of(plan)
    shown = [_day(day, plan, found, colours, today) for day in days]
    return [shown[number : number + 7] for number in range(0, len(shown), 7)]


def colours_of(plan: Plan) -> Mapping[str, int]:
    """Return the colour number of each login, in the order in which the rota names them."""
    return {
        login: number % COLOURS for number, login in enumerate(dict.fromkeys(login for login, _ in plan.rota.named()))
    }


def _midnight(day: dt.date, plan: Plan) -> dt.datetime:
    return moment_of(dt.datetime.combine(day, dt.time()), plan.zone)


def _day(day: dt.date, plan: Plan, found: Sequence[Stretch], colours: Mapping[str, int], today: dt.date) -> Day:
    named = plan.calendar.name_of(day)
    holiday = "" if named is None else named.in_language(language())
    held = list(_held(plan, found, colours, _midnight(day, plan), _midnight(day + DAY, plan)))
    return Day(day, plan.calendar.is_working_day(day), day == today, day < today, holiday, held)


def _held(
    plan: Plan, found: Sequence[Stretch], colours: Mapping[str, int], start: dt.datetime, end: dt.datetime
) -> Iterator[DutySpan]:
    for one in found:
        first, last = max(one.start, start), min(one.end, end)
        if first >= last:
            continue
        is_whole = (first, last) == (start, end)
        until = "24:00" if last == end else f"{wall_of(last, plan.zone):%H:%M}"
        hours = "" if is_whole else f"{wall_of(first, plan.zone):%H:%M}–{until}"
        people = tuple((plan.people[login].name, colours.get(login, 0)) for login in one.duty.people)
        yield DutySpan(hours, people, one.duty.because[0].how if one.duty.because else "gap")
