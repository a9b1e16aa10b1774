"""Schemas of drills and their scores; durations are in the playbook's time, as ISO 8601."""

from marshmallow import Schema, fields

from incident.core.drills.score import FIGURES
from incident.web.api.schemas import parts

TIMINGS = ["in_time", "late", "never", "waiting", "dropped"]


class DrillItem(Schema):
    """An exercise with a playbook, on an incident that has not happened."""

    id = parts.number()
    incident = parts.text(example="DRL-2026-000001")
    run = parts.number()
    playbook = parts.text("its CACAO id")
    name = parts.text()
    content_hash = parts.text("of the version that is drilled")
    speed = parts.number("how much faster its clock goes")
    state = parts.text(enum=["running", "ended"])
    started_at = parts.at()
    started_by = parts.text()
    ended_at = parts.maybe_at()
    ended_by = parts.maybe()


class FiguresOut(Schema):
    """Figures by which runs are compared; null when there is no data."""

    share = parts.maybe_number("hundredth parts of what was asked that came in time")
    acknowledged_for = parts.maybe("how long the slowest department took to acknowledge", example="PT4M10S")
    tasks_late = parts.number("done after their time limit")
    tasks_never = parts.number("not done within their time limit")
    steps_timed_out = parts.number()
    took_for = parts.maybe("from the start to the end; null when it was broken off", example="PT1H20M")


class AnswerOut(Schema):
    """The answer of a department."""

    department = parts.text()
    timing = parts.text(enum=TIMINGS)
    took = parts.maybe("until it acknowledged")
    level = parts.number("that had been told by then")


class DoneOut(Schema):
    """The completion of a task."""

    title = parts.text()
    department = parts.maybe()
    timing = parts.text(enum=TIMINGS)
    has_failed = parts.truth()
    took = parts.maybe()
    limit = parts.maybe("the time that it had")


class ScoreOut(Schema):
    """The figures of a run, so far if it is in progress."""

    figures = fields.Nested(FiguresOut, required=True)
    asked = parts.number("answers and tasks that count")
    in_time = parts.number("those of them that came in time")
    real_for = parts.text("how long it took in real time")
    answers = parts.list_of(AnswerOut)
    tasks = parts.list_of(DoneOut)
    steps_timed_out = parts.list_of(fields.String())
    steps_failed = parts.list_of(fields.String())


class ComparedOut(Schema):
    """One figure and the median of other runs."""

    name = parts.text(enum=list(FIGURES))
    value = fields.Raw(required=True, allow_none=True)
    other = fields.Raw(required=True, allow_none=True)
    direction = parts.maybe(enum=["better", "worse", "same", None])


class OtherRunOut(Schema):
    """A run of the same playbook."""

    incident = parts.text()
    started_at = parts.at()
    figures = fields.Nested(FiguresOut, required=True)


class ComparisonOut(Schema):
    """Runs of the same playbook, the newest first, and this one compared with their median."""

    figures = parts.list_of(ComparedOut)
    runs = parts.list_of(OtherRunOut)


class ComparisonsOut(Schema):
    """The comparison of a drill."""

    drills = fields.Nested(ComparisonOut, required=True, metadata={"description": "earlier drills"})
    real = fields.Nested(ComparisonOut, required=True, metadata={"description": "what has really happened"})


class LessonOut(Schema):
    """One thing to improve, or one that went well."""

    code = parts.text()
    detail = parts.text("the same in words, in the language of Accept-Language")
    is_praise = parts.truth()


class DrillOut(DrillItem):
    """A drill with its score; the lessons are present after it has ended."""

    score = fields.Nested(ScoreOut, required=True)
    compared = fields.Nested(ComparisonsOut, required=True)
    lessons = parts.list_of(LessonOut)
