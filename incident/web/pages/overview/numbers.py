"""The numbers of the overview, each with the address of exactly the list that it counts."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from flask import url_for

from incident.core.incidents.listing.tabs import COUNT_LIMIT, count_words
from incident.store.db.counting import MAX_COUNT, count_each
from incident.store.queries import overview_counts, report_list, urgent_work
from incident.store.queries.clock_list import running_clock_ids
from incident.store.queries.dead_letters import dead_ids
from incident.store.queries.urgent_work import WAITING_GROUPS, WaitingGroup, WorkCount
from incident.store.queries.work_filter import WorkFilter
from incident.web.i18n import gettext as _
from incident.web.pages.frame import is_permitted
from incident.web.pages.incidents.list_address import UNGRADED
from incident.web.pages.notifications.inbox_across import GROUP_WORDS
from incident.web.pages.template_filters import day_begins, zone
from incident.web.security import access

REAL: Final = WorkFilter(is_real=True)
AGES: Final = (1, 7, 30)
"""The ages of incidents in days of the calendar; older ones are the last column."""


@dataclass(frozen=True)
class CountLink:
    """A count with its words and the list that it counts; `is_least` says that there may be more."""

    words: str
    count: int
    url: str
    is_bad: bool = False
    is_least: bool = False

    @property
    def shown(self) -> str:
        """The count as text: above a thousand only that there are more."""
        return count_words(self.count, is_least=self.is_least)


@dataclass(frozen=True)
class Tile:
    """One large number, and smaller ones that say more about it; `kind` is how urgent it is."""

    name: str
    icon: str
    main: CountLink
    parts: Sequence[CountLink] = ()

    @property
    def kind(self) -> str:
        """How urgent it is: `bad`, `warn` or `calm`."""
        if self.main.count and self.main.is_bad:
            return "bad"
        return "warn" if any(one.count and one.is_bad for one in self.parts) else "calm"


@dataclass(frozen=True)
class GradeRow:
    """A grade with the number of its open incidents of each age, and of all ages."""

    grade: int | None
    cells: Sequence[CountLink]
    total: CountLink


@dataclass(frozen=True)
class Grid:
    """Open incidents by grade and age."""

    ages: Sequence[str]
    rows: Sequence[GradeRow]


class Counts:
    """What the viewer may see, counted at a moment (UTC); nothing is queried before it is asked for."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at
        self.viewer = access.viewer()

    @cached_property
    def waiting(self) -> Mapping[WaitingGroup, WorkCount]:
        """Notices that wait for an answer, by why they wait."""
        return urgent_work.count_waiting(self.viewer, REAL)

    @cached_property
    def tasks(self) -> tuple[WorkCount, WorkCount]:
        """Open tasks, and overdue ones."""
        return urgent_work.count_open_tasks(self.viewer, REAL, self.at)

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        queries = {
            "late": (running_clock_ids(self.viewer, self.at), COUNT_LIMIT + 1),
            "running": (running_clock_ids(self.viewer), COUNT_LIMIT + 1),
        }
        if is_permitted("message.read"):
            queries["undelivered"] = (dead_ids(self.viewer), MAX_COUNT)
        return count_each(queries)

    @property
    def late_clocks(self) -> int:
        """Statutory clocks that are overdue."""
        return self._numbers["late"]

    @cached_property
    def exercises(self) -> CountLink:
        """Open incidents of drills."""
        number = overview_counts.count_open_exercises(self.viewer)
        return CountLink(_("Exercises in progress"), number, url_for("pages.incidents", tab="open", exercise="true"))

    @property
    def undelivered(self) -> CountLink | None:
        """Messages that were not delivered; None for whom they are not."""
        number = self._numbers.get("undelivered")
        if number is None:
            return None
        return CountLink(_("Undelivered messages"), number, url_for("pages.dead_letter_list"), is_bad=True)

    @cached_property
    def tiles(self) -> list[Tile]:
        """The large numbers, what burns first."""
        return [
            self._waiting_tile(),
            self._clock_tile(),
            self._task_tile(),
            self._incident_tile(),
            *([self._report_tile()] if is_permitted("report.read") else []),
        ]

    @property
    def is_calm(self) -> bool:
        """Whether nothing is open and nothing waits."""
        return not any(one.main.count or any(part.count for part in one.parts) for one in self.tiles)

    def _waiting_tile(self) -> Tile:
        groups = self.waiting
        number = sum(one.number for one in groups.values())
        is_least = any(one.is_more for one in groups.values())
        every = CountLink(_("Not acknowledged"), number, inbox_url("to-answer"), is_least=is_least)
        if self.viewer.role == "department":  # its inbox is one list
            return Tile(_("Waiting for your answer"), "bell-ringing", _made_bad(every))
        parts = [
            CountLink(
                _(GROUP_WORDS[group]),
                groups[group].number,
                inbox_url("to-answer", why=group),
                is_bad=group != "running",
                is_least=groups[group].is_more,
            )
            for group in reversed(WAITING_GROUPS)
            if groups[group].number
        ]
        return Tile(_("Not acknowledged"), "bell-ringing", every, parts)

    def _task_tile(self) -> Tile:
        every, late = self.tasks
        main = CountLink(_("Overdue tasks"), late.number, inbox_url("to-do", due="overdue"), True, late.is_more)
        parts = [CountLink(_("Open tasks"), every.number, inbox_url("to-do"), is_least=every.is_more)]
        return Tile(_("Overdue tasks"), "clipboard-list", main, parts)

    def _clock_tile(self) -> Tile:
        main = CountLink(_("Overdue deadlines"), self.late_clocks, url_for("pages.running_clocks", due="overdue"), True)
        parts = [CountLink(_("Running"), self._numbers["running"], url_for("pages.running_clocks"))]
        return Tile(_("Overdue deadlines"), "gavel", main, parts)

    def _incident_tile(self) -> Tile:
        tabs = self._incidents.tabs
        words = {"open": _("Open incidents"), "unanswered": _("Unanswered"), "mine": _("Mine")}
        numbers = {
            tab: CountLink(said, tabs.numbers[tab], url_for("pages.incidents", tab=tab), is_least=tabs.is_least)
            for tab, said in words.items()
        }
        return Tile(words["open"], "flame", numbers["open"], [numbers["unanswered"], numbers["mine"]])

    def _report_tile(self) -> Tile:
        number = report_list.count_reports(self.viewer, "received")
        main = CountLink(_("Reports to examine"), number, url_for("pages.reports", state="received"))
        return Tile(_("Reports to examine"), "message-report", main)

    @cached_property
    def _days(self) -> Sequence[dt.date]:
        today = self.at.astimezone(zone()).date()
        return [today - dt.timedelta(days=days - 1) for days in AGES]

    @cached_property
    def _incidents(self) -> overview_counts.OverviewCounts:
        return overview_counts.count_incidents(self.viewer, [day_begins(day) for day in self._days])

    @cached_property
    def grid(self) -> Grid:
        """Open incidents by grade and age: ages are days of the calendar here, as in the filter of the list."""
        since, found = self._days, self._incidents.ages
        words = [_("today"), _("2 to 7 days"), _("8 to 30 days"), _("over 30 days")]
        days = [_days(since, place) for place in range(len(words))]
        rows = [self._grade_row(grade, found, words, days) for grade in overview_counts.ALL_GRADES]
        return Grid(words, [row for row in rows if row.grade is not None or row.total.count])

    def _grade_row(
        self, grade: int | None, found: overview_counts.AgeCounts, words: list[str], days: list[dict[str, str]]
    ) -> GradeRow:
        of_grade: dict[str, Any] = {"tab": "open", "grade": UNGRADED if grade is None else str(grade)}
        cells = [
            CountLink(
                said,
                found.numbers[grade, place],
                url_for("pages.incidents", **(of_grade | days[place])),
                is_least=found.is_least,
            )
            for place, said in enumerate(words)
        ]
        is_least = found.is_least or any(one.count > COUNT_LIMIT for one in cells)
        total = CountLink(
            _("all"), sum(one.count for one in cells), url_for("pages.incidents", **of_grade), is_least=is_least
        )
        return GradeRow(grade, cells, total)


def inbox_url(place: str, **more: str) -> str:
    """Return the address of a part of the inbox without exercises: across departments, for a department its own."""
    view = {} if access.viewer().role == "department" else {"view": "all"}
    query: dict[str, Any] = {**view, "exercise": "false", **more}
    return url_for("pages.inbox", **query, _anchor=place)


def _made_bad(number: CountLink) -> CountLink:
    return CountLink(number.words, number.count, number.url, is_bad=True, is_least=number.is_least)


def _days(since: Sequence[dt.date], place: int) -> dict[str, str]:
    """Return the filter of the list for an age: the first and the last day of opening."""
    late = {"from": since[place].isoformat()} if place < len(since) else {}
    return late | ({"to": (since[place - 1] - dt.timedelta(days=1)).isoformat()} if place else {})
