"""The engine: `start` a run, `advance` it by an event, `reopen` one that failed. Pure: values in, values out.

Every turn is computed from the run before it, the event, and the moment; equal inputs give an equal turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from incident.core.cacao.engine.effects import Noted
from incident.core.cacao.engine.ending import cancel_all, cancel_within, close_scope, end_step, fail
from incident.core.cacao.engine.entering import begin, enter, next_round, time_out_reason
from incident.core.cacao.engine.environment import assign, initial
from incident.core.cacao.engine.events import (
    Cancelled,
    CommandEnded,
    Event,
    Overridden,
    Paused,
    Resumed,
    Retried,
    TimerPassed,
)
from incident.core.cacao.engine.ordering import order_command
from incident.core.cacao.engine.readiness import start_faults
from incident.core.cacao.engine.reviving import is_open_to, revive
from incident.core.cacao.engine.run import Run, Scope
from incident.core.cacao.engine.run_builder import MAIN, RunBuilder, Transition
from incident.core.cacao.faults import StartRefused
from incident.core.cacao.model import PlaybookBundle, Profile, Step
from incident.core.cacao.variables import Mistyped
from incident.core.cacao.vocabulary import CLOCK_RESULTS

__all__ = ["Transition", "advance", "reopen_run", "start"]

_RULES: Mapping[str, Callable[..., None]] = {"enter": enter, "close": close_scope, "next_round": next_round}


def start(bundle: PlaybookBundle, values: Mapping[str, object], now: datetime, profile: Profile) -> Transition:
    """Start a run; `values` are those of the external variables by name, `now` is in UTC.

    Raises StartRefused when a playbook is revoked or outside its validity period, a called one is missing, or a value
    is missing, mistyped or not requested.
    """
    faults, fitted = start_faults(bundle, values, now)
    if faults:
        raise StartRefused(faults)
    run = Run(state="scheduled", bundle_hash=bundle.content_hash, started_at=now)
    work = RunBuilder(bundle, profile, run, now)
    work.is_new = True
    work.values[MAIN] = initial(bundle.main.variables, fitted)
    work.scopes[MAIN] = Scope(MAIN, now)
    work.later("enter", MAIN, bundle.main.start)
    return _settled(work)


def advance(bundle: PlaybookBundle, run: Run, event: Event, now: datetime, profile: Profile) -> Transition:
    """Apply an event; a late or duplicate one, or one for another visit, returns the same run.

    Raises ValueError when the bundle is not the one that the run is pinned to (P11).
    """
    _same_bundle(bundle, run)
    if run.is_finished:
        return Transition(run, ())
    work = RunBuilder(bundle, profile, run, now)
    return _settled(work) if _take(work, event) else Transition(run, ())


def reopen_run(
    bundle: PlaybookBundle, run: Run, event: Retried | Overridden, now: datetime, profile: Profile
) -> Transition:
    """Resume a run that ended failed, at one of the steps that failed; anything else changes nothing.

    Raises ValueError when the bundle is not the one that the run is pinned to (P11).
    """
    _same_bundle(bundle, run)
    if run.state != "failed":
        return Transition(run, ())
    work = RunBuilder(bundle, profile, run, now)
    work.state, work.reason, work.ended_at, work.is_handled = "waiting", event.reason, None, False
    return _settled(work) if _take(work, event) else Transition(run, ())


def _same_bundle(bundle: PlaybookBundle, run: Run) -> None:
    if run.bundle_hash != bundle.content_hash:
        raise ValueError("the run is pinned to other versions of its playbooks")


def _settled(work: RunBuilder) -> Transition:
    work.settle(_RULES)
    if work.is_endless:
        work.emit(Noted("turn_too_long", {}))
        cancel_all(work)
        work.finish("failed", "turn_too_long")
    return work.turn()


def _take(work: RunBuilder, event: Event) -> bool:
    """Apply an event; False when it changes nothing."""
    if work.paused_at is not None and not isinstance(event, (Resumed, Cancelled)):
        return _hold(work, event)
    return _TAKERS[type(event)](work, event)


def _hold(work: RunBuilder, event: Event) -> bool:
    """Accept an event during a pause, to apply it when the run resumes (P9)."""
    if isinstance(event, (Paused, TimerPassed)) or event in work.held or not _is_awaited(work, event):
        return False
    work.held = (*work.held, event)
    return True


def _is_awaited(work: RunBuilder, event: Event) -> bool:
    if isinstance(event, CommandEnded):
        return _answers(work, event)
    return isinstance(event, (Retried, Overridden)) and is_open_to(work, event)


def _answers(work: RunBuilder, event: CommandEnded) -> bool:
    record = work.steps.get(event.step)
    return (
        record is not None
        and record.state in ("waiting", "running")
        and (record.visit, record.command) == (event.visit, event.command)
        and (step := work.step(event.step)).type == "action"
        and (event.outcome != "not_applicable" or step.clock is not None)
    )


def _command_ended(work: RunBuilder, event: CommandEnded) -> bool:
    if not _answers(work, event):
        return False
    work.in_flight.discard(event.step)
    step = work.step(event.step)
    if step.clock is not None:
        _clock_ended(work, event, step)
    elif not _results_taken(work, event, step.out_args):
        fail(work, event.step, "value_mistyped")
    elif event.outcome == "failed":
        fail(work, event.step, "command_failed")
    elif event.command + 1 < len(step.commands):
        order_command(work, event.step, step, event.command + 1, work.steps[event.step].state)
    else:
        end_step(work, event.step, "succeeded", "succeeded")
    return True


def _clock_ended(work: RunBuilder, event: CommandEnded, step: Step) -> None:
    """End a step whose clock was filed, was waived, or does not run; its out_args says which (P19)."""
    variables = dict.fromkeys(step.out_args, CLOCK_RESULTS[event.outcome])
    if not _results_taken(work, replace(event, variables=variables), step.out_args):
        fail(work, event.step, "value_mistyped")
    elif event.outcome == "failed":
        fail(work, event.step, "clock_waived")
    elif event.outcome == "succeeded":
        end_step(work, event.step, "succeeded", "succeeded")
    else:
        end_step(work, event.step, "not_applicable", "succeeded", "clock_not_applicable")


def _results_taken(work: RunBuilder, event: CommandEnded | Overridden, allowed: tuple[str, ...]) -> bool:
    """Assign the results of a step to its out_args; a result that is not requested is noted and left out."""
    scope_key = work.steps[event.step].scope
    is_typed = True
    refused: list[str] = []
    for name, value in event.variables.items():
        try:
            if name not in allowed or not assign(work, scope_key, name, value):
                refused.append(name)
        except Mistyped:
            is_typed = False
            work.emit(Noted("value_mistyped", {"step": event.step, "names": [name]}))
    if refused:
        work.emit(Noted("value_not_taken", {"step": event.step, "names": refused}))
    return is_typed


def _timer_passed(work: RunBuilder, event: TimerPassed) -> bool:
    timer = (event.kind, event.step, event.visit)
    if work.timers.pop(timer, None) is None:
        return False
    work.passed = timer
    if event.kind == "delay":
        begin(work, event.step)
        return True
    work.drop_command(event.step)
    cancel_within(work, event.step)
    reason = time_out_reason(work, event.step)
    end_step(work, event.step, "timed_out" if reason == "timeout" else "failed", "failed", reason)
    return True


def _paused(work: RunBuilder, event: Paused) -> bool:
    work.state, work.paused_at, work.reason = "paused", work.now, event.reason
    return True


def _resumed(work: RunBuilder, event: Resumed) -> bool:
    """Give each timer its remaining time, then apply the events of the pause (P9)."""
    if work.paused_at is None:
        return False
    gone_by = work.now - work.paused_at
    for key, due_at in work.timers.items():
        work.timers[key] = due_at + gone_by
        work.amend(key[1], due_at=due_at + gone_by)
    held, work.held = work.held, ()
    work.state, work.paused_at, work.reason = "waiting", None, event.reason
    for one in held:
        if not work.is_over and _take(work, one):
            work.settle(_RULES)
    return True


def _cancelled(work: RunBuilder, event: Cancelled) -> bool:
    cancel_all(work)
    work.finish("cancelled", event.reason)
    return True


def _retried(work: RunBuilder, event: Retried) -> bool:
    if not is_open_to(work, event):
        return False
    revive(work, event.step, event.reason)
    record = work.steps[event.step]
    work.later("enter", record.scope, record.step_id, 0, event.reason)
    return True


def _overridden(work: RunBuilder, event: Overridden) -> bool:
    if not is_open_to(work, event):
        return False
    record = work.steps[event.step]
    if record.is_live:
        work.drop_command(event.step)
        cancel_within(work, event.step)
    else:
        revive(work, event.step, event.reason)
    _results_taken(work, event, work.step(event.step).out_args)
    end_step(work, event.step, "overridden", event.outcome, event.reason)
    return True


_TAKERS: Mapping[type[Event], Callable[..., bool]] = {
    CommandEnded: _command_ended,
    TimerPassed: _timer_passed,
    Paused: _paused,
    Resumed: _resumed,
    Cancelled: _cancelled,
    Retried: _retried,
    Overridden: _overridden,
}
