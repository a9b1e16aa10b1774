"""The document of insights, and its shape."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from marshmallow import Schema, fields

from incident.actions.insights.reading import CountingState
from incident.core.insights.counting import MEASURES, TIMED
from incident.core.insights.durations import PRECISION
from incident.core.insights.figures import DIVISIONS, FigureRow
from incident.core.insights.months import Month
from incident.core.values.table import escape_cell
from incident.web.api import schema_parts
from incident.web.api.document_parts import Document, moment

PLAIN: Final = tuple(one for one in MEASURES if one not in TIMED)
"""Measures that are only numbers."""


class TimesOut(Schema):
    """How often something was done, and how long it took."""

    count = schema_parts.number()
    median_seconds = schema_parts.maybe_number()
    p90_seconds = schema_parts.maybe_number("90 % took at most as long")


class InsightOut(Schema):
    """The figures of one month, day, hour, category, department or step."""

    key = schema_parts.text(
        "a month, a day, day of the week (0 for Monday) and hour, a category (empty for none), the code of a "
        "department, or the names of playbook and step, with a line break between them",
        example="2026-11",
    )
    opened = schema_parts.number()
    acknowledged = fields.Nested(TimesOut, required=True)
    contained = fields.Nested(TimesOut, required=True, metadata={"description": "the end of handling was recorded"})
    resolved = fields.Nested(TimesOut, required=True, metadata={"description": "closed, and not reopened since"})
    reopened = schema_parts.number()
    escalated = schema_parts.number("times that a further level was notified")
    timed_out = schema_parts.number("steps that ran out of time")
    reviewed = fields.Nested(TimesOut, required=True, metadata={"description": "a review was written, since closing"})
    unreviewed = schema_parts.number("incidents that were closed and have no review yet")
    action_added = schema_parts.number("actions that reviews agreed on")
    action_done = schema_parts.number("actions that were done")
    action_due = schema_parts.number("actions whose due it was")
    action_kept = schema_parts.number("those of them that were done by then")


class InsightsOut(Schema):
    """Figures of some months, each fact counted on the day on which it happened."""

    first = schema_parts.text("the first month", example="2026-11")
    last = schema_parts.text("the last month", example="2026-11")
    by = schema_parts.text(enum=list(DIVISIONS))
    exercise = schema_parts.truth("figures of drills, on their faster clocks, in place of real incidents")
    zone = schema_parts.text("the time zone of the days", example="Asia/Shanghai")
    counted_at = schema_parts.maybe_at("everything up to then is counted; null before the first time")
    percent_counted = schema_parts.maybe_number("while all incidents are counted again; null when figures are whole")
    precision_percent = schema_parts.number("by how much a median or a 90th percentile may be wrong")
    items = schema_parts.list_of(InsightOut)


def insights_document(
    rows: Iterable[FigureRow], months: Sequence[Month], state: CountingState, **facts: Any
) -> Document:
    """Serialize figures; `facts` are `by`, `exercise` and `zone`."""
    return {
        "first": str(months[0]),
        "last": str(months[-1]),
        **facts,
        "counted_at": moment(state.counted_at),
        "percent_counted": state.percent,
        "precision_percent": PRECISION,
        "items": [insight_document(row) for row in rows],
    }


def insight_document(row: FigureRow) -> Document:
    """Serialize the figures of one row."""
    times: Document = {
        name: {
            "count": row.number(name),
            "median_seconds": _seconds(row.median(name)),
            "p90_seconds": _seconds(row.ninetieth(name)),
        }
        for name in TIMED
    }
    return {"key": row.key, **{name: row.number(name) for name in PLAIN}, **times}


def insight_lines(rows: Iterable[FigureRow]) -> Iterator[list[str]]:
    """Yield figures as rows of CSV, with the names of members of the document as the heading."""
    parts = ("count", "median_seconds", "p90_seconds")
    yield ["key", *PLAIN, *(f"{name}_{part}" for name in TIMED for part in parts)]
    for row in rows:
        document = insight_document(row)
        numbers = [*(document[name] for name in PLAIN), *(document[name][part] for name in TIMED for part in parts)]
        yield [escape_cell(row.key), *("" if one is None else str(one) for one in numbers)]


def _seconds(took: dt.timedelta | None) -> int | None:
    return None if took is None else round(took.total_seconds())
