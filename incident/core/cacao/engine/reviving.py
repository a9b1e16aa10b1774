"""Resumes a failed step, with every enclosing step that its failure has ended."""

from __future__ import annotations

from incident.core.cacao.engine.ending import cancel_step, cancel_within
from incident.core.cacao.engine.entering import set_timeout
from incident.core.cacao.engine.events import Overridden, Retried
from incident.core.cacao.engine.run import StepRecord
from incident.core.cacao.engine.run_builder import HANDLER, RunBuilder

FAILED = frozenset({"failed", "timed_out"})


def is_open_to(work: RunBuilder, event: Retried | Overridden) -> bool:
    """Whether a step can be retried (it has failed) or overridden (it is live or has failed)."""
    record = work.steps.get(event.step)
    if record is None or (event.visit is not None and event.visit != record.visit):
        return False
    if record.is_live:
        return isinstance(event, Overridden)
    return record.state in FAILED and _is_within_reach(work, record)


def revive(work: RunBuilder, key: str, reason: str) -> None:
    """Make a failed step the current one of its scope again, with the enclosing steps waiting for it.

    Everything after the failure is cancelled: the path from `on_failure`, and the handler of the playbook (P2).
    """
    while True:
        record = work.steps[key]
        scope = work.scopes[record.scope]
        _leave_current(work, scope.current, key)
        work.amend_scope(record.scope, current=key, outcome=None)
        if scope.parent is None and not scope.key.endswith(HANDLER):
            _leave_handler(work, scope.prefix)
        if scope.opener is None:
            return
        opener = work.steps[scope.opener]
        if opener.is_live:
            _count_again(work, opener, scope.outcome)
            return
        work.change(opener.key, "running", reason, ended_at=None)
        set_timeout(work, opener.key)
        _count_again(work, opener, scope.outcome)
        key = opener.key


def _is_within_reach(work: RunBuilder, record: StepRecord) -> bool:
    """Whether the scopes around a step are still those in which it failed."""
    while True:
        scope = work.scopes.get(record.scope)
        if scope is None or scope.opened_at > record.started_at or scope.outcome == "succeeded":
            return False
        if scope.opener is None:
            return True
        record = work.steps[scope.opener]
        if not record.is_live and record.state not in FAILED:
            return False


def _leave_current(work: RunBuilder, current: str | None, key: str) -> None:
    if current is None or current == key or not work.steps[current].is_live:
        return
    cancel_within(work, current)
    cancel_step(work, current)


def _leave_handler(work: RunBuilder, prefix: str) -> None:
    handler = work.scopes.pop(prefix + HANDLER, None)
    if handler is not None:
        _leave_current(work, handler.current, "")


def _count_again(work: RunBuilder, opener: StepRecord, outcome: str | None) -> None:
    """Have a parallel step wait for its branch again (P4)."""
    if work.step(opener.key).type == "parallel" and outcome == "failed":
        branches = [work.scopes.get(f"{opener.key}:{index}") for index in range(len(work.step(opener.key).branches))]
        has_failed = any(branch is not None and branch.outcome == "failed" for branch in branches)
        work.amend(opener.key, left=opener.left + 1, has_failed=has_failed)
