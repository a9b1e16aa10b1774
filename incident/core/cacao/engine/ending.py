"""End of a step, and the continuation of the run (P1 to P4, P8)."""

from __future__ import annotations

from incident.core.cacao.engine.effects import Noted
from incident.core.cacao.engine.environment import assign
from incident.core.cacao.engine.events import Outcome
from incident.core.cacao.engine.run import Scope, StepState
from incident.core.cacao.engine.run_builder import HANDLER, MAIN, RunBuilder
from incident.core.cacao.variables import Mistyped


def end_step(work: RunBuilder, key: str, state: StepState, outcome: Outcome, reason: str = "") -> None:
    """End a live step and follow its outcome: its next step, the end of its scope, or a retry."""
    work.drop_timers(key)
    work.in_flight.discard(key)
    work.change(key, state, reason, ended_at=work.now, due_at=None)
    record, step = work.steps[key], work.step(key)
    following = step.on_success if outcome == "succeeded" else step.on_failure
    if step.type == "end":
        work.later("close", record.scope, outcome, reason)
    elif _is_to_be_tried_again(work, key, state, outcome):
        work.later("enter", record.scope, step.id, record.tries + 1)
    elif following is not None:
        work.later("enter", record.scope, following)
    else:
        # An unhandled failure propagates outward (P1); a compound step without a next step ends its scope (P15).
        work.later("close", record.scope, outcome, reason)


def succeed(work: RunBuilder, key: str) -> None:
    """End a live step with success."""
    end_step(work, key, "succeeded", "succeeded")


def fail(work: RunBuilder, key: str, reason: str) -> None:
    """End a live step with a failure, which goes to `on_failure`, else outward (P1)."""
    end_step(work, key, "failed", "failed", reason)


def cancel_within(work: RunBuilder, key: str) -> None:
    """Cancel everything live inside a compound step, and remove its scopes."""
    stack = [key]
    while stack:
        for scope in _opened_by(work, stack.pop()):
            del work.scopes[scope.key]
            if scope.current is not None and work.steps[scope.current].is_live:
                cancel_step(work, scope.current)
                stack.append(scope.current)


def forget_within(work: RunBuilder, key: str) -> None:
    """Remove the scopes that an earlier visit of a compound step has left, so that nothing in them is resumed."""
    for scope in _opened_by(work, key):
        del work.scopes[scope.key]


def cancel_step(work: RunBuilder, key: str) -> None:
    """Cancel a live step itself: its command is cancelled and its timers are removed."""
    work.drop_command(key)
    work.drop_timers(key)
    work.change(key, "cancelled", "", ended_at=work.now, due_at=None)


def cancel_all(work: RunBuilder) -> None:
    """Cancel all live steps."""
    for scope in list(work.scopes.values()):
        if scope.current is not None and work.steps[scope.current].is_live:
            cancel_step(work, scope.current)
    work.timers.clear()


def close_scope(work: RunBuilder, scope_key: str, outcome: Outcome, reason: str = "") -> None:
    """End a scope; control returns to the step that opened it (CACAO 2.0 sections 4.7 to 4.10)."""
    scope = work.amend_scope(scope_key, outcome=outcome)
    is_line = scope.parent is None
    if is_line and outcome == "failed" and not scope_key.endswith(HANDLER) and _handle(work, scope):
        return
    if scope.opener is None:
        _end_run(work, scope_key, outcome, reason)
    elif is_line:
        _end_call(work, scope, outcome)
    else:
        _end_branch(work, scope, scope.opener, outcome)


def _opened_by(work: RunBuilder, key: str) -> list[Scope]:
    """Yield the scopes that a step has opened: a numbered branch, a called playbook, or its handler."""
    branches = len(work.step(key).branches)
    names = [f"{key}:{index}" for index in range(branches)] if branches else [f"{key}/", f"{key}/{HANDLER}"]
    return [work.scopes[name] for name in names if name in work.scopes]


def _is_to_be_tried_again(work: RunBuilder, key: str, state: StepState, outcome: Outcome) -> bool:
    retry = work.step(key).retry
    return retry is not None and outcome == "failed" and state != "overridden" and work.steps[key].tries < retry.limit


def _handle(work: RunBuilder, scope: Scope) -> bool:
    """Pass a failure that reached the top of its playbook to workflow_exception, once (P2)."""
    exception = work.playbook(scope.prefix).exception
    if exception is None:
        return False
    work.emit(Noted("exception_handled", {"step": scope.current or "", "handler": exception}))
    key = scope.prefix + HANDLER
    work.scopes[key] = Scope(key, work.now, scope.prefix, opener=scope.opener)
    work.later("enter", key, exception)
    return True


def _end_run(work: RunBuilder, scope_key: str, outcome: Outcome, reason: str) -> None:
    if scope_key == MAIN:
        work.finish(outcome, reason)
        return
    work.is_handled = outcome == "succeeded"
    failed_at = work.scopes[MAIN].current
    work.finish("failed", work.steps[failed_at].reason if failed_at else reason)


def _end_call(work: RunBuilder, scope: Scope, outcome: Outcome) -> None:
    """Return from a called playbook; a call whose exception was handled has failed nevertheless (P2)."""
    key = str(scope.opener)
    if outcome == "failed" or scope.key.endswith(HANDLER):
        fail(work, key, "call_failed")
    elif _return_values(work, key, scope.prefix):
        work.scopes.pop(scope.key)
        work.values.pop(scope.prefix)
        succeed(work, key)
    else:
        fail(work, key, "value_mistyped")


def _return_values(work: RunBuilder, key: str, prefix: str) -> bool:
    for name in work.step(key).out_args:
        try:
            is_taken = assign(work, work.steps[key].scope, name, work.values[prefix].get(name))
        except Mistyped:
            work.emit(Noted("value_mistyped", {"step": key, "names": [name]}))
            return False
        if not is_taken:
            work.emit(Noted("value_not_taken", {"step": key, "names": [name]}))
    return True


def _end_branch(work: RunBuilder, scope: Scope, opener: str, outcome: Outcome) -> None:
    kind = work.step(opener).type
    if outcome == "succeeded":
        work.scopes.pop(scope.key)
    if kind == "parallel":
        _end_parallel_branch(work, opener, outcome)
    elif outcome == "failed":
        fail(work, opener, "branch_failed")
    elif kind == "while-condition":
        work.later("next_round", opener)
    else:
        succeed(work, opener)


def _end_parallel_branch(work: RunBuilder, key: str, outcome: Outcome) -> None:
    """Wait for all branches; when one has failed, the step fails once all have ended (P4)."""
    record = work.steps[key]
    record = work.amend(key, left=record.left - 1, has_failed=record.has_failed or outcome == "failed")
    if record.left == 0:
        fail(work, key, "branch_failed") if record.has_failed else succeed(work, key)
