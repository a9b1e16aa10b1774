"""Control of a run by a coordinator: pause, resume, retry or override a step; reasons in the journal."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from incident.actions.playbooks import runs
from incident.actions.unit_of_work import transaction
from incident.core.cacao.engine.events import Event, Outcome, Overridden, Paused, Resumed, Retried
from incident.core.cacao.engine.run import Run as Engine
from incident.core.incidents.incident import refuse_closed
from incident.core.values.faults import RuleError, refuse_stale
from incident.store.playbooks.runs import LIVE, Run


def pause_run(run_id: int, reason: str, by: str, now: dt.datetime, version: int | None = None) -> Run:
    """Pause a run: started work may end, no new work starts; each timer keeps its remaining time (P9).

    Raises:
        RuleError: `run.unknown` (not found), `run.has_ended`, `run.is_paused` (conflict), `version.stale`.
    """
    return _steer(run_id, Paused(reason), "run.paused", {"reason": reason}, by, now, version)


def resume_run(run_id: int, reason: str, by: str, now: dt.datetime, version: int | None = None) -> Run:
    """Resume a paused run.

    Raises:
        RuleError: `run.unknown` (not found), `run.has_ended`, `run.not_paused` (conflict), `version.stale`.
    """
    return _steer(run_id, Resumed(reason), "run.resumed", {"reason": reason}, by, now, version)


def retry_step(run_id: int, step: str, reason: str, by: str, now: dt.datetime, version: int | None = None) -> Run:
    """Retry a failed step, also in a run that has failed because of it.

    Args:
        run_id: the run.
        step: the key of the step.
        reason: why; it is stored in the journal.
        by: who.
        now: when (UTC).
        version: the version of the run that the caller has read; None skips the check.

    Raises:
        RuleError: `run.unknown`, `step.unknown` (not found), `step.not_failed`, `incident.is_closed` (conflict),
            `version.stale`.
    """
    detail = {"step": step, "reason": reason}
    return _steer(run_id, Retried(step, reason), "step.retried", detail, by, now, version)


def override_step(
    run_id: int,
    step: str,
    outcome: Outcome,
    variables: Mapping[str, Any],
    reason: str,
    by: str,
    now: dt.datetime,
    version: int | None = None,
) -> Run:
    """Set the outcome of a step that is live or has failed.

    Args:
        run_id: the run.
        step: the key of the step.
        outcome: `succeeded` or `failed`.
        variables: the results of the step, by variable name.
        reason: why; it is stored in the journal.
        by: who.
        now: when (UTC).
        version: the version of the run that the caller has read; None skips the check.

    Raises:
        RuleError: `run.unknown`, `step.unknown` (not found), `step.not_overridable`, `incident.is_closed` (conflict),
            `version.stale`.
    """
    event = Overridden(step, outcome, dict(variables), reason)
    detail = {"step": step, "outcome": outcome, "variables": dict(variables), "reason": reason}
    return _steer(run_id, event, "step.overridden", detail, by, now, version)


def _steer(
    run_id: int,
    event: Event,
    event_type: str,
    detail: Mapping[str, Any],
    by: str,
    now: dt.datetime,
    version: int | None,
) -> Run:
    with transaction(by, now) as uow:
        run = runs.lock_run(run_id)
        refuse_stale(run.version, version)
        incident = runs.incident_of(run)
        refuse_closed(incident.status)
        uow.record(event_type, f"run:{run.id}", detail, incident.number)
        if not runs.advance_in(uow, run, event):
            raise _why_not(run, event)
    return run


def _why_not(run: Run, event: Event) -> RuleError:
    """Return why an event did not change a run."""
    if isinstance(event, Retried | Overridden):
        if event.step not in run.document["steps"]:
            return RuleError("step.unknown", {"step": event.step}, kind="not_found")
        code = "step.not_failed" if isinstance(event, Retried) else "step.not_overridable"
        state = Engine.from_json(run.document).steps[event.step].state
        return RuleError(code, {"step": event.step, "state": state}, kind="conflict")
    if run.state not in LIVE:
        return RuleError("run.has_ended", {"state": run.state}, kind="conflict")
    return RuleError("run.is_paused" if isinstance(event, Paused) else "run.not_paused", kind="conflict")
