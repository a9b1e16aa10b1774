"""Converts the effects of one turn into the entries of a transcript."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from incident.core.cacao.engine.effects import Noted, OpenTask, SendCommand, StepChanged, VariableSet
from incident.core.cacao.engine.ordering import shown
from incident.core.cacao.engine.run import Run
from incident.core.cacao.engine.run_builder import MAIN, Transition
from incident.core.cacao.model import PlaybookBundle, Step
from incident.core.cacao.simulation.origin import opener_of, step_of
from incident.core.cacao.simulation.transcript import Changed, Decided, Entry, Remarked, WorkRequested
from incident.core.cacao.simulation.unanswered import silence
from incident.core.cacao.values import Value

TOLD_STATES = frozenset({"failed", "timed_out", "cancelled", "scheduled"})
DECISIONS = frozenset({"if-condition", "switch-condition", "while-condition"})


class TranscriptBuilder:
    """Reads one turn; `before` is the run at its beginning, None at the start."""

    def __init__(
        self, bundle: PlaybookBundle, before: Run | None, turn: Transition, started_at: datetime, now: datetime
    ) -> None:
        self._bundle = bundle
        self._before = before
        self._run = turn.run
        self._effects = turn.effects
        self._started_at = started_at
        self._at = now - started_at
        self._set: dict[tuple[str, str], Value] = {}

    def entries(self) -> Iterator[Entry]:
        """Yield the entries of the turn, in order."""
        for effect in self._effects:
            if isinstance(effect, VariableSet):
                self._set[effect.scope, effect.name] = effect.value
            elif isinstance(effect, (OpenTask, SendCommand)):
                yield self._asked(effect)
            elif isinstance(effect, StepChanged):
                yield from self._decided(effect)
                yield from self._changed(effect)
            elif isinstance(effect, Noted):
                yield Remarked(self._at, effect.code, effect.args)

    @cached_property
    def _calls(self) -> Run:
        """Return the calls of both runs: one that ended in this turn is only in the earlier one."""
        return self._run if self._before is None else _joined(self._before, self._run)

    def _step(self, key: str) -> Step:
        return step_of(self._bundle, self._calls, key)

    def _asked(self, order: OpenTask | SendCommand) -> WorkRequested:
        record = self._run.steps[order.step]
        due = None if order.due_at is None else order.due_at - self._started_at
        return WorkRequested(
            at=self._at,
            step=order.step,
            visit=order.visit,
            title=order.title if isinstance(order, OpenTask) else self._step(order.step).name or order.kind,
            who=tuple(_who(order)),
            is_machine=isinstance(order, SendCommand),
            kind=order.kind,
            text=_text(order),
            due=due,
            wanted=order.out_variables,
            silence=silence(self._bundle, self._calls, record.key),
            is_filing=isinstance(order, OpenTask) and order.clock is not None,
        )

    def _changed(self, effect: StepChanged) -> Iterator[Changed]:
        if effect.after in TOLD_STATES:
            yield Changed(self._at, effect.step, effect.visit, effect.after, effect.reason)

    def _decided(self, effect: StepChanged) -> Iterator[Decided]:
        """Yield a decision where its branch is entered, or where its step ends without one."""
        step = self._step(effect.step)
        if effect.before is None:
            opener = self._run.steps.get(opener_of(self._run.steps[effect.step].scope))
            if opener is not None and self._step(opener.key).type in DECISIONS:
                yield from self._branch_taken(opener.key, self._step(opener.key), step.id)
        if step.type in DECISIONS and _ends_without_branch(step, effect):
            yield self._decision(effect.step, step, "false" if step.condition else "")

    def _branch_taken(self, key: str, decision: Step, head: str) -> Iterator[Decided]:
        for branch in decision.branches:
            if branch.head == head:
                yield self._decision(key, decision, branch.label)

    def _decision(self, key: str, step: Step, way: str) -> Decided:
        names = step.condition.variables if step.condition else (step.switch,)
        by = step.condition.text if step.condition else f"{step.switch}:value"
        values = {name: self._value(self._run.steps[key].scope, name) for name in names}
        return Decided(self._at, key, way, by, values)

    def _value(self, scope_key: str, name: str) -> Value:
        """Return the value of a variable when it was read: as set in this turn, else its present value."""
        prefix = _prefix(scope_key)
        while scope_key not in (MAIN, prefix) and not scope_key.endswith("!"):
            for run in (self._run, self._before):
                scope = run.scopes.get(scope_key) if run else None
                if scope and name in scope.variables:
                    owner, value = scope.variables[name]
                    return self._set.get((owner, name), value)
            scope_key = self._calls.steps[opener_of(scope_key)].scope
        return self._set.get((prefix.removesuffix("/"), name), self._of_playbook(scope_key, prefix, name))

    def _of_playbook(self, scope_key: str, prefix: str, name: str) -> Value:
        for run in (self._run, self._before):
            scope = run.scopes.get(scope_key) if run else None
            if scope and name in scope.variables:
                return scope.variables[name][1]
        for run in (self._run, self._before):
            values: Mapping[str, Value] | None = run.values.get(prefix) if run else None
            if values is not None:
                return values.get(name)
        declared = self._bundle.playbook(self._calls.calls.get(prefix, "")).variables.get(name)
        return declared.value if declared else None


def _joined(before: Run, after: Run) -> Run:
    """Return a run that contains the calls of both."""
    return Run(
        state=after.state,
        bundle_hash=after.bundle_hash,
        started_at=after.started_at,
        steps=after.steps,
        scopes=after.scopes,
        calls={**before.calls, **after.calls},
    )


def _prefix(scope_key: str) -> str:
    """Return the prefix of a scope's playbook."""
    before, slash, _ = scope_key.rpartition("/")
    return before + slash


def _ends_without_branch(step: Step, effect: StepChanged) -> bool:
    """Whether a decision ends here because its condition is false, or no case fits."""
    if effect.after == "failed":
        return effect.reason == "no_case"
    if effect.after != "succeeded":
        return False
    return step.type == "while-condition" or (step.type == "if-condition" and len(step.branches) == 1)


def _who(order: OpenTask | SendCommand) -> Iterator[str]:
    if isinstance(order, OpenTask):
        people: tuple[Mapping[str, Any], ...] = order.assignees
    else:
        people = order.targets or ((order.agent,) if order.agent else ())
    yield from (str(one.get("name") or one.get("id", "")) for one in people)


def _text(order: OpenTask | SendCommand) -> str:
    if isinstance(order, SendCommand):
        return shown(order.body)
    return "\n\n".join(filter(None, (order.instructions, order.shown_command)))


def lasted(run: Run) -> timedelta:
    """Return the duration of a finished run."""
    return (run.ended_at or run.started_at) - run.started_at
