"""The tables and the heat map of a month, from its figures."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from incident.actions.insights.reading import departments_by_code, figures_by
from incident.actions.playbooks.playbook_facts import facts_of_version
from incident.actions.playbooks.playbook_loader import PlaybookFaults, VersionGone
from incident.core.insights.counting import HANDLED
from incident.core.insights.figures import Division, FigureRow
from incident.core.insights.months import Month
from incident.core.values.access import Viewer
from incident.data.attack import technique_name
from incident.store.directory.departments import Department
from incident.store.queries.technique_counts import count_by_technique, count_runs_by_version
from incident.web import i18n
from incident.web.i18n import gettext as _
from incident.web.i18n import spoken
from incident.web.instance import current_instance
from incident.web.pages.insights.tables import (
    MEASURE_WORDS,
    FigureTable,
    TableCell,
    TableColumn,
    TableRow,
    number_cells,
    number_columns,
    time_cell,
    time_cells,
    time_columns,
)
from incident.web.pages.template_filters import category_words

YEAR: Final = 12
MOST_STEPS: Final = 20
SHADES: Final = 5
"""Shades of the heat map, beside that of nothing."""

PLAIN_MEASURES: Final = ("opened", "reopened", "escalated", "timed_out")


@dataclass(frozen=True)
class KeyFigure:
    """A figure of the month, with the same of the month before."""

    words: str
    value: TableCell
    before: TableCell
    more: str = ""

    @property
    def change(self) -> str:
        """By how much it changed since the month before, such as `+20 %`; empty where that says nothing."""
        if self.value.value is None or not self.before.value:
            return ""
        percent = round(100 * (self.value.value - self.before.value) / self.before.value)
        return f"{percent:+} %" if percent else "0 %"


@dataclass(frozen=True)
class HeatRow:
    """A day of the week: of each hour the number of opened incidents, and its shade."""

    name: str
    cells: Sequence[tuple[int, int]]
    total: int


class MonthFigures:
    """The figures of a month and of the year up to it; each is read when it is needed."""

    def __init__(self, month: Month, viewer: Viewer) -> None:
        self.month = month
        self.viewer = viewer
        self.year = [month.moved(by) for by in range(1 - YEAR, 1)]
        self._found: dict[Division, Sequence[FigureRow]] = {}

    @cached_property
    def by_month(self) -> Sequence[FigureRow]:
        """The figures of twelve months, this one last."""
        return figures_by("month", self.viewer, self.year)

    @cached_property
    def drills_by_month(self) -> Sequence[FigureRow]:
        """The figures of drills in twelve months."""
        return figures_by("month", self.viewer, self.year, is_drill=True)

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened in twelve months."""
        return all(row.is_empty for row in (*self.by_month, *self.drills_by_month))

    def _divided(self, division: Division) -> Sequence[FigureRow]:
        if division not in self._found:
            self._found[division] = figures_by(division, self.viewer, [self.month])
        return self._found[division]

    @cached_property
    def key_figures(self) -> Sequence[KeyFigure]:
        """The figures of the month, each with that of the month before."""
        before, this = self.by_month[-2:]
        numbers = [
            KeyFigure(_(MEASURE_WORDS[name]), number_cells(this, name)[0], number_cells(before, name)[0])
            for name in PLAIN_MEASURES
        ]
        times = zip(time_cells(this)[::2], time_cells(before)[::2], time_cells(this)[1::2], HANDLED, strict=True)
        medians = [
            KeyFigure(_(MEASURE_WORDS[name]), median, earlier, _("90 %% within %(time)s", time=ninetieth.words))
            for median, earlier, ninetieth, name in times
        ]
        return [numbers[0], *medians, *numbers[1:]]

    @cached_property
    def heat(self) -> Sequence[HeatRow]:
        """The incidents that were opened, by day of the week and hour."""
        numbers = [row.number("opened") for row in self._divided("hour")]
        most = max(numbers, default=0)
        days = [numbers[24 * day : 24 * day + 24] for day in range(7)]
        return [
            HeatRow(i18n.weekday(day), [(number, shade_of(number, most)) for number in hours], sum(hours))
            for day, hours in enumerate(days)
        ]

    def heat_table(self) -> FigureTable:
        """Return the heat map as a table."""
        columns = [TableColumn(f"{hour:02}", "number") for hour in range(24)]
        rows = [TableRow(one.name, [TableCell(number, "number") for number, _shade in one.cells]) for one in self.heat]
        return FigureTable("hours", _("Opened by day of the week and hour"), _("Day"), columns, rows)

    def months_table(self) -> FigureTable:
        """Return the times of twelve months."""
        rows = [
            TableRow(month_words(month), [*number_cells(row, "opened", *HANDLED), *time_cells(row)])
            for month, row in zip(self.year, self.by_month, strict=True)
        ]
        columns = [*number_columns("opened"), *_done_columns(), *time_columns()]
        return FigureTable("months", _("By month"), _("Month"), columns, rows, "lines")

    def days_table(self) -> FigureTable:
        """Return what happened on each day."""
        measures = ("opened", "resolved", "reopened")
        rows = [
            TableRow(i18n.day(day), number_cells(row, *measures))
            for day, row in zip(self.month.days, self._divided("day"), strict=True)
        ]
        columns = number_columns(*measures)
        return FigureTable("days", _("By day"), _("Day"), columns, rows, "columns", is_long=True)

    def categories_table(self) -> FigureTable:
        """Return number and times of each category."""
        return self._named("categories", _("By category"), _("Category"), "category", _category_name)

    def departments_table(self) -> FigureTable:
        """Return number and times of each department; an incident counts for each department that is on it."""
        names = {code: spoken(one.name) for code, one in departments_by_code().items()}
        return self._named(
            "departments", _("By department"), _("Department"), "department", lambda key: names.get(key, key)
        )

    def _named(
        self, name: str, title: str, heading: str, division: Division, words: Callable[[str], str]
    ) -> FigureTable:
        found = sorted(self._divided(division), key=lambda row: (-row.number("opened"), words(row.key)))
        rows = [TableRow(words(row.key), [*number_cells(row, "opened", *HANDLED), *time_cells(row)]) for row in found]
        return FigureTable(name, title, heading, [*number_columns("opened"), *_done_columns(), *time_columns()], rows)

    @cached_property
    def _departments(self) -> Mapping[str, Department]:
        return departments_by_code()

    def _department_name(self, code: str) -> str:
        return spoken(self._departments[code].name)

    def escalations_table(self) -> FigureTable:
        """Return the escalations of each department."""
        found = [row for row in self._divided("department") if row.number("escalated")]
        rows = [
            TableRow(self._department_name(row.key), number_cells(row, "escalated"))
            for row in sorted(found, key=lambda row: (-row.number("escalated"), row.key))
        ]
        return FigureTable("escalations", _("Escalations"), _("Department"), number_columns("escalated"), rows)

    def steps_table(self) -> FigureTable:
        """Return the steps that ran out of time most often."""
        found = sorted(self._divided("step"), key=lambda row: (-row.number("timed_out"), row.key))
        rows = [
            TableRow(step or _("A step without a name"), number_cells(row, "timed_out"), playbook)
            for row in found[:MOST_STEPS]
            for playbook, step in [_step_names(row.key)]
        ]
        title = _("Steps that ran out of time most often")
        return FigureTable("steps", title, _("Step"), number_columns("timed_out"), rows)

    def techniques_table(self) -> FigureTable:
        """Return the techniques of the month: incidents opened in which they were seen, and runs that act against them.

        A run counts for each technique that the steps of its playbook name.
        """
        span = self.month.span_in(current_instance().settings.zone)
        seen, runs = count_by_technique(self.viewer, *span), _runs_by_technique(self.viewer, *span)
        rows = [
            TableRow(technique_name(one), [TableCell(seen.get(one, 0), "number"), TableCell(runs[one], "number")])
            for one in sorted({*seen, *runs}, key=lambda one: (-seen.get(one, 0), -runs[one], one))
        ]
        titles = (_("Incidents"), _("Playbook runs against it"))
        columns = [TableColumn(title, "number", title) for title in titles]
        return FigureTable("techniques", _("Techniques of the attacks"), _("Technique"), columns, rows, is_long=True)

    def reviews_table(self) -> FigureTable:
        """Return the reviews of closed incidents and their actions in twelve months."""
        measures = ("reviewed", "unreviewed", "action_added", "action_done", "action_due", "action_kept")
        rows = [
            TableRow(month_words(month), [*number_cells(row, *measures), time_cell(row.median("reviewed"))])
            for month, row in zip(self.year, self.by_month, strict=True)
        ]
        columns = [*number_columns(*measures), TableColumn(_("Time to review: median"), "time", _("Time to review"))]
        return FigureTable("reviews", _("Reviews and their actions"), _("Month"), columns, rows, "columns")

    def drills_table(self) -> FigureTable:
        """Return the drills of twelve months, with times by the clocks of the drills."""
        rows = [
            TableRow(month_words(month), [*number_cells(row, "opened", "escalated", "timed_out"), *time_cells(row)[:2]])
            for month, row in zip(self.year, self.drills_by_month, strict=True)
        ]
        held = TableColumn(_("Drills"), "number", _("Drills"))
        columns = [held, *number_columns("escalated", "timed_out"), *time_columns()[:2]]
        return FigureTable("drills", _("Drills"), _("Month"), columns, rows, "columns")


TABLES: Final[Mapping[str, Callable[[MonthFigures], FigureTable]]] = {
    "months": MonthFigures.months_table,
    "days": MonthFigures.days_table,
    "categories": MonthFigures.categories_table,
    "departments": MonthFigures.departments_table,
    "hours": MonthFigures.heat_table,
    "escalations": MonthFigures.escalations_table,
    "steps": MonthFigures.steps_table,
    "techniques": MonthFigures.techniques_table,
    "reviews": MonthFigures.reviews_table,
    "drills": MonthFigures.drills_table,
}
"""The tables of the page by their part of the address."""


def _runs_by_technique(viewer: Viewer, since: dt.datetime, until: dt.datetime) -> Counter[str]:
    found: Counter[str] = Counter()
    for content_hash, number in count_runs_by_version(viewer, since, until).items():
        with suppress(VersionGone, PlaybookFaults):
            found.update(dict.fromkeys(facts_of_version(content_hash).techniques, number))
    return found


def shade_of(number: int, most: int) -> int:
    """Return the shade of a number: 0 for nothing, `SHADES` for the largest one."""
    return 0 if not number else max(1, -(-number * SHADES // most))


def month_words(month: Month) -> str:
    """Return a month in words, such as `Nov 2026`."""
    return i18n.month(month.first)


def _done_columns() -> list[TableColumn]:
    """Return the numbers behind the times, which are not drawn."""
    return [TableColumn(one.title, "number") for one in number_columns(*HANDLED)]


def _category_name(code: str) -> str:
    return category_words(code) if code else _("No category")


def _step_names(key: str) -> tuple[str, str]:
    playbook, _between, step = key.partition("\n")
    return spoken(playbook), spoken(step)
