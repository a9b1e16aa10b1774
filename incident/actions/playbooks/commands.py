"""Commands that a machine carries out: an attempt is written before, the outcome turns the run after (P13, P14)."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from incident.actions.playbooks import manual_fallback, runs
from incident.actions.unit_of_work import transaction
from incident.core.cacao.engine.events import CommandEnded
from incident.core.cacao.engine.events import Outcome as Ended
from incident.core.cacao.engine.run import Run as Engine
from incident.store.db.database import db
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident
from incident.store.playbooks import commands
from incident.store.playbooks.runs import Command, Run

EXECUTOR = "executor"
"""The actor of what a machine has carried out."""

LEASE = dt.timedelta(seconds=30)
"""How long a command is taken to be in hand after its process was last heard of."""


@dataclass(frozen=True)
class CommandOrder:
    """One command to be carried out now.

    Args:
        command_id: its row.
        kind: the CACAO command type.
        order: body, agent, targets, authentication and out_variables as the engine gave them.
        left: seconds until its step, or one around it, has used up its time; None without any limit.
        is_exercise: it is of a drill and is not to be carried out.
    """

    command_id: int
    kind: str
    order: Mapping[str, Any] = field(repr=False)
    left: float | None = None
    is_exercise: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a command ended: `succeeded` or `failed`, the variables it returns, and a detail without secrets."""

    result: str
    variables: Mapping[str, Any]
    detail: str


def claim_commands(
    now: dt.datetime, limit: int, is_repeatable: Callable[[str, Mapping[str, Any]], bool]
) -> list[CommandOrder]:
    """Claim commands that are due; what must not be done by a machine, or not twice, becomes a task for people.

    Args:
        now: the moment (UTC).
        limit: how many slots are free.
        is_repeatable: tells of a kind and its order whether doing it twice does no harm (P14).
    """
    next_at = commands.next_command_at()
    db.session.rollback()
    if next_at is None or next_at > now:
        return []
    claimed: list[CommandOrder] = []
    for_people: list[tuple[int, str]] = []
    with transaction(EXECUTOR, now):
        for row in commands.due_commands(now, limit):
            why = manual_fallback.reason(row, is_repeatable)
            if why is not None:
                for_people.append((row.id, why))
            elif not _has_run_out(row, now):  # else its timer is about to end the step
                row.state, row.attempts = "sending", row.attempts + 1
                row.began_at, row.next_attempt_at = now, now + LEASE
                claimed.append(_order(row, now))
    for command_id, why in for_people:
        manual_fallback.ask_people(command_id, why, EXECUTOR, now)
    return claimed


def _order(row: Command, now: dt.datetime) -> CommandOrder:
    is_exercise = db.session.get_one(Incident, row.incident_id).is_exercise
    return CommandOrder(row.id, row.kind, row.order, _left(row, now), is_exercise)


def renew_leases(command_ids: Collection[int], now: dt.datetime) -> None:
    """Say that commands are still in hand, so that no other process takes them up."""
    with transaction(EXECUTOR, now):
        commands.put_off(command_ids, now + LEASE)


def record_outcome(command_id: int, outcome: Outcome, now: dt.datetime) -> None:
    """Write what became of a command and turn its run with it; what comes after the end of its step changes nothing.

    Args:
        command_id: the command.
        outcome: how it ended.
        now: when (UTC).
    """
    with transaction(EXECUTOR, now) as uow:
        row = db.session.get_one(Command, command_id)
        incident = incidents.lock_incident(row.incident_id)
        db.session.refresh(row)
        if row.state != "sending":
            return
        row.state, row.ended_at, row.outcome, row.detail = "ended", now, outcome.result, outcome.detail[:500]
        subject = f"command:{row.id}"
        uow.record("command.ended", subject, {"result": outcome.result, "detail": row.detail}, incident.number)
        if outcome.result != "succeeded" and _has_run_out(row, now):
            return  # it failed by the time limit, which its timer is about to tell
        result: Ended = "succeeded" if outcome.result == "succeeded" else "failed"
        event = CommandEnded(row.step, row.visit, row.command, result, dict(outcome.variables), {"detail": row.detail})
        runs.advance_in(uow, db.session.get_one(Run, row.run_id), event)


def _has_run_out(row: Command, now: dt.datetime) -> bool:
    left = _left(row, now)
    return left is not None and left <= 0


def _left(row: Command, now: dt.datetime) -> float | None:
    """Seconds until the first of the steps that a command stands in has used up its time; a pause does not count."""
    run = Engine.from_json(db.session.get_one(Run, row.run_id).document)
    pace = db.session.get_one(Incident, row.incident_id).pace
    due: list[dt.datetime] = []
    key: str | None = row.step
    while key is not None:
        record = run.steps[key]
        if record.due_at is not None:
            due.append(record.due_at)
        key = run.scopes[record.scope].opener
    if not due:
        return None
    return (min(due) - (run.paused_at or pace.to_drill(now))).total_seconds() / pace.speed
