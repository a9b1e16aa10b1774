"""Origin of a failure: found in a run, independent of the order in which its branches ended."""

from __future__ import annotations

from incident.core.cacao.engine.run import Run
from incident.core.cacao.engine.run_builder import HANDLER, MAIN
from incident.core.cacao.model import PlaybookBundle, Step

FAILED = frozenset({"failed", "timed_out"})


def step_of(bundle: PlaybookBundle, run: Run, key: str) -> Step:
    """Return the step of a key."""
    prefix, slash, step_id = key.rpartition("/")
    return bundle.playbook(run.calls.get(prefix + slash, "")).steps[step_id]


def origin(bundle: PlaybookBundle, run: Run, scope_key: str = MAIN) -> tuple[str, str]:
    """Return the step in which the failure of a scope began, and why; of several branches the first listed counts."""
    found = ("", "")
    scopes: list[str] = [scope_key]
    while scopes:
        scope = run.scopes.get(scopes.pop(0))
        if scope is None or scope.outcome != "failed" or scope.current is None:
            continue
        record = run.steps[scope.current]
        found = (record.key, record.reason)
        if record.state in FAILED and record.reason not in ("timeout", "while_limit"):
            scopes = inner_scopes(bundle, run, record.key)
    return found


def inner_scopes(bundle: PlaybookBundle, run: Run, key: str) -> list[str]:
    """Return the keys of the scopes that a compound step may have opened."""
    step = step_of(bundle, run, key)
    if step.type == "playbook-action":
        return [f"{key}/"]
    return [f"{key}:{index}" for index in range(len(step.branches))]


def opener_of(scope_key: str) -> str:
    """Return the key of the step that opened a scope, "" for the main line and its handler."""
    if scope_key.endswith(HANDLER):
        return scope_key.removesuffix(HANDLER).removesuffix("/")
    return scope_key.removesuffix("/") if scope_key.endswith("/") else scope_key.rpartition(":")[0]
