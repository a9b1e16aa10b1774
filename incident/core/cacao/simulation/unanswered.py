"""Consequence of an unanswered step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from incident.core.cacao.engine.run import Run, StepRecord
from incident.core.cacao.engine.run_builder import MAIN
from incident.core.cacao.model import PlaybookBundle
from incident.core.cacao.simulation.origin import opener_of, step_of

Lead = Literal["again", "step", "exception", "failed", "limit"]


@dataclass(frozen=True, slots=True)
class Silence:
    """The consequence of no answer: a retry, a step, the exception handling, or a failed run.

    `limit` means that the time limit of an enclosing step passes first.
    """

    lead: Lead
    step: str = ""


def silence(bundle: PlaybookBundle, run: Run, key: str) -> Silence:
    """Return the consequence when a step that has just begun fails (P1, P2, P13)."""
    record: StepRecord = run.steps[key]
    limit = _limit_around(run, record)
    if limit:
        return Silence("limit", limit)
    while True:
        step = step_of(bundle, run, record.key)
        prefix = record.key[: len(record.key) - len(step.id)]
        if step.retry is not None and record.tries < step.retry.limit:
            return Silence("again", record.key)
        if step.on_failure is not None:
            return Silence("step", prefix + step.on_failure)
        is_line = record.scope in (MAIN, prefix)
        exception = bundle.playbook(run.calls.get(prefix, "")).exception if is_line else None
        if exception is not None:
            return Silence("exception", prefix + exception)
        opener = opener_of(record.scope)
        if not opener:
            return Silence("failed")
        record = run.steps[opener]


def _limit_around(run: Run, record: StepRecord) -> str:
    """Return the key of the outermost enclosing step whose time limit passes no later than its own, "" for none."""
    found, due_at, opener = "", record.due_at, opener_of(record.scope)
    while opener and due_at is not None:
        around = run.steps[opener]
        if around.due_at is not None and around.due_at <= due_at:
            found, due_at = opener, around.due_at
        opener = opener_of(around.scope)
    return found
