"""Tasks: steps that people perform."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, bindparam, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db, from_identity_map, table_of
from incident.store.db.prepared import fetch_all

OPEN = text("state NOT IN ('succeeded', 'failed', 'cancelled', 'timed_out')")
"""Open tasks, as a literal and negated for the same reasons as `WAITING` of notices."""


WANTED = text(f"{OPEN.text} AND wanted_at IS NOT NULL")
"""Open tasks with a moment that people agreed on: few have one."""


class Task(Base):
    """One task of one department in one run; `why` (`core/playbooks/task.py`) says why a person performs it.

    `due_at` is the limit of the playbook, `wanted_at` an earlier moment that people agreed on with `assignee_id`, to
    whom it was given at `assigned_at`.
    `clock_regime` and `clock_stage` name the statutory clock whose filing ends it; then no person does.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'succeeded', 'failed', 'cancelled', 'timed_out')", name="state"),
        Index("ix_tasks_incident_id_state", "incident_id", "state"),
        Index("ix_tasks_state_id", "state", "id"),
        Index("ix_tasks_open_due_at_id", "due_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_tasks_open_wanted_at_id", "wanted_at", "id", sqlite_where=WANTED, postgresql_where=WANTED),
        Index("ix_tasks_department_id_state_id", "department_id", "state", "id"),
        Index("ix_tasks_assignee_id_state", "assignee_id", "state"),
        Index("ix_tasks_run_id_step_visit", "run_id", "step", "visit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    step: Mapped[str] = mapped_column(String(600))
    visit: Mapped[int]
    command: Mapped[int]
    title: Mapped[str] = mapped_column(String(500))
    why: Mapped[str | None] = mapped_column(String(40))
    instructions: Mapped[str] = mapped_column(Text, default="")
    shown_command: Mapped[str | None] = mapped_column(Text)
    agent: Mapped[str | None] = mapped_column(String(500))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    expects: Mapped[list[Any]]
    clock_regime: Mapped[str | None] = mapped_column(String(60))
    clock_stage: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), default="open")
    opened_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime | None]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    assigned_at: Mapped[dt.datetime | None]
    wanted_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(300))
    note: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def until(self) -> dt.datetime | None:
        """Until when it must be done: the moment that people agreed on, else the limit of the playbook."""
        return self.wanted_at or self.due_at


def open_tasks_of(incident_id: int) -> Sequence[Task]:
    """Return the open tasks of an incident, oldest first."""
    wanted = select(Task).where(Task.incident_id == incident_id, Task.state == "open").order_by(Task.id)
    return db.session.scalars(wanted).all()


def open_filing_tasks(incident_id: int) -> Sequence[Task]:
    """Return the open tasks of an incident that a filing ends, oldest first."""
    wanted = select(Task).where(Task.incident_id == incident_id, Task.state == "open", Task.clock_regime.is_not(None))
    return db.session.scalars(wanted.order_by(Task.id)).all()


def tasks_of(incident_id: int) -> Sequence[Task]:
    """Return every task of an incident, oldest first."""
    return db.session.scalars(select(Task).where(Task.incident_id == incident_id).order_by(Task.id)).all()


def tasks_of_runs(run_ids: Collection[int]) -> Sequence[Task]:
    """Return every task of several runs, oldest first."""
    return db.session.scalars(select(Task).where(Task.run_id.in_(list(run_ids))).order_by(Task.id)).all()


def has_ended_one(incident_id: int, department_id: int, since: dt.datetime) -> bool:
    """Whether people of a department have ended a task of an incident since a moment."""
    wanted = select(Task.id).where(
        Task.incident_id == incident_id,
        Task.department_id == department_id,
        Task.state.in_(("succeeded", "failed")),
        Task.ended_at >= since,
    )
    return db.session.scalar(wanted.limit(1)) is not None


def task_of_step(run_id: int, step: str, visit: int, command: int) -> Task | None:
    """Return the task for one command of one visit of a step."""
    wanted = select(Task).where(
        Task.run_id == run_id, Task.step == step, Task.visit == visit, Task.command == command, Task.state == "open"
    )
    return db.session.scalar(wanted)


_tasks = table_of(Task).c
_CANCEL = (
    update(table_of(Task))
    .where(
        _tasks.run_id == bindparam("of_run"),
        _tasks.step == bindparam("of_step"),
        _tasks.visit == bindparam("of_visit"),
        _tasks.command == bindparam("of_command"),
        _tasks.state == "open",
    )
    .values(state="cancelled", ended_at=bindparam("at"), version=_tasks.version + 1)
    .returning(_tasks.id)
)


def cancel_task(run_id: int, step: str, visit: int, command: int, now: dt.datetime) -> Sequence[int]:
    """Cancel the open task of one command of one visit of a step, return its id.

    It is cheap, because thousands may time out at once.
    """
    if db.session.new:
        db.session.flush()  # the task may have been created earlier in the same turn
    parameters = {"of_run": run_id, "of_step": step, "of_visit": visit, "of_command": command, "at": now}
    cancelled: list[int] = [row[0] for row in fetch_all(db.session.connection(), _CANCEL, **parameters)]
    for task_id in cancelled:
        loaded = from_identity_map(Task, task_id)
        if loaded is not None:
            db.session.expire(loaded)
    return cancelled
