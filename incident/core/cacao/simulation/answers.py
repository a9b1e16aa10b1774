"""Answers of a play: given ones, else none, else random ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from incident.core.cacao.engine.effects import OpenTask, SendCommand
from incident.core.cacao.engine.events import CommandEnded, CommandOutcome
from incident.core.cacao.model import PlaybookBundle, Step
from incident.core.cacao.simulation.chance import Chance, drawn
from incident.core.cacao.simulation.samples import Samples
from incident.core.cacao.values import Value

Result = Literal["succeeded", "failed", "timed_out", "not_applicable"]
Source = Literal["given", "drawn"]
Order = OpenTask | SendCommand

RESULTS: tuple[Result, ...] = ("succeeded", "failed", "timed_out", "not_applicable")
# Only a step that a filing ends can be not applicable (P19).
CLOCK_ONLY: Result = "not_applicable"
# Of a hundred tasks: how many are done, and how many are done or fail; the others time out.
PEOPLE_DO, PEOPLE_ANSWER = 0.7, 0.85
MACHINES_DO, MACHINES_ANSWER = 0.85, 0.97
LEFT_OUT = 0.1


@dataclass(frozen=True, slots=True)
class PlannedAnswer:
    """The end of one task or command; `after` counts from its start, `timed_out` means no answer."""

    result: Result = "succeeded"
    after: timedelta = timedelta()
    variables: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers that are given before a play.

    `by_step` has answers by the key, id or name of a step, the first for its first visit and so on, the last for all
    later visits; `values` are those of external variables; `is_silent` leaves all others unanswered.
    """

    by_step: Mapping[str, Sequence[PlannedAnswer]] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A future answer and its delay; `source` says whether it was given or drawn."""

    event: CommandEnded
    after: timedelta
    source: Source


class Answering:
    """Decides every answer of one play."""

    def __init__(self, bundle: PlaybookBundle, answers: Answers, chance: Chance, samples: Samples) -> None:
        self._bundle = bundle
        self._answers = answers
        self._chance = chance
        self._samples = samples

    def plan(self, order: Order, step: Step, limit: timedelta) -> Planned | None:
        """Decide the answer to a task or command, None for no answer; `limit` is its time limit."""
        given = self._given(order, step)
        if given is not None:
            return _planned(order, given, "given")
        if self._answers.is_silent and isinstance(order, OpenTask):
            return None
        return _planned(order, self._drawn(order, limit), "drawn")

    def start_values(self) -> dict[str, Value]:
        """Return the values of the external variables: those given, declared, or drawn."""
        found = dict(self._answers.values)
        for name, wanted in self._bundle.main.externals.items():
            if name not in found and wanted.value is None:
                found[name] = drawn(self._chance, self._samples.of(name, wanted.type))
        return found

    def _given(self, order: Order, step: Step) -> PlannedAnswer | None:
        for name in names_of(order.step, step):
            if answers := self._answers.by_step.get(name):
                return answers[min(order.visit, len(answers)) - 1]
        return None

    def _drawn(self, order: Order, limit: timedelta) -> PlannedAnswer:
        is_task = isinstance(order, OpenTask)
        do, answer = (PEOPLE_DO, PEOPLE_ANSWER) if is_task else (MACHINES_DO, MACHINES_ANSWER)
        fate = self._chance.random()
        after = timedelta(seconds=int(limit.total_seconds() * self._chance.random()))
        if fate >= answer:
            return PlannedAnswer("timed_out")
        if fate >= do:
            return PlannedAnswer("failed", after)
        return PlannedAnswer("succeeded", after, dict(self._values(order)))

    def _values(self, order: Order) -> Iterator[tuple[str, Value]]:
        for name, kind in order.out_variables.items():
            if self._chance.random() >= LEFT_OUT:
                yield name, drawn(self._chance, self._samples.of(name, kind))


def names_of(key: str, step: Step) -> Iterator[str]:
    """Yield the names of a step in an answer: its key, id, name, or the name's part in one language."""
    yield from (key, step.id)
    if step.name:
        yield from (step.name, *step.name.split(" / "))


def strangers(bundle: PlaybookBundle, answers: Answers) -> list[str]:
    """Return the names in answers that no action of the playbooks has."""
    known: set[str] = set()
    for playbook in (bundle.main, *bundle.called.values()):
        for step in playbook.steps.values():
            known.update(names_of(step.id, step) if step.type == "action" else ())
    return [name for name in answers.by_step if name.rpartition("/")[2] not in known and name not in known]


def misfits(bundle: PlaybookBundle, answers: Answers) -> list[str]:
    """Return the names in answers of steps that cannot be not applicable, but are answered so."""
    known: set[str] = set()
    for playbook in (bundle.main, *bundle.called.values()):
        for step in playbook.steps.values():
            known.update(names_of(step.id, step) if step.clock is not None else ())
    named = [name for name, given in answers.by_step.items() if any(one.result == CLOCK_ONLY for one in given)]
    return [name for name in named if name.rpartition("/")[2] not in known and name not in known]


def _planned(order: Order, answer: PlannedAnswer, source: Source) -> Planned | None:
    if answer.result == "timed_out":
        return None
    outcome: CommandOutcome = answer.result
    event = CommandEnded(order.step, order.visit, order.command, outcome, answer.variables)
    return Planned(event, answer.after, source)
