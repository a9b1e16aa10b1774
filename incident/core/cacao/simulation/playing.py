"""Plays a playbook to its end on a virtual clock, with the real engine: nothing is sent, nobody is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from incident.core.cacao.engine.effects import CancelCommand, CancelTask, OpenTask, SendCommand
from incident.core.cacao.engine.engine import advance, start
from incident.core.cacao.engine.events import Event, TimerPassed
from incident.core.cacao.engine.run import Run
from incident.core.cacao.engine.run_builder import Transition
from incident.core.cacao.model import PlaybookBundle, Profile
from incident.core.cacao.simulation.answers import Answering, Answers, Order, Planned
from incident.core.cacao.simulation.chance import Chance
from incident.core.cacao.simulation.ends import end_of
from incident.core.cacao.simulation.origin import step_of
from incident.core.cacao.simulation.samples import Samples
from incident.core.cacao.simulation.stubs import playable
from incident.core.cacao.simulation.transcript import Answered, Entry, Transcript
from incident.core.cacao.simulation.transcript_builder import TranscriptBuilder, lasted
from incident.core.cacao.values import Value

STARTED_AT = datetime(2000, 1, 1, tzinfo=UTC)
# A play with more turns is stopped: endless loops with waits would fill the page.
MAX_TURNS = 3_000

Key = tuple[str, int, int]


def simulate(bundle: PlaybookBundle, answers: Answers, profile: Profile, chance: Chance) -> Transcript:
    """Play a playbook to its end; `chance` decides whatever `answers` leaves open.

    A called playbook that is missing is played as a task. Raises StartRefused when a given value is mistyped or not
    requested, or when the playbooks do not fit together.
    """
    return _Play(playable(bundle)[0], answers, profile, chance).to_the_end()


class _Play:
    """One play; `_planned` are the future answers, each with its moment."""

    def __init__(self, bundle: PlaybookBundle, answers: Answers, profile: Profile, chance: Chance) -> None:
        self._bundle = bundle
        self._profile = profile
        self._answering = Answering(bundle, answers, chance, Samples(bundle, profile))
        self._planned: dict[Key, tuple[datetime, Planned]] = {}
        self._entries: list[Entry] = []
        self._now = STARTED_AT
        self._values: dict[str, Value] = {}

    def to_the_end(self) -> Transcript:
        self._values = self._answering.start_values()
        turn = start(self._bundle, self._values, self._now, self._profile)
        run = self._taken(None, turn)
        for _ in range(MAX_TURNS):
            if run.is_finished:
                return self._transcript(run, is_cut=False)
            event = self._next(run)
            run = self._taken(run, advance(self._bundle, run, event, self._now, self._profile))
        return self._transcript(run, is_cut=True)

    def _next(self, run: Run) -> Event:
        """Return the next event, and advance the clock to it; an answer comes before a timer of the same moment."""
        answer = min(self._planned.values(), key=lambda one: one[0], default=None)
        timer = min(run.timers.items(), key=lambda one: one[1], default=None)
        if answer is not None and (timer is None or answer[0] <= timer[1]):
            event = answer[1].event
            del self._planned[event.step, event.visit, event.command]
            self._now = max(self._now, answer[0])
            at = self._now - STARTED_AT
            self._entries.append(
                Answered(at, event.step, event.visit, event.outcome, event.variables, answer[1].source)
            )
            return event
        if timer is None:
            raise ValueError("the run waits for nothing")
        self._now = max(self._now, timer[1])
        return TimerPassed(*timer[0])

    def _taken(self, before: Run | None, turn: Transition) -> Run:
        self._entries += TranscriptBuilder(self._bundle, before, turn, STARTED_AT, self._now).entries()
        for effect in turn.effects:
            if isinstance(effect, (OpenTask, SendCommand)):
                self._plan(turn.run, effect)
            elif isinstance(effect, (CancelTask, CancelCommand)):
                self._planned.pop((effect.step, effect.visit, effect.command), None)
        return turn.run

    def _plan(self, run: Run, order: Order) -> None:
        limit = order.due_at - self._now if order.due_at else timedelta()
        planned = self._answering.plan(order, step_of(self._bundle, run, order.step), limit)
        if planned is not None:
            self._planned[order.step, order.visit, order.command] = (self._now + planned.after, planned)

    def _transcript(self, run: Run, is_cut: bool) -> Transcript:
        took = self._now - STARTED_AT if is_cut else lasted(run)
        return Transcript(
            entries=tuple(self._entries),
            end=end_of(self._bundle, run),
            lasted=took,
            values=run.variables,
            start_values=self._values,
            is_cut=is_cut,
        )
