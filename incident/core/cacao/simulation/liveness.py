"""Liveness analysis: variables that a run may still read, and parts of a playbook that can be explored separately."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from itertools import permutations

from incident.core.cacao.engine.run import Run, StepRecord
from incident.core.cacao.model import Playbook, PlaybookBundle, Profile, Step
from incident.core.cacao.simulation.origin import step_of
from incident.core.cacao.simulation.samples import needed
from incident.core.cacao.vocabulary import MAX_CALL_DEPTH

Names = frozenset[str]
NOTHING: Names = frozenset()
LONGEST = timedelta(days=36_500)


class Outlook:
    """Facts about a bundle that do not depend on a run; equal names of variables are not distinguished."""

    def __init__(self, bundle: PlaybookBundle, profile: Profile) -> None:
        self._bundle = bundle
        self._profile = profile
        self._following: dict[tuple[str, str], Names] = {}
        self._live: dict[frozenset[tuple[str, bool]], dict[str, Names]] = {}
        self._separable: dict[tuple[str, str], bool] = {}
        self._lengths: dict[tuple[str, str], timedelta] = {}
        for key in ("", *bundle.called):
            self._measure(key, bundle.playbook(key))

    def live_names(self, run: Run) -> dict[str, Names]:
        """Return by prefix which variables may still be read."""
        live = [record for record in run.steps.values() if record.is_live]
        stand = frozenset((record.key, record.state == "scheduled") for record in live)
        if stand not in self._live:
            self._live[stand] = self._live_names(run, live)
        return self._live[stand]

    def _live_names(self, run: Run, live: list[StepRecord]) -> dict[str, Names]:
        found: dict[str, Names] = {}
        for record in live:
            prefix = record.key[: record.key.rfind("/") + 1]
            name = run.calls.get(prefix, "")
            step = step_of(self._bundle, run, record.key)
            handled = self._from(name, self._bundle.playbook(name).exception)
            found[prefix] = found.get(prefix, NOTHING) | handled | self._ahead(name, step, record.state)
            if step.type == "playbook-action":
                inner = f"{record.key}/"
                found[inner] = found.get(inner, NOTHING) | frozenset(step.out_args)
        return found

    def longest(self, key: str, step: Step) -> timedelta:
        """Return the maximum duration of a compound step's content, without its own time limit."""
        return self._inside(key, step, MAX_CALL_DEPTH)

    def is_separable(self, key: str, step: Step) -> bool:
        """Whether the branches of a parallel step share no relevant variable."""
        if (key, step.id) not in self._separable:
            self._separable[key, step.id] = not any(
                written & (read | also_written) & self.looked_at
                for (_, written), (read, also_written) in permutations(
                    [self._touched(key, branch.head) for branch in step.branches], 2
                )
            )
        return self._separable[key, step.id]

    def reads(self, key: str, step: Step) -> Names:
        """Return the variables that a step itself reads."""
        found = set(needed(self._bundle.playbook(key), step, self._profile))
        found.update(step.condition.variables if step.condition else ())
        found.update([step.switch] if step.switch else ())
        return frozenset(found)

    def after_cut(self, run: Run, keys: list[str], prefix: str) -> Names:
        """Return which variables of a playbook may be read after the time limit of a step passes.

        `keys` are the step and the live steps around it; variables of a called playbook are dropped with the call.
        """
        name = run.calls.get(prefix, "")
        found = self._from(name, self._bundle.playbook(name).exception)
        for key in keys:
            if key[: key.rfind("/") + 1] == prefix:
                step = step_of(self._bundle, run, key)
                again = step.type == "while-condition" and key != keys[0]
                found |= self._from(name, step.id if again or step.retry else step.on_failure)
                found |= self._from(name, step.on_success) if key != keys[0] else NOTHING
        return found

    def writing(self, key: str, step: Step, names: Names) -> list[int]:
        """Return the branches of a parallel step that write any of some variables."""
        return [at for at, one in enumerate(step.branches) if self._touched(key, one.head)[1] & names]

    @cached_property
    def looked_at(self) -> Names:
        """Return the variables that something in the bundle reads."""
        found: set[str] = set()
        for key in ("", *self._bundle.called):
            for step in self._bundle.playbook(key).steps.values():
                found |= self.reads(key, step)
                found.update(step.out_args if step.type == "playbook-action" else ())
        return frozenset(found)

    def _ahead(self, key: str, step: Step, state: str) -> Names:
        """Return the variables that may be read from a live step on; open branches end its own reads."""
        if step.type in ("action", "while-condition") or state == "scheduled" or step.retry is not None:
            return self._from(key, step.id)
        return self._from(key, step.on_success) | self._from(key, step.on_failure)

    def _from(self, key: str, step_id: str | None) -> Names:
        return NOTHING if step_id is None else self._following[key, step_id]

    def _measure(self, key: str, playbook: Playbook) -> None:
        """Collect the steps that each step leads to, the last steps first: references never turn back (P15)."""
        for step in _last_first(playbook):
            names = self.reads(key, step)
            for following in _successors(step):
                names |= self._following[key, following]
            self._following[key, step.id] = names

    def _touched(self, key: str, head: str) -> tuple[Names, Names]:
        """Return the variables that a branch reads, and those that it writes."""
        steps = _last_first(self._bundle.playbook(key), head)
        return self._following[key, head], frozenset(name for step in steps for name in step.out_args)

    def _inside(self, key: str, step: Step, depth: int) -> timedelta:
        if depth < 0:
            return LONGEST
        if step.type == "playbook-action":
            called = self._bundle.key_of(step.playbook_id, step.playbook_version)
            if called is None:
                return timedelta()
            inner = self._bundle.playbook(called)
            handled = self._line(called, inner.exception, depth - 1) if inner.exception else timedelta()
            return self._line(called, inner.start, depth - 1) + handled
        return max((self._line(key, branch.head, depth) for branch in step.branches), default=timedelta())

    def _line(self, key: str, head: str, depth: int) -> timedelta:
        """Return the maximum duration of a line of steps from one step to its end."""
        if (key, head) not in self._lengths:
            for step in _last_first(self._bundle.playbook(key), head):
                after = [self._lengths[key, one] for one in (step.on_success, step.on_failure) if one]
                ahead = max(after, default=timedelta())
                self._lengths[key, step.id] = min(LONGEST, self._whole(key, step, depth) + ahead)
        return self._lengths[key, head]

    def _whole(self, key: str, step: Step, depth: int) -> timedelta:
        """Return the maximum duration of one step: its delay, and every attempt to its time limit."""
        idempotency = self._once(key, step, depth)
        tries = step.retry.limit if step.retry else 0
        pauses = step.retry.pause * tries if step.retry else timedelta()
        return min(LONGEST, (step.delay or timedelta()) + idempotency * (tries + 1) + pauses)

    def _once(self, key: str, step: Step, depth: int) -> timedelta:
        limits = [limit for limit in (step.timeout,) if limit is not None]
        if step.type in ("action", "playbook-action") and not limits:
            limits = [self._profile.default_timeout]
        if step.type == "while-condition":
            return min([*limits, self._profile.while_limit])
        if step.type == "action":
            return limits[0]
        return min([*limits, self._inside(key, step, depth)])


def _successors(step: Step) -> Iterator[str]:
    yield from (one for one in (step.on_success, step.on_failure) if one)
    yield from (branch.head for branch in step.branches)


def _last_first(playbook: Playbook, head: str | None = None) -> list[Step]:
    """Return steps so that each comes after all that it leads to, without recursion."""
    steps: Mapping[str, Step] = playbook.steps
    done: dict[str, None] = {}
    stack = [(head, False)] if head else [(one, False) for one in steps]
    while stack:
        step_id, is_left = stack.pop()
        if is_left:
            done[step_id] = None
        elif step_id not in done:
            stack.append((step_id, True))
            stack.extend((one, False) for one in _successors(steps[step_id]) if one not in done)
    return [steps[one] for one in done]
