"""Commands that a machine carries out: an attempt is written before, the outcome turns the run after (P13, P14)."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from incident.actions import notices, runs
from incident.actions.transaction import transaction
from incident.core.cacao.events import CommandEnded
from incident.core.cacao.events import Outcome as Ended
from incident.store import commands, incidents
from incident.store.database import db
from incident.store.incidents import Incident
from incident.store.runs import LIVE, Command, Run
from incident.store.tasks import Task

EXECUTOR = "executor"
"""The actor of what a machine has carried out."""

LEASE = dt.timedelta(seconds=60)


@dataclass(frozen=True)
class Order:
    """One command to be carried out now.

    Args:
        command_id: its row.
        kind: the CACAO command type.
        order: body, agent, targets, authentication and out_variables as the engine gave them.
    """

    command_id: int
    kind: str
    order: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """How a command ended: `succeeded` or `failed`, the variables it returns, and a detail without secrets."""

    result: str
    variables: Mapping[str, Any]
    detail: str


def begin(now: dt.datetime, limit: int, is_repeatable: Callable[[str, Mapping[str, Any]], bool]) -> list[Order]:
    """Claim commands that are due; one that was in hand when its process died is sent again only if that is safe.

    Args:
        now: the moment (UTC).
        limit: how many slots are free.
        is_repeatable: tells of a kind and its order whether doing it twice does no harm (P14).
    """
    next_at = commands.next_command_at()
    db.session.rollback()
    if next_at is None or next_at > now:
        return []
    with transaction(EXECUTOR, now):
        claimed, doubtful = [], []
        for row in commands.due_commands(now, limit):
            if row.state == "sending" and not is_repeatable(row.kind, row.order):
                doubtful.append(row.id)
                continue
            row.state, row.attempts = "sending", row.attempts + 1
            row.began_at, row.next_attempt_at = now, now + LEASE
            claimed.append(row)
    orders = [Order(row.id, row.kind, row.order) for row in claimed]
    for command_id in doubtful:
        _ask_people(command_id, now)
    return orders


def finish(command_id: int, outcome: Outcome, now: dt.datetime) -> None:
    """Write what became of a command and turn its run with it.

    Args:
        command_id: the command.
        outcome: how it ended.
        now: when (UTC).
    """
    with transaction(EXECUTOR, now) as deed:
        row = db.session.get_one(Command, command_id)
        incident = incidents.hold(row.incident_id)
        db.session.refresh(row)
        if row.state != "sending":
            return
        row.state, row.ended_at, row.outcome, row.detail = "ended", now, outcome.result, outcome.detail[:500]
        subject = f"command:{row.id}"
        deed.enter("command.ended", subject, {"result": outcome.result, "detail": row.detail}, incident.number)
        result: Ended = "succeeded" if outcome.result == "succeeded" else "failed"
        event = CommandEnded(row.step, row.visit, row.command, result, dict(outcome.variables), {"detail": row.detail})
        runs.advance_in(deed, db.session.get_one(Run, row.run_id), event)


def _ask_people(command_id: int, now: dt.datetime) -> None:
    """A command that may or may not have happened becomes a task for people (P14)."""
    with transaction(EXECUTOR, now) as deed:
        row = db.session.get_one(Command, command_id)
        run = runs.held(row.run_id)
        db.session.refresh(row)
        if row.state != "sending" or row.next_attempt_at > now:
            return
        row.state, row.ended_at, row.detail = "ended", now, "left by a process that died"
        if run.state not in LIVE:
            return
        incident = db.session.get_one(Incident, row.incident_id)
        task = _task_for(row, now)
        db.session.add(task)
        db.session.flush()
        deed.enter("task.opened", f"task:{task.id}", {"title": task.title, "command": row.id}, incident.number)
        notices.tell_tasks(deed, incident, [task])


def _task_for(row: Command, now: dt.datetime) -> Task:
    due_at = row.order.get("due_at")
    return Task(
        incident_id=row.incident_id,
        run_id=row.run_id,
        step=row.step,
        visit=row.visit,
        command=row.command,
        title="Find out whether it happened / 查明该操作是否已执行",
        instructions="",
        shown_command=str(row.order["body"].get("command", "")),
        department_id=next(iter(incidents.departments_on(row.incident_id)), None),
        expects=[{"name": name, "type": kind} for name, kind in (row.order.get("out_variables") or {}).items()],
        opened_at=now,
        due_at=dt.datetime.fromisoformat(due_at) if due_at else None,
    )
