"""Schemas of drills and their scores; durations are in the playbook's time, as ISO 8601."""

from marshmallow import Schema, fields

from incident.core.drills.score import FIGURES
from incident.web.api import schema_parts

TIMINGS = ["in_time", "late", "never", "waiting", "dropped"]


class DrillItem(Schema):
    """An exercise with a playbook, on an incident that has not happened."""

    id = schema_parts.number()
    incident = schema_parts.text(example="DRL-2026-000001")
    run = schema_parts.number()
    playbook = schema_parts.text("its CACAO id")
    name = schema_parts.text()
    content_hash = schema_parts.text("of the version that is drilled")
    speed = schema_parts.number("how much faster its clock goes")
    state = schema_parts.text(enum=["running", "ended"])
    started_at = schema_parts.at()
    started_by = schema_parts.text()
    ended_at = schema_parts.maybe_at()
    ended_by = schema_parts.maybe()


class FiguresOut(Schema):
    """Figures by which runs are compared; null when there is no data."""

    share = schema_parts.maybe_number("hundredth parts of what was asked that came in time")
    acknowledged_for = schema_parts.maybe("how long the slowest department took to acknowledge", example="PT4M10S")
    tasks_late = schema_parts.number("done after their time limit")
    tasks_never = schema_parts.number("not done within their time limit")
    steps_timed_out = schema_parts.number()
    took_for = schema_parts.maybe("from the start to the end; null when it was broken off", example="PT1H20M")


class AnswerOut(Schema):
    """The answer of a department."""

    department = schema_parts.text()
    timing = schema_parts.text(enum=TIMINGS)
    took = schema_parts.maybe("until it acknowledged")
    level = schema_parts.number("that had been told by then")


class DoneOut(Schema):
    """The completion of a task."""

    title = schema_parts.text()
    department = schema_parts.maybe()
    timing = schema_parts.text(enum=TIMINGS)
    has_failed = schema_parts.truth()
    took = schema_parts.maybe()
    limit = schema_parts.maybe("the time that it had")


class ScoreOut(Schema):
    """The figures of a run, so far if it is in progress."""

    figures = fields.Nested(FiguresOut, required=True)
    asked = schema_parts.number("answers and tasks that count")
    in_time = schema_parts.number("those of them that came in time")
    real_for = schema_parts.text("how long it took in real time")
    answers = schema_parts.list_of(AnswerOut)
    tasks = schema_parts.list_of(DoneOut)
    steps_timed_out = schema_parts.list_of(fields.String())
    steps_failed = schema_parts.list_of(fields.String())


class ComparedOut(Schema):
    """One figure and the median of other runs."""

    name = schema_parts.text(enum=list(FIGURES))
    value = fields.Raw(required=True, allow_none=True)
    other = fields.Raw(required=True, allow_none=True)
    direction = schema_parts.maybe(enum=["better", "worse", "same", None])


class OtherRunOut(Schema):
    """A run of the same playbook."""

    incident = schema_parts.text()
    started_at = schema_parts.at()
    figures = fields.Nested(FiguresOut, required=True)


class ComparisonOut(Schema):
    """Runs of the same playbook, the newest first, and this one compared with their median."""

    figures = schema_parts.list_of(ComparedOut)
    runs = schema_parts.list_of(OtherRunOut)


class ComparisonsOut(Schema):
    """The comparison of a drill."""

    drills = fields.Nested(ComparisonOut, required=True, metadata={"description": "earlier drills"})
    real = fields.Nested(ComparisonOut, required=True, metadata={"description": "what has really happened"})


class LessonOut(Schema):
    """One thing to improve, or one that went well."""

    code = schema_parts.text()
    detail = schema_parts.text("the same in words, in the language of Accept-Language")
    is_praise = schema_parts.truth()


class DrillOut(DrillItem):
    """A drill with its score; the lessons are present after it has ended."""

    score = fields.Nested(ScoreOut, required=True)
    compared = fields.Nested(ComparisonsOut, required=True)
    lessons = schema_parts.list_of(LessonOut)
