"""Machine commands: an attempt is written before, the outcome advances the run after (P13, P14)."""

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
from incident.store.playbooks.command_switch import lock_for_claims
from incident.store.playbooks.runs import Command, Run

EXECUTOR = "executor"
"""The actor of machine commands."""

LEASE = dt.timedelta(seconds=30)
"""Lease of a command, counted from the last sign of life of its process."""

HELD_FOR = dt.timedelta(seconds=30)
"""Interval between two looks at a command that waits during a stop; its end makes all due at once."""

HELD_AT_ONCE = 500
"""Commands that are put aside at once during a stop: those that people must do are among them."""


@dataclass(frozen=True)
class CommandOrder:
    """One command to perform now.

    Args:
        command_id: its row.
        kind: the CACAO command type.
        order: body, agent, targets, authentication and out_variables from the engine.
        left: seconds until the time limit of its step, or of one around it, passes; None without any limit.
        is_exercise: it belongs to a drill and must not be performed.
    """

    command_id: int
    kind: str
    order: Mapping[str, Any] = field(repr=False)
    left: float | None = None
    is_exercise: bool = False


@dataclass(frozen=True)
class Outcome:
    """Result of a command: `succeeded` or `failed`, its variables, and a detail without secrets."""

    result: str
    variables: Mapping[str, Any]
    detail: str


def claim_commands(
    now: dt.datetime, limit: int, is_repeatable: Callable[[str, Mapping[str, Any]], bool]
) -> list[CommandOrder]:
    """Claim due commands; one that a machine may not perform, or not twice, becomes a task for people.

    While all machine commands are stopped none is claimed: they wait, and are made due when the stop is lifted.

    Args:
        now: the moment (UTC).
        limit: the number of free slots.
        is_repeatable: returns for a kind and its order whether repeating it does no harm (P14).
    """
    next_at = commands.next_command_at()
    db.session.rollback()
    if next_at is None or next_at > now:
        return []
    claimed: list[CommandOrder] = []
    for_people: list[tuple[int, str]] = []
    with transaction(EXECUTOR, now):
        is_stopped = lock_for_claims().is_stopped
        for row in commands.due_commands(now, HELD_AT_ONCE if is_stopped else limit):
            why = manual_fallback.reason(row, is_repeatable)
            if why is not None:
                for_people.append((row.id, why))
            elif is_stopped:
                row.next_attempt_at = now + HELD_FOR
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
    """Renew the leases of running commands, so that no other process claims them."""
    with transaction(EXECUTOR, now):
        commands.extend_lease(command_ids, now + LEASE)


def record_outcome(command_id: int, outcome: Outcome, now: dt.datetime) -> None:
    """Store the result of a command and advance its run; a result after the end of its step changes nothing.

    Args:
        command_id: the command.
        outcome: the result.
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
            return  # it failed by the time limit, which its timer is about to report
        result: Ended = "succeeded" if outcome.result == "succeeded" else "failed"
        event = CommandEnded(row.step, row.visit, row.command, result, dict(outcome.variables), {"detail": row.detail})
        runs.advance_in(uow, db.session.get_one(Run, row.run_id), event)


def _has_run_out(row: Command, now: dt.datetime) -> bool:
    left = _left(row, now)
    return left is not None and left <= 0


def _left(row: Command, now: dt.datetime) -> float | None:
    """Return the seconds until the first time limit around a command passes; a pause does not count."""
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
