"""Tables of insights: each is shown, drawn as charts by a script, and downloaded as CSV."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from incident.core.insights.counting import HANDLED
from incident.core.insights.figures import FigureRow
from incident.core.values.error_messages import N_
from incident.core.values.table import escape_cell
from incident.web import i18n
from incident.web.i18n import gettext as _

Unit = Literal["number", "time"]
Chart = Literal["lines", "columns", "bars"]
"""Lines and columns run along time, bars have names."""

MEASURE_WORDS: Final = {
    "opened": N_("Incidents opened"),
    "acknowledged": N_("Time to acknowledge"),
    "contained": N_("Time to contain"),
    "resolved": N_("Time to resolve"),
    "reopened": N_("Reopened"),
    "escalated": N_("Escalations"),
    "timed_out": N_("Steps out of time"),
    "reviewed": N_("Reviews written"),
    "unreviewed": N_("Closed without a review"),
    "action_added": N_("Actions agreed"),
    "action_done": N_("Actions done"),
    "action_due": N_("Actions due"),
    "action_kept": N_("Done in time"),
}
DONE_WORDS: Final = {
    "acknowledged": N_("Acknowledged"),
    "contained": N_("Contained"),
    "resolved": N_("Resolved"),
}
"""The words for how often it was done."""


ROUNDED: Final = ((864_000, 86_400), (36_000, 3_600), (7_200, 600), (120, 60), (0, 10))
"""From so many seconds on, durations are shown in such steps (s)."""


@dataclass(frozen=True)
class TableColumn:
    """A column of numbers; those of one `group` are drawn in one chart, the others in none."""

    title: str
    unit: Unit
    group: str = ""
    series: str = ""


@dataclass(frozen=True)
class TableCell:
    """A number, or a duration in seconds; None where there is nothing."""

    value: int | None
    unit: Unit

    @property
    def words(self) -> str:
        """The value as people read it."""
        if self.value is None:
            return "–"
        if self.unit == "number":
            return i18n.grouped(self.value)
        return i18n.span(rounded(dt.timedelta(seconds=self.value)))


@dataclass(frozen=True)
class TableRow:
    """The name of a row, a second line below it, and its cells."""

    name: str
    cells: Sequence[TableCell]
    more: str = ""


@dataclass(frozen=True)
class FigureTable:
    """A table; `name` is its part of an address, `heading` the title of its first column."""

    name: str
    title: str
    heading: str
    columns: Sequence[TableColumn]
    rows: Sequence[TableRow]
    chart: Chart = "bars"
    is_long: bool = False

    drawn: int = 15

    @property
    def is_cut(self) -> bool:
        """Whether the bars of charts stand for some of the rows only."""
        return self.chart == "bars" and len(self.rows) > self.drawn

    def lines(self) -> Iterable[list[str]]:
        """Yield the rows of its CSV: durations in seconds, nothing as an empty cell."""
        seconds = _("in seconds")
        yield [self.heading, *(f"{one.title} ({seconds})" if one.unit == "time" else one.title for one in self.columns)]
        for row in self.rows:
            name = f"{row.name}: {row.more}" if row.more else row.name
            yield [escape_cell(name), *("" if one.value is None else str(one.value) for one in row.cells)]


def rounded(took: dt.timedelta) -> dt.timedelta:
    """Return a duration without digits that its precision does not have."""
    seconds = took.total_seconds()
    step = next(size for least, size in ROUNDED if seconds >= least)
    return dt.timedelta(seconds=round(seconds / step) * step)


def number_columns(*measures: str) -> list[TableColumn]:
    """Return the columns of numbers of measures, each with its chart."""
    words = [_(DONE_WORDS.get(name, MEASURE_WORDS[name])) for name in measures]
    return [TableColumn(one, "number", one) for one in words]


def time_columns() -> list[TableColumn]:
    """Return the columns of median and 90th percentile of each timed measure; each measure is a chart."""
    return [
        TableColumn(f"{_(MEASURE_WORDS[name])}: {part}", "time", _(MEASURE_WORDS[name]), part)
        for name in HANDLED
        for part in (_("median"), _("90 % within"))
    ]


def number_cells(row: FigureRow, *measures: str) -> list[TableCell]:
    """Return the numbers of measures."""
    return [TableCell(row.number(name), "number") for name in measures]


def time_cells(row: FigureRow) -> list[TableCell]:
    """Return median and 90th percentile of each timed measure."""
    return [time_cell(took) for name in HANDLED for took in (row.median(name), row.ninetieth(name))]


def time_cell(took: dt.timedelta | None) -> TableCell:
    """Return a duration; None for nothing."""
    return TableCell(None if took is None else round(took.total_seconds()), "time")
