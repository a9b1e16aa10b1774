"""Explores every path through a playbook, with the real engine.

Runs in the same state are followed once. Branches of a parallel step that share no variable are followed one after the
other: the order in which they end changes nothing. Rounds of a loop and retries of a step are not enumerated; reaching
their limit is a choice of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import product

from incident.core.cacao.engine.engine import advance, start
from incident.core.cacao.engine.environment import types_of
from incident.core.cacao.engine.events import CommandEnded, CommandOutcome, Event, TimerPassed
from incident.core.cacao.engine.run import Run, StepRecord
from incident.core.cacao.engine.run_builder import HANDLER, MAIN, RunBuilder, Transition
from incident.core.cacao.model import PlaybookBundle, Profile, Step
from incident.core.cacao.simulation.canonical_state import Place, StateReader, scopes_around, scopes_inside
from incident.core.cacao.simulation.ends import End, end_of
from incident.core.cacao.simulation.liveness import NOTHING, Outlook
from incident.core.cacao.simulation.origin import step_of
from incident.core.cacao.simulation.paths import PathChoice, RunPath, RunPaths
from incident.core.cacao.simulation.playing import STARTED_AT
from incident.core.cacao.simulation.samples import Samples
from incident.core.cacao.simulation.stubs import playable
from incident.core.cacao.values import Value

# Turns of the engine after which a playbook counts as too wide: some seconds. A turn of a run with many steps takes
# longer, and counts as several turns.
MAX_TURNS = 20_000
STEPS_OF_A_TURN = 40
# Maximum choices on all paths together, beyond which nobody reads them.
MAX_CHOICES = 20_000
# Loops without a wait repeat within one turn of the engine; this many rounds show that they do not end.
MAX_ROUNDS = 10

# How many failures a path has, and how many choices.
Cost = tuple[int, int]

OUTCOMES: tuple[CommandOutcome, ...] = ("succeeded", "failed")
CLOCK_OUTCOMES: tuple[CommandOutcome, ...] = ("succeeded", "not_applicable", "failed")


def explore(bundle: PlaybookBundle, profile: Profile, limit: int = MAX_TURNS) -> RunPaths:
    """Find every end of a playbook and one simple path to each; `limit` counts turns of the engine.

    A called playbook that is missing counts as a task with any outcome. Raises StartRefused when the playbooks do not
    fit together.
    """
    profile = replace(profile, while_rounds=min(profile.while_rounds, MAX_ROUNDS))
    return _Exploration(playable(bundle)[0], profile, limit).paths()


class _TooWideError(Exception):
    """The limit of turns, or of choices to report, is reached."""


@dataclass(frozen=True, slots=True)
class _Stand:
    """A run in a state, or at an end, with the previous node and the choice made there."""

    run: Run
    at: Place | End
    before: _Stand | None
    choice: PathChoice | None


class _Exploration:
    """A search for the cheapest paths: fewest failures first, then fewest choices."""

    def __init__(self, bundle: PlaybookBundle, profile: Profile, limit: int) -> None:
        self._bundle = bundle
        self._profile = profile
        self._limit = limit
        self._samples = Samples(bundle, profile)
        self._outlook = Outlook(bundle, profile)
        self._places = StateReader(bundle, profile, self._outlook)
        self._waiting: list[tuple[Cost, int, _Stand]] = []
        self._seen: set[Place | End] = set()
        self._ends: list[tuple[End, _Stand]] = []
        self._answered: set[object] = set()
        self._entered: set[str] = set()
        self._turns = 0
        self._spent = 0
        self._choice_count = 0
        self._count = 0

    def paths(self) -> RunPaths:
        is_whole = True
        try:
            self._search()
        except _TooWideError:
            is_whole = False
        paths = [_path_of(end, stand) for end, stand in self._ends]
        paths.sort(key=lambda path: not path.end.is_failure)
        known = [key for key, step in self._bundle.main.steps.items() if step.type != "end"]
        never = [key for key in known if key not in self._entered] if is_whole else []
        return RunPaths(paths, frozenset(self._entered), never, is_whole, self._turns, len(self._seen))

    def _search(self) -> None:
        for values in self._beginnings():
            turn = start(self._bundle, values, STARTED_AT, self._profile)
            self._take(turn, None, (0, 0), PathChoice("", "starts", values) if values else None)
        while self._waiting:
            cost, _, stand = heappop(self._waiting)
            if stand.at in self._seen:
                continue
            self._seen.add(stand.at)
            if isinstance(stand.at, End):
                self._ends.append((stand.at, stand))
                self._choice_count += cost[1]
                if self._choice_count > MAX_CHOICES:
                    raise _TooWideError
            else:
                self._follow(stand, cost)

    def _beginnings(self) -> Iterator[dict[str, Value]]:
        """Yield every combination of the external variables that the playbook reads."""
        wanted = self._bundle.main.externals
        options = [self._options(name, one.type, one.value) for name, one in wanted.items()]
        for values in product(*options):
            yield dict(zip(wanted, values, strict=True))

    def _options(self, name: str, kind: str, declared: Value) -> tuple[Value, ...]:
        samples = self._samples.of(name, kind)
        if name not in self._outlook.looked_at:
            return (declared,) if declared is not None else samples[:1]
        return samples if declared is None else (declared, *samples)

    def _follow(self, stand: _Stand, cost: Cost) -> None:
        run = stand.run
        for leaf in self._leaves(run):
            for event, choice in self._events(stand, leaf):
                turn = advance(self._bundle, run, event, STARTED_AT, self._profile)
                self._take(turn, stand, cost, choice)
            for key in self._lineage(run, leaf):
                repeated = self._places.exhausted(run, key)
                if repeated is not None:
                    self._keep(repeated, stand, cost, PathChoice(key, "repeats"))

    def _take(self, turn: Transition, before: _Stand | None, cost: Cost, choice: PathChoice | None) -> None:
        self._turns += 1
        self._spent += 1 + len(turn.run.steps) // STEPS_OF_A_TURN
        if self._spent > self._limit:
            raise _TooWideError
        self._entered.update(turn.run.steps)
        self._keep(turn.run if turn.run.is_finished else self._places.settled(turn.run), before, cost, choice)

    def _keep(self, run: Run, before: _Stand | None, cost: Cost, choice: PathChoice | None) -> None:
        at = end_of(self._bundle, run) if run.is_finished else self._places.of(run)
        if at not in self._seen:
            failures, choices = cost
            failures += choice is not None and choice.kind not in ("starts", "succeeded", "not_applicable")
            self._count += 1
            heappush(self._waiting, ((failures, choices + 1), self._count, _Stand(run, at, before, choice)))

    def _leaves(self, run: Run) -> list[StepRecord]:
        """Return the steps to answer here: of parallel branches only one where order cannot matter."""
        leaves: list[StepRecord] = []
        scopes = [one for one in (MAIN, HANDLER) if self._is_live(run, one)]
        while scopes:
            record = run.steps[str(run.scopes[scopes.pop()].current)]
            if record.state == "scheduled" or step_of(self._bundle, run, record.key).type == "action":
                leaves.append(record)
            else:
                scopes += self._opened(run, record)
        return leaves

    def _opened(self, run: Run, record: StepRecord) -> list[str]:
        """Return the live scopes inside a step to follow now."""
        step = step_of(self._bundle, run, record.key)
        inner = [key for key in scopes_inside(record.key, step) if self._is_live(run, key)]
        if len(inner) < 2:
            return inner
        name = self._name(run, record)
        if not self._outlook.is_separable(name, step):
            return inner
        writing = self._writing(run, record, name, step)
        if len(writing) > 1:
            return inner
        return [key for key in inner if writing and key.endswith(f":{writing[0]}")] or inner[:1]

    def _writing(self, run: Run, record: StepRecord, name: str, step: Step) -> list[int]:
        """Return the branches whose results remain when a time limit around them passes."""
        lineage, prefix = self._lineage(run, record), record.key[: record.key.rfind("/") + 1]
        names = NOTHING
        for at, key in enumerate(lineage):
            if key.startswith(prefix) and "/" not in key[len(prefix) :] and self._may_be_cut(run, key):
                names |= self._outlook.after_cut(run, lineage[at:], prefix)
        return self._outlook.writing(name, step, names) if names else []

    def _is_live(self, run: Run, scope_key: str) -> bool:
        scope = run.scopes.get(scope_key)
        return scope is not None and scope.current is not None and run.steps[scope.current].is_live

    def _name(self, run: Run, record: StepRecord) -> str:
        return run.calls.get(record.key[: record.key.rfind("/") + 1], "")

    def _lineage(self, run: Run, record: StepRecord) -> list[str]:
        """Return the keys of a step and of the live steps around it."""
        keys = [record.key]
        for scope_key in scopes_around(run, record):
            opener = run.scopes[scope_key].opener
            keys += [opener] if opener else []
        return keys

    def _may_be_cut(self, run: Run, key: str) -> bool:
        """Whether the time limit of a compound step can pass before all within it has ended."""
        record, step = run.steps[key], step_of(self._bundle, run, key)
        due_at = run.timers.get(("timeout", key, record.visit))
        if due_at is None or step.type == "action" or record.state == "scheduled":
            return False
        if step.type == "while-condition":
            return True
        return self._outlook.longest(self._name(run, record), step) >= due_at - STARTED_AT

    def _events(self, stand: _Stand, leaf: StepRecord) -> Iterator[tuple[Event, PathChoice | None]]:
        run = stand.run
        lineage = self._lineage(run, leaf)
        if leaf.state == "scheduled":
            yield TimerPassed("delay", leaf.key, leaf.visit), None
        else:
            yield from self._answers(stand, leaf)
            yield from self._silence(run, leaf, lineage)
        for key in lineage[1:]:
            if self._may_be_cut(run, key):
                yield TimerPassed("timeout", key, run.steps[key].visit), PathChoice(key, "timed_out")

    def _silence(self, run: Run, leaf: StepRecord, lineage: list[str]) -> Iterator[tuple[Event, PathChoice]]:
        """Yield the missing answer, unless an earlier limit around the step passes first."""
        due_at = run.timers[("timeout", leaf.key, leaf.visit)]
        around = (run.timers.get(("timeout", key, run.steps[key].visit)) for key in lineage[1:])
        if all(limit is None or due_at < limit for limit in around):
            yield TimerPassed("timeout", leaf.key, leaf.visit), PathChoice(leaf.key, "timed_out")

    def _answers(self, stand: _Stand, leaf: StepRecord) -> Iterator[tuple[Event, PathChoice]]:
        """Yield every possible answer to a task, the simplest first: those with few failures give results.

        Equal answers in states that differ only in the results lead to the same state again.
        """
        run = stand.run
        options = self._results(run, leaf)
        step = step_of(self._bundle, run, leaf.key)
        is_same = _leads_alike(step, leaf.command)
        for outcome in OUTCOMES if step.clock is None else CLOCK_OUTCOMES:
            orders = [one if outcome == "succeeded" else one[::-1] for one in options.values()]
            orders = [one[:1] for one in orders] if outcome == "failed" and is_same else orders
            for values in product(*orders):
                given = {name: value for name, value in zip(options, values, strict=True) if value is not None}
                if self._is_new(stand, leaf, outcome, given):
                    event = CommandEnded(leaf.key, leaf.visit, leaf.command, outcome, given)
                    yield event, PathChoice(leaf.key, outcome, given)

    def _is_new(self, stand: _Stand, leaf: StepRecord, outcome: CommandOutcome, given: Mapping[str, str]) -> bool:
        if not given or isinstance(stand.at, End):
            return True
        rest = self._places.without(stand.at, leaf.key[: leaf.key.rfind("/") + 1], given)
        mark = (rest, leaf.key, outcome, tuple(given.items()))
        is_new = mark not in self._answered
        self._answered.add(mark)
        return is_new

    def _results(self, run: Run, leaf: StepRecord) -> Mapping[str, tuple[str | None, ...]]:
        """Return the sample values of each result that is read later; None means not given."""
        step = step_of(self._bundle, run, leaf.key)
        prefix = leaf.key[: leaf.key.rfind("/") + 1]
        live = self._outlook.live_names(run).get(prefix, NOTHING)
        wanted = [name for name in step.out_args if name in live and step.clock is None]
        if not wanted:
            return {}
        types = types_of(RunBuilder(self._bundle, self._profile, run, STARTED_AT), leaf.scope, wanted)
        return {name: self._samples.with_unknown(name, kind) for name, kind in types.items()}


def _leads_alike(step: Step, command: int) -> bool:
    """Whether a step continues alike when its command fails: its results were tried with its success."""
    return step.on_success == step.on_failure and step.retry is None and command + 1 == len(step.commands)


def _path_of(end: End, stand: _Stand) -> RunPath:
    choices: list[PathChoice] = []
    at: _Stand | None = stand
    while at is not None:
        choices += [at.choice] if at.choice is not None else []
        at = at.before
    return RunPath(end, tuple(reversed(choices)), stand.run.variables)
