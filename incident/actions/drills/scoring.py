"""Scores of runs from the database, the same for drills and real incidents."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from incident.actions.playbooks import playbook_loader
from incident.core.cacao import PlaybookBundle
from incident.core.cacao.engine.run import Run as Engine
from incident.core.drills.lesson import Lesson, lessons
from incident.core.drills.score import NoticeFact, RunFacts, Score, StepFact, TaskFact, score
from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.incidents.lookups import incidents_by_id
from incident.store.notifications import messages, notice_events, notices
from incident.store.notifications.notice_events import NoticeEvent
from incident.store.notifications.notices import Notice
from incident.store.playbooks import tasks
from incident.store.playbooks.playbooks import Playbook
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.store.queries import drills
from incident.store.queries.drills import Drill

MAX_EARLIER = 10
"""Number of earlier drills, and of real runs, with which a drill is compared."""


@dataclass(frozen=True)
class Scored:
    """A run and its score."""

    run: Run
    score: Score


@dataclass(frozen=True)
class Report:
    """The report of a drill: its score, earlier drills and real runs of the same playbook, and lessons."""

    drill: Drill
    playbook: Playbook
    own: Scored
    earlier: Sequence[Scored]
    real: Sequence[Scored]
    lessons: Sequence[Lesson]


def report_on(drill: Drill, viewer: Viewer, now: dt.datetime) -> Report:
    """Return the report of a drill, so far when it has not ended.

    Args:
        drill: the drill.
        viewer: who requests it, as for `scores_of`; runs that they may not see are not compared with.
        now: the moment (UTC).
    """
    playbook = db.session.get_one(Playbook, drill.playbook_id)
    own = db.session.get_one(Run, drill.run_id)
    before = (viewer, playbook.cacao_id, drill.started_at, MAX_EARLIER)
    earlier, real = drills.ended_runs(*before, is_drill=True), drills.ended_runs(*before, is_drill=False)
    found = scores_of([own, *earlier, *real], viewer, now)
    scored = {run_id: Scored(run, found[run_id]) for run_id, run in ((one.id, one) for one in (own, *earlier, *real))}
    learned = lessons(found[own.id], [found[one.id] for one in earlier]) if found[own.id].is_over else []
    its = scored[own.id]
    return Report(drill, playbook, its, [scored[one.id] for one in earlier], [scored[one.id] for one in real], learned)


def scores_of(runs: Collection[Run], viewer: Viewer, now: dt.datetime) -> Mapping[int, Score]:
    """Return the scores of runs by id, with one query for each table.

    Args:
        runs: the runs.
        viewer: who requests them; for the role `department`, the score covers its own answers and tasks.
        now: the moment (UTC), for runs that have not ended.
    """
    incidents = incidents_by_id({run.incident_id for run in runs})
    own_notices = [one for one in notices.notices_on(incidents.keys()) if _is_own(viewer, one.department_id)]
    work = [one for one in tasks.tasks_of_runs({run.id for run in runs}) if _is_own(viewer, one.department_id)]
    ids = {one.department_id for one in own_notices} | {
        one.department_id for one in work if one.department_id is not None
    }
    names = {one.id: one.name for one in departments.departments_of(ids).values()}
    first = messages.first_levels({one.id for one in own_notices})
    declined = notice_events.first_at([one.id for one in own_notices if one.acknowledged_at is None], "declined")
    its_notices: dict[int, list[NoticeFact]] = {}
    for notice in own_notices:
        if notice.incident_id is None:
            continue
        fact = _notice(notice, names, first.get(notice.id), declined.get(notice.id))
        its_notices.setdefault(notice.incident_id, []).append(fact)
    its_tasks: dict[int, list[TaskFact]] = {}
    for task in work:
        its_tasks.setdefault(task.run_id, []).append(_task(task, names))
    return {
        run.id: score(
            RunFacts(
                started_at=run.started_at,
                ended_at=run.ended_at,
                at=now,
                state=run.state,
                is_handled=bool(run.document["is_handled"]),
                speed=incidents[run.incident_id].pace.speed,
                notices=its_notices.get(run.incident_id, ()),
                tasks=its_tasks.get(run.id, ()),
                steps=list(_steps(playbook_loader.pinned(run.pins), Engine.from_json(run.document))),
            )
        )
        for run in runs
    }


def _is_own(viewer: Viewer, department_id: int | None) -> bool:
    return viewer.role != "department" or department_id in viewer.department_ids


def _notice(row: Notice, names: Mapping[int, str], first_level: int | None, declined: NoticeEvent | None) -> NoticeFact:
    """Return the facts of a notice; a declined one is answered, whatever its later state is."""
    return NoticeFact(
        department=names[row.department_id],
        opened_at=row.opened_at,
        acknowledged_at=declined.at if declined else row.acknowledged_at,
        level=declined.level if declined else row.level,
        round=declined.round if declined else row.round,
        has_contact=first_level is not None,
        first_level=first_level or 1,
    )


def _task(row: Task, names: Mapping[int, str]) -> TaskFact:
    name = None if row.department_id is None else names[row.department_id]
    return TaskFact(row.step, row.title, name, row.opened_at, row.due_at, row.ended_at, row.state)


def _steps(bundle: PlaybookBundle, engine: Engine) -> Iterator[StepFact]:
    for record in engine.steps.values():
        prefix = record.key.removesuffix(record.step_id)
        step = bundle.playbook(engine.calls.get(prefix, "")).steps[record.step_id]
        name = step.name or step.description or step.id.partition("--")[0]
        yield StepFact(record.key, name, step.type == "action", record.state)
