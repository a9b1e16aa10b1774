"""Canonical state of a run without irrelevant details: runs with the same state continue alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from incident.core.cacao.engine.run import Run, Scope, StepRecord
from incident.core.cacao.engine.run_builder import HANDLER
from incident.core.cacao.model import PlaybookBundle, Profile, Step
from incident.core.cacao.simulation.liveness import NOTHING, Outlook
from incident.core.cacao.simulation.origin import opener_of, origin, step_of
from incident.core.cacao.values import Value
from incident.core.cacao.variables import as_text

Place = tuple[frozenset[object], tuple[object, ...], frozenset[tuple[str, str, object]]]


class StateReader:
    """Computes the states of runs of one bundle."""

    def __init__(self, bundle: PlaybookBundle, profile: Profile, outlook: Outlook) -> None:
        self._bundle = bundle
        self._profile = profile
        self._outlook = outlook

    def of(self, run: Run) -> Place:
        """Return the state of a live run."""
        live = [record for record in run.steps.values() if record.is_live]
        names = self._outlook.live_names(run)
        around = [scope for scope in run.scopes.values() if scope.current and run.steps[scope.current].is_live]
        records = frozenset(self._record(run, record) for record in live)
        failures = tuple(origin(self._bundle, run, main) for main in sorted(_handled(around)))
        values: list[tuple[str, str, object]] = [
            (prefix, name, _plain(run.values[prefix].get(name))) for prefix, name in _pairs(run, names)
        ]
        for scope in around:
            if scope.variables:
                wanted = names.get(scope.prefix, NOTHING)
                values += [(scope.key, name, _held(scope, name)) for name in scope.variables if name in wanted]
        return (records, failures, frozenset(values))

    @staticmethod
    def without(place: Place, prefix: str, names: Iterable[str]) -> Place:
        """Return a state without some variables of a playbook, unless steps declare others of the same name."""
        records, failures, values = place
        left_out = [value for value in values if value[1] in names]
        if any(value[0] != prefix or isinstance(value[2], tuple) for value in left_out):
            return place
        return (records, failures, values.difference(left_out))

    def settled(self, run: Run) -> Run:
        """Return the run without its finished steps, and with its counts of rounds and tries reset.

        A count that has reached its limit stays.
        """
        current = {scope.current for scope in run.scopes.values()}
        steps = {
            key: self._begun_anew(run, record) for key, record in run.steps.items() if record.is_live or key in current
        }
        return replace(run, steps=steps)

    def exhausted(self, run: Run, key: str) -> Run | None:
        """Return the run with the limit of a loop or of retries reached at a step, None without a limit."""
        record, step = run.steps[key], step_of(self._bundle, run, key)
        if self._is_exhausted(run, record):
            return None
        if step.type == "while-condition" and record.state == "running":
            return _with(run, replace(record, rounds=self._profile.while_rounds))
        if step.retry is not None and step.retry.limit > 0:
            return _with(run, replace(record, tries=step.retry.limit))
        return None

    def _record(self, run: Run, record: StepRecord) -> tuple[object, ...]:
        state = "live" if record.state in ("waiting", "running") else record.state
        failed = self._failed_branch(run, record) if record.has_failed else ""
        return (record.key, state, record.scope, record.command, self._is_exhausted(run, record), failed)

    def _failed_branch(self, run: Run, record: StepRecord) -> tuple[str, str]:
        """Return where the failure of the branch began that will be named: the first listed that failed."""
        count = len(step_of(self._bundle, run, record.key).branches)
        found = (origin(self._bundle, run, f"{record.key}:{index}") for index in range(count))
        return next((one for one in found if one[0]), ("", ""))

    def _is_exhausted(self, run: Run, record: StepRecord) -> bool:
        step = step_of(self._bundle, run, record.key)
        if step.type == "while-condition":
            return record.rounds >= self._profile.while_rounds
        return step.retry is not None and record.tries >= step.retry.limit

    def _begun_anew(self, run: Run, record: StepRecord) -> StepRecord:
        if not (record.rounds or record.tries) or self._is_exhausted(run, record):
            return record
        return replace(record, rounds=0, tries=0)


def scopes_around(run: Run, record: StepRecord) -> Iterator[str]:
    """Yield the keys of the scopes around a step, the innermost first."""
    scope_key = record.scope
    while True:
        yield scope_key
        opener = opener_of(scope_key)
        if not opener:
            return
        scope_key = run.steps[opener].scope


def scopes_inside(key: str, step: Step) -> list[str]:
    """Return the keys of the scopes that a step can open: its branches, or a called playbook and its handler."""
    if step.type == "playbook-action":
        return [f"{key}/", f"{key}/{HANDLER}"]
    return [f"{key}:{index}" for index in range(len(step.branches))]


def _handled(around: Iterable[Scope]) -> Iterator[str]:
    """Yield the main lines whose failure is being handled."""
    yield from (scope.key.removesuffix(HANDLER) for scope in around if scope.key.endswith(HANDLER))


def _pairs(run: Run, names: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    yield from ((prefix, name) for prefix, wanted in names.items() for name in wanted if prefix in run.values)


def _held(scope: Scope, name: str) -> tuple[str, str | None]:
    owner, value = scope.variables[name]
    return (owner, _plain(value))


def _plain(value: Value) -> str | None:
    return None if value is None else as_text(value)


def _with(run: Run, record: StepRecord) -> Run:
    return replace(run, steps={**run.steps, record.key: record})
