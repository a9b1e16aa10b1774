"""Histories of incidents for insights, read from the journal and the tables of a few incidents at once."""

import datetime as dt
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, case, func, or_, select, tuple_

from incident.core.insights.counting import KINDS, ActionHistory, Happening, IncidentHistory
from incident.store.db.database import db
from incident.store.incidents.closing_reviews import ReviewAction
from incident.store.incidents.incidents import Incident, IncidentDepartment
from incident.store.journal.journal import Entry
from incident.store.notifications.notices import HANDLING, Notice
from incident.store.playbooks.runs import RED_RUNS, Run, runs_by_ids
from incident.store.playbooks.tasks import Task

TURNS: Final = ("run.started", "run.advanced", "run.ended")
TIMED_OUT: Final = "timed_out"
FOLLOWED: Final = ("incident.", "notice.", "run.", "drill.", "task.")
"""Beginnings of the types of entries after which an incident is counted again."""


@dataclass(frozen=True)
class StepTimeout:
    """A step of a run that timed out: its key, its visit, and the department that had the task."""

    run: Run
    step: str
    visit: int
    at: dt.datetime
    department_id: int | None


@dataclass(frozen=True)
class RawHistory:
    """The history of an incident, and its timed out steps, whose words are in their playbooks."""

    history: IncidentHistory
    timeouts: Sequence[StepTimeout]


@dataclass(frozen=True)
class Followed:
    """Entries of the journal that were followed: the numbers of incidents, and the last entry with its moment."""

    numbers: Collection[str]
    seq: int
    at: dt.datetime


def entries_to_follow(seq: int, limit: int, most: int) -> Followed | None:
    """Return what happened after an entry of the journal; None for nothing.

    Args:
        seq: the entry.
        limit: the maximum number of entries that are read.
        most: the maximum number of incidents; the rest is returned the next time.
    """
    is_of_incident = or_(*(Entry.event_type.startswith(begin) for begin in FOLLOWED))
    wanted = select(Entry.seq, Entry.at, case((is_of_incident, Entry.incident))).where(Entry.seq > seq)
    numbers: dict[str, None] = {}
    last: tuple[int, dt.datetime] | None = None
    for place, at, number in db.session.execute(wanted.order_by(Entry.seq).limit(limit)):
        if number is not None and number not in numbers:
            if len(numbers) == most:
                break
            numbers[number] = None
        last = (place, at)
    return None if last is None else Followed(numbers, *last)


def ids_of_numbers(numbers: Collection[str]) -> Sequence[int]:
    """Return the ids of incidents by their numbers."""
    return db.session.scalars(select(Incident.id).where(Incident.number.in_(list(numbers)))).all()


def ids_after(incident_id: int, limit: int) -> Sequence[int]:
    """Return the ids of the incidents that follow one."""
    wanted = select(Incident.id).where(Incident.id > incident_id)
    return db.session.scalars(wanted.order_by(Incident.id).limit(limit)).all()


def largest_id() -> int:
    """Return the largest id of an incident, 0 without any."""
    return db.session.scalar(select(func.max(Incident.id))) or 0


def histories_of(incident_ids: Collection[int]) -> Mapping[int, RawHistory]:
    """Return the histories of incidents by id, with one query for each table."""
    ids = list(incident_ids)
    if not ids:
        return {}
    columns = ("id", "number", "category", "tlp", "speed", "opened_at", "handled_at", "closed_at")
    found = db.session.execute(select(*(getattr(Incident, name) for name in columns)).where(Incident.id.in_(ids))).all()
    departments = _departments(ids)
    actions = _review_actions(ids)
    secret = _red_drills([row.id for row in found if row.speed is not None])
    numbers = {row.number: row.id for row in found}
    happenings, timeouts = _happenings(numbers)
    return {
        row.id: RawHistory(
            IncidentHistory(
                opened_at=row.opened_at,
                category=row.category,
                departments=departments.get(row.id, ()),
                is_red=row.tlp == "red" or row.id in secret,
                speed=row.speed,
                handled_at=row.handled_at,
                closed_at=row.closed_at,
                happenings=happenings.get(row.id, ()),
                actions=actions.get(row.id, ()),
            ),
            timeouts.get(row.id, ()),
        )
        for row in found
    }


def _departments(ids: list[int]) -> Mapping[int, Sequence[int]]:
    """Return the departments that are responsible for incidents; those that only received a report are not."""
    found: dict[int, list[int]] = {}
    wanted = select(IncidentDepartment.incident_id, IncidentDepartment.department_id).where(
        IncidentDepartment.incident_id.in_(ids), IncidentDepartment.is_recipient.is_(False)
    )
    for incident_id, department_id in db.session.execute(wanted.order_by(IncidentDepartment.department_id)):
        found.setdefault(incident_id, []).append(department_id)
    return found


def _review_actions(ids: list[int]) -> Mapping[int, Sequence[ActionHistory]]:
    """Return the actions of the reviews of incidents."""
    columns = (ReviewAction.incident_id, ReviewAction.added_at, ReviewAction.due_at, ReviewAction.done_at)
    wanted = select(*columns).where(ReviewAction.incident_id.in_(ids)).order_by(ReviewAction.id)
    found: dict[int, list[ActionHistory]] = {}
    for incident_id, added_at, due_at, done_at in db.session.execute(wanted):
        found.setdefault(incident_id, []).append(ActionHistory(added_at, due_at, done_at))
    return found


def _red_drills(ids: list[int]) -> frozenset[int]:
    """Return the drills of playbooks that are marked TLP:RED."""
    if not ids:
        return frozenset()
    return frozenset(db.session.scalars(select(Run.incident_id).where(Run.incident_id.in_(ids), RED_RUNS)))


Happenings = dict[int, list[Happening]]
Timeouts = dict[int, list[StepTimeout]]


def _happenings(numbers: Mapping[str, int]) -> tuple[Happenings, Timeouts]:
    """Return what the journal has of incidents, by their ids."""
    is_turn = and_(Entry.event_type.in_(TURNS), Entry.detail.contains(f'"after":"{TIMED_OUT}"'))
    detail = case((Entry.event_type.in_(TURNS), Entry.detail))
    wanted = select(Entry.at, Entry.event_type, Entry.incident, Entry.subject, detail.label("detail"))
    wanted = wanted.where(Entry.incident.in_(list(numbers)), or_(Entry.event_type.in_(list(KINDS)), is_turn))
    rows = db.session.execute(wanted.order_by(Entry.seq)).all()
    of_notices = _departments_of_notices(list(numbers.values()) if rows else [])
    happenings: Happenings = {}
    turns = []
    for row in rows:
        if row.event_type in TURNS:
            turns.append(row)
            continue
        kind, _, notice_id = row.subject.partition(":")
        notice = int(notice_id) if kind == "notice" else None
        if notice is not None and notice not in of_notices:
            continue  # asks for something other than handling
        department_id = None if notice is None else of_notices[notice]
        happening = Happening(KINDS[row.event_type], row.at, notice, department_id)
        happenings.setdefault(numbers[str(row.incident)], []).append(happening)
    return happenings, _timeouts(turns, numbers)


def _departments_of_notices(ids: list[int]) -> Mapping[int, int]:
    if not ids:
        return {}
    wanted = select(Notice.id, Notice.department_id).where(Notice.incident_id.in_(ids), HANDLING)
    return {row.id: row.department_id for row in db.session.execute(wanted)}


def _timeouts(turns: Sequence[Any], numbers: Mapping[str, int]) -> Timeouts:
    """Return the steps that timed out in turns of runs."""
    found = [(row, *one) for row in turns for one in _steps_in(row.detail)]
    if not found:
        return {}
    runs = {run.id: run for run in runs_by_ids({_run_id(row) for row, _, _ in found})}
    keys = [(_run_id(row), step, visit) for row, step, visit in found]
    place = tuple_(Task.run_id, Task.step, Task.visit)
    tasks = db.session.execute(select(Task.run_id, Task.step, Task.visit, Task.department_id).where(place.in_(keys)))
    departments = {(run_id, step, visit): department_id for run_id, step, visit, department_id in tasks}
    timeouts: Timeouts = {}
    for (row, step, visit), key in zip(found, keys, strict=True):
        timeout = StepTimeout(runs[key[0]], step, visit, row.at, departments.get(key))
        timeouts.setdefault(numbers[str(row.incident)], []).append(timeout)
    return timeouts


def _steps_in(detail: str) -> Iterator[tuple[str, int]]:
    for change in json.loads(detail).get("changes", ()):
        if change.get("after") == TIMED_OUT and "step" in change:
            yield str(change["step"]), int(change["visit"])


def _run_id(row: Any) -> int:
    return int(row.subject.partition(":")[2])
