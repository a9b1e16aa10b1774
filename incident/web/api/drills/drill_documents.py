"""Representations of drills and their scores in the API; durations are in the playbook's time."""

import datetime as dt
from collections.abc import Mapping, Sequence

from incident.actions.drills.scoring import Report, Scored
from incident.core.drills.lesson import Lesson
from incident.core.drills.score import FIGURES, Compared, Score, Value, compare
from incident.core.values.duration import format_duration
from incident.core.values.moment import format_moment
from incident.store.incidents.lookups import incidents_by_id, numbers_of
from incident.store.playbooks.playbooks import versions_by_ids
from incident.store.queries.drills import Drill
from incident.web import i18n
from incident.web.api.document_parts import Document, moment


def drill_items(rows: Sequence[Drill]) -> list[Document]:
    """Serialize drills without their scores."""
    found = incidents_by_id({row.incident_id for row in rows})
    versions = versions_by_ids({row.playbook_id for row in rows})
    return [
        {
            "id": row.id,
            "incident": found[row.incident_id].number,
            "run": row.run_id,
            "playbook": versions[row.playbook_id].cacao_id,
            "name": versions[row.playbook_id].name,
            "content_hash": versions[row.playbook_id].content_hash,
            "speed": found[row.incident_id].pace.speed,
            "state": "running" if row.ended_at is None else "ended",
            "started_at": format_moment(row.started_at),
            "started_by": row.started_by,
            "ended_at": moment(row.ended_at),
            "ended_by": row.ended_by,
        }
        for row in rows
    ]


def drill_document(report: Report) -> Document:
    """Serialize a drill with its score, comparison and lessons."""
    own = report.own.score
    numbers = numbers_of({one.run.incident_id for one in (*report.earlier, *report.real)})
    return drill_items([report.drill])[0] | {
        "score": score_document(own),
        "compared": {
            "drills": _comparison(own, report.earlier, numbers),
            "real": _comparison(own, report.real, numbers),
        },
        "lessons": [lesson_document(one) for one in report.lessons],
    }


def score_document(score: Score) -> Document:
    """Serialize a score."""
    return {
        "figures": {name: _value(score.figure(name)) for name in FIGURES},
        "asked": score.asked,
        "in_time": score.in_time,
        "real_for": _value(score.real_for),
        "answers": [
            {"department": one.department, "timing": one.timing, "took": _value(one.took), "level": one.level}
            for one in score.answers
        ],
        "tasks": [
            {
                "title": one.title,
                "department": one.department,
                "timing": one.timing,
                "has_failed": one.has_failed,
                "took": _value(one.took),
                "limit": _value(one.limit),
            }
            for one in score.tasks
        ],
        "steps_timed_out": [one.name for one in score.timed_out],
        "steps_failed": [one.name for one in score.failed],
    }


def lesson_document(lesson: Lesson) -> Document:
    """Serialize a lesson, with its sentence in the language of Accept-Language."""
    return {"code": lesson.code, "detail": i18n.lesson(lesson), "is_praise": lesson.is_praise}


def _comparison(own: Score, others: Sequence[Scored], numbers: Mapping[int | None, str]) -> Document:
    return {
        "figures": [_compared(one) for one in compare(own, [other.score for other in others])],
        "runs": [
            {
                "incident": numbers[one.run.incident_id],
                "started_at": format_moment(one.run.started_at),
                "figures": {name: _value(one.score.figure(name)) for name in FIGURES},
            }
            for one in others
        ],
    }


def _compared(one: Compared) -> Document:
    return {"name": one.name, "value": _value(one.value), "other": _value(one.other), "direction": one.direction}


def _value(value: Value | None) -> str | int | None:
    return format_duration(value) if isinstance(value, dt.timedelta) else value
