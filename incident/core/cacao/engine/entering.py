"""Entry and start of a step, by its type (CACAO 2.0 section 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from incident.core.cacao.engine.conditions import equal_as, evaluate
from incident.core.cacao.engine.effects import Noted, StepChanged
from incident.core.cacao.engine.ending import fail, forget_within, succeed
from incident.core.cacao.engine.environment import declare, initial, typed_value, value_of
from incident.core.cacao.engine.ordering import order_command
from incident.core.cacao.engine.run import Scope, StepRecord
from incident.core.cacao.engine.run_builder import RunBuilder
from incident.core.cacao.model import Playbook, Step
from incident.core.cacao.values import Value
from incident.core.cacao.variables import Mistyped, as_text, conform
from incident.core.cacao.vocabulary import MAX_CALL_DEPTH


def enter(work: RunBuilder, scope_key: str, step_id: str, tries: int = 0, reason: str = "") -> None:
    """Enter a step of a scope with a new visit; its delay comes first, or the pause before a retry."""
    scope = work.scopes[scope_key]
    key = scope.prefix + step_id
    step = work.step(key)
    earlier = work.steps.get(key)
    visit = earlier.visit + 1 if earlier else 1
    reason = "another_try" if tries else reason
    work.steps[key] = StepRecord(key, visit, "scheduled", scope_key, work.now, tries=tries, reason=reason)
    work.amend_scope(scope_key, current=key, outcome=None)
    declare(work, scope_key, key, step)
    delay = step.retry.pause if tries and step.retry else step.delay
    if not delay:
        _begin(work, key, step, is_new=True)
        return
    due_at = work.now + delay
    work.timers["delay", key, visit] = due_at
    work.amend(key, due_at=due_at)
    work.emit(StepChanged(key, visit, None, "scheduled", reason))


def begin(work: RunBuilder, key: str) -> None:
    """Begin a step whose delay has passed."""
    work.drop_timers(key)
    _begin(work, key, work.step(key), is_new=False)


def next_round(work: RunBuilder, key: str) -> None:
    """Evaluate the condition of a while step; it repeats while that is true, within the limits of P3."""
    record, step = work.steps[key], work.step(key)
    if not _holds(work, key, step):
        succeed(work, key)
    elif record.rounds >= work.profile.while_rounds:
        fail(work, key, "while_rounds")
    else:
        work.amend(key, rounds=record.rounds + 1)
        _open(work, key, 0)


def set_timeout(work: RunBuilder, key: str) -> None:
    """Set the time limit of a step that begins; it counts from after the delay (P6)."""
    due_at = _due_at(work, work.step(key))
    if due_at is not None:
        work.timers["timeout", key, work.steps[key].visit] = due_at
    work.amend(key, due_at=due_at)


def time_out_reason(work: RunBuilder, key: str) -> str:
    """Return which limit has passed: the step's own timeout, or the profile's limit for loops (P3)."""
    step = work.step(key)
    is_ours = step.type == "while-condition" and (step.timeout is None or step.timeout > work.profile.while_limit)
    return "while_limit" if is_ours else "timeout"


def _begin(work: RunBuilder, key: str, step: Step, is_new: bool) -> None:
    record = work.steps[key]
    if step.type in ("start", "end"):
        before = None if is_new else record.state
        work.amend(key, state="succeeded", ended_at=work.now, due_at=None)
        work.emit(StepChanged(key, record.visit, before, "succeeded", record.reason if is_new else ""))
        _leave(work, record, step)
        return
    work.amend(key, state="running")
    set_timeout(work, key)
    if step.type != "action":
        forget_within(work, key)
        before = None if is_new else record.state
        work.emit(StepChanged(key, record.visit, before, "running", record.reason if is_new else ""))
        _BEGINNINGS[step.type](work, key, step)
    else:
        order_command(work, key, step, 0, None if is_new else record.state)


def _leave(work: RunBuilder, record: StepRecord, step: Step) -> None:
    if step.type == "end":
        work.later("close", record.scope, "succeeded")
    else:
        work.later("enter", record.scope, step.on_success)


def _due_at(work: RunBuilder, step: Step) -> datetime | None:
    limit = step.timeout
    if limit is None and step.type in ("action", "playbook-action"):
        limit = work.profile.default_timeout
    if step.type == "while-condition":
        limit = min(limit or work.profile.while_limit, work.profile.while_limit)
    return None if limit is None else work.now + limit


def _open(work: RunBuilder, key: str, index: int) -> None:
    """Open a branch of a compound step."""
    record = work.steps[key]
    scope_key = f"{key}:{index}"
    work.scopes[scope_key] = Scope(scope_key, work.now, work.scopes[record.scope].prefix, record.scope, key)
    work.later("enter", scope_key, work.step(key).branches[index].head)


def _begin_parallel(work: RunBuilder, key: str, step: Step) -> None:
    work.amend(key, left=len(step.branches), has_failed=False)
    for index in reversed(range(len(step.branches))):
        _open(work, key, index)


def _begin_if(work: RunBuilder, key: str, step: Step) -> None:
    index = 0 if _holds(work, key, step) else 1
    if index < len(step.branches):
        _open(work, key, index)
    else:
        succeed(work, key)


def _begin_while(work: RunBuilder, key: str, step: Step) -> None:
    next_round(work, key)


def _begin_switch(work: RunBuilder, key: str, step: Step) -> None:
    kind, value = typed_value(work, work.steps[key].scope, step.switch)
    if value is None:
        work.emit(Noted("variable_unknown", {"step": key, "names": [step.switch]}))
    index = _case(step, kind, value)
    if index is None:
        fail(work, key, "no_case")
    else:
        _open(work, key, index)


def _case(step: Step, kind: str, value: Value) -> int | None:
    """Return the case that equals a value, else the default (P8); an unknown value equals no case."""
    default = None
    for index, branch in enumerate(step.branches):
        if branch.label == "default":
            default = index
        elif value is not None and equal_as(kind, as_text(value), branch.label):
            return index
    return default


def _holds(work: RunBuilder, key: str, step: Step) -> bool:
    if step.condition is None:
        raise ValueError(f"step {key} has no condition")
    scope_key = work.steps[key].scope
    verdict = evaluate(step.condition, lambda name: typed_value(work, scope_key, name))
    if verdict.code:
        work.emit(Noted(verdict.code, {"step": key, "names": list(verdict.names)}))
    return verdict.is_true


def _begin_call(work: RunBuilder, key: str, step: Step) -> None:
    """Begin a called playbook with the values of `in_args` (CACAO 2.0 section 4.6)."""
    name = work.bundle.key_of(step.playbook_id, step.playbook_version)
    if name is None or key.count("/") >= MAX_CALL_DEPTH:
        fail(work, key, "call_unknown" if name is None else "call_deep")
        return
    called = work.bundle.playbook(name)
    given = _given(work, key, step, called)
    if given is None:
        fail(work, key, "call_refused")
        return
    prefix = f"{key}/"
    work.calls[prefix] = name
    work.values[prefix] = initial(called.variables, given)
    work.scopes[prefix] = Scope(prefix, work.now, prefix, None, key)
    work.later("enter", prefix, called.start)


def _given(work: RunBuilder, key: str, step: Step, called: Playbook) -> dict[str, Value] | None:
    """Collect the arguments; None when a value does not fit, or a required one is missing."""
    given: dict[str, Value] = {}
    scope_key = work.steps[key].scope
    try:
        for name in step.in_args:
            if name in called.variables and not called.variables[name].is_constant:
                given[name] = conform(called.variables[name].type, value_of(work, scope_key, name))
    except Mistyped:
        work.emit(Noted("value_mistyped", {"step": key, "names": list(step.in_args)}))
        return None
    missing = [name for name, wanted in called.externals.items() if given.get(name, wanted.value) is None]
    if missing:
        work.emit(Noted("value_missing", {"step": key, "names": missing}))
        return None
    return given


_BEGINNINGS: Mapping[str, Callable[[RunBuilder, str, Step], None]] = {
    "parallel": _begin_parallel,
    "if-condition": _begin_if,
    "while-condition": _begin_while,
    "switch-condition": _begin_switch,
    "playbook-action": _begin_call,
}
