"""Where it leads when nobody answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from incident.core.cacao.model import Bundle
from incident.core.cacao.run import Run, StepRecord
from incident.core.cacao.simulation.origin import opener_of, step_of
from incident.core.cacao.working import MAIN

Lead = Literal["again", "step", "exception", "failed"]


@dataclass(frozen=True, slots=True)
class Silence:
    """Where it leads when nobody answers: another try, a step, the exception handling, or the run has failed."""

    lead: Lead
    step: str = ""


def silence(bundle: Bundle, run: Run, key: str) -> Silence:
    """Tell where it leads when a step that has just begun fails (P1, P2, P13)."""
    record: StepRecord = run.steps[key]
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
