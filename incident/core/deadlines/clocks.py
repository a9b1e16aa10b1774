"""Clocks: the deadlines that a regime runs on an incident, computed from its facts and what has happened."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from incident.core.deadlines.counting import DayOffs, Period, PeriodEnd, period_end
from incident.core.deadlines.regimes import (
    AWARE,
    FACT_ADDED,
    FILED,
    HANDLED,
    RECEIVED,
    DutyCondition,
    Recipient,
    Regime,
    Stage,
)

ClockState = Literal[
    "waiting", "running", "undetermined", "returned", "not_applicable", "filed", "filed_late", "waived", "suspended"
]
OPEN_STATES: Final = ("running", "undetermined", "returned")
"""States of clocks that warn."""

FACT_WITHDRAWN: Final = "fact_withdrawn"
"""A fact that was withdrawn: it starts nothing, and those after it keep their numbers."""

SET_BY_PEOPLE: Final = ("waived", "suspended")
"""States that no computation changes."""


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """Something that happened (UTC): `aware`, `handling_ended`, ..., or `filed` for a stage, with or without proof.

    `received` is the receipt of a stage by a department here that owes the report onward. A filing that the authority
    returned ends no clock, but starts what follows it. `regime` is that of a filing; None for whatever regime asks.
    """

    kind: str
    at: dt.datetime
    stage: str | None = None
    n: int = 1
    is_proved: bool = False
    regime: str | None = None
    returned_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What is known of an incident: the decided grade, the gravest possible one, and answers by their questions.

    `not_reportable` are the regimes by which two people decided not to report it: the decision and who they are.
    """

    decided: int | None
    possible: int
    answers: Mapping[str, object] = field(default_factory=dict)
    not_reportable: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Because:
    """One reason why a clock is as it is: a code, and the arguments of its words."""

    code: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clock:
    """The deadline of one stage; `n` counts those of a stage that starts again with each fact.

    `due_at` is the strict reading, which warns; `lawful_at` the one by which a filing is late. `waits_for` is the event
    without which it has no start.
    """

    regime: str
    stage: str
    hop: int
    n: int
    state: ClockState
    start_at: dt.datetime | None
    due_at: dt.datetime | None
    lawful_at: dt.datetime | None
    because: Sequence[Because]
    to: Sequence[Recipient]
    waits_for: str | None = None

    @property
    def key(self) -> str:
        """Its name among those of an incident."""
        return f"{self.regime}/{self.stage}/{self.n}"


def clocks(
    regime: Regime, facts: ClockFacts, events: Sequence[ClockEvent], calendars: Mapping[str, DayOffs]
) -> list[Clock]:
    """Return the clocks of a regime on an incident, in the order of its stages.

    Args:
        regime: the law.
        facts: what is known of the incident.
        events: what has happened, in any order.
        calendars: working calendars by name; for a country that has none there, Monday to Friday is counted.
    """
    known = _Known(regime, facts, events, calendars)
    aware = known.first(AWARE)
    if regime.applies_from and aware and aware.astimezone(regime.zone).date() < regime.applies_from:
        return []
    return [clock for stage in regime.stages for clock in _stage_clocks(stage, known)]


def fact_truth(condition: DutyCondition, facts: ClockFacts, happened: Collection[str] = ()) -> bool | None:
    """Return whether a condition holds; None while that is not known or a person must judge it.

    Args:
        condition: of a regime or a stage.
        facts: what is known of the incident.
        happened: the kinds of the events that have happened.
    """
    if condition.event is not None:
        return True if condition.event in happened else None
    if condition.grade is not None:
        if facts.decided is not None:
            return facts.decided <= condition.grade
        return None if facts.possible <= condition.grade else False
    if condition.answer is not None:
        value = facts.answers.get(condition.answer)
        if not isinstance(value, int):
            return None
        is_met = value >= condition.at_least and (condition.below is None or value < condition.below)
        return is_met or (None if condition.is_judged else False)
    return None if condition.is_judged else True


def keep_earlier(before: Clock | None, after: Clock, *, may_be_later: bool = False) -> Clock:
    """Return a recomputed clock, due no later than it was unless two people put it off.

    Args:
        before: as it stands; None for a new one.
        after: as computed now.
        may_be_later: whether two people have decided so.
    """
    if before is None or may_be_later or before.due_at is None or after.due_at is None:
        return after
    if after.due_at <= before.due_at:
        return after
    kept = replace(after, start_at=before.start_at, due_at=before.due_at, lawful_at=before.lawful_at)
    return replace(kept, because=[*after.because, Because("kept_earlier", {"at": before.due_at})])


@dataclass(frozen=True)
class _Known:
    """Everything from which the clocks of one regime follow."""

    regime: Regime
    facts: ClockFacts
    events: Sequence[ClockEvent]
    calendars: Mapping[str, DayOffs]

    def first(self, kind: str) -> dt.datetime | None:
        """Return when something happened first."""
        if kind.startswith(FILED):
            return min((one.at for one in self.filings(kind.removeprefix(FILED))), default=None)
        if kind.startswith(RECEIVED):
            return self._first_receipt(kind.removeprefix(RECEIVED))
        return min((one.at for one in self.events if one.kind == kind), default=None)

    @property
    def happened(self) -> Collection[str]:
        """Return the kinds of the events that have happened."""
        return {one.kind for one in self.events}

    def _first_receipt(self, stage: str) -> dt.datetime | None:
        """Return the earliest receipt that can be proved: by a filing's proof, or because a department here has it."""
        proved = [one.at for one in self.filings(stage) if one.is_proved]
        here = [one.at for one in self.events if one.kind == "received" and one.stage == stage and self._is_mine(one)]
        return min([*proved, *here], default=None)

    def proof(self, kind: str, at: dt.datetime) -> Mapping[str, str]:
        """Return by what a receipt at a moment is proved: a filing's proof, or a department here that has it."""
        if not kind.startswith(RECEIVED):
            return {}
        filed = (one for one in self.filings(kind.removeprefix(RECEIVED)) if one.is_proved)
        return {"proof": "filing" if any(one.at == at for one in filed) else "department"}

    def filings(self, stage: str, n: int | None = None) -> list[ClockEvent]:
        """Return the filings of a stage, or of one of its clocks."""
        of_stage = (one for one in self.events if one.kind == "filed" and one.stage == stage and self._is_mine(one))
        return [one for one in of_stage if n is None or one.n == n]

    def _is_mine(self, event: ClockEvent) -> bool:
        return event.regime in (None, self.regime.id)

    def end(self, period: Period, start: dt.datetime) -> PeriodEnd:
        """Return the end of a period in the zone and calendar of the regime."""
        law = self.regime
        return period_end(period, start, law.zone, law.counting, self.calendars.get(law.calendar or ""))


def _stage_clocks(stage: Stage, known: _Known) -> Iterator[Clock]:
    if stage.start != FACT_ADDED:
        yield _clock(stage, known, 1, known.first(stage.start))
        return
    facts = [one for one in known.events if one.kind in (FACT_ADDED, FACT_WITHDRAWN)]
    for n, one in enumerate(facts, start=1):
        if one.kind == FACT_ADDED:
            yield _clock(stage, known, n, one.at)


def _clock(stage: Stage, known: _Known, n: int, start: dt.datetime | None) -> Clock:
    because = []
    limits = []
    if start is not None:
        limits.append((known.end(stage.period, start), start))
        because.append(Because(stage.start, {"at": start, **known.proof(stage.start, start)}))
    for cap in stage.caps:
        begun = known.first(cap.start)
        if begun is not None:
            limits.append((known.end(cap.period, begun), begun))
            because.append(Because("cap", {"at": begun, "event": cap.start}))
    end, begun = min(limits, key=lambda one: (one[0].due_at, one[0].lawful_at), default=(None, None))
    waits_for = stage.start if end is None else None
    if stage.ongoing is not None and end is not None:
        end, begun, waits_for = _ongoing(stage, known, end, begun)
        if waits_for is None and end is None:
            return _made(stage, known, n, "not_applicable", None, None, [Because("handled_before")], None)
    if end is not None:
        because += [Because(note) for note in end.notes]
    if stage.is_target:
        because.append(Because("target"))
    state, reasons = _state(stage, known, n, end)
    return _made(stage, known, n, state, begun, end, [*because, *reasons], waits_for)


def _ongoing(
    stage: Stage, known: _Known, end: PeriodEnd, begun: dt.datetime | None
) -> tuple[PeriodEnd | None, dt.datetime | None, str | None]:
    """Return end, start and what is waited for, where it matters whether handling is over by then."""
    handled = known.first(HANDLED)
    is_over = handled is not None and handled <= end.due_at
    if stage.ongoing == "while":
        return (None, None, None) if is_over else (end, begun, None)
    if is_over:
        return end, begun, None
    if handled is None:
        return None, None, HANDLED
    return known.end(stage.period, handled), handled, None


def _state(stage: Stage, known: _Known, n: int, end: PeriodEnd | None) -> tuple[ClockState, list[Because]]:
    filings = known.filings(stage.key, n)
    filed = min((one.at for one in filings if one.returned_at is None), default=None)
    if filed is not None:
        is_late = end is not None and filed > end.lawful_at
        return "filed_late" if is_late else "filed", [Because("filed", {"at": filed})]
    decision = known.facts.not_reportable.get(known.regime.id)
    if decision is not None:
        return "not_applicable", [Because("not_reportable", decision)]
    asked = (known.regime.condition, stage.condition)
    truths = {fact_truth(one, known.facts, known.happened) for one in asked}
    reasons = [*_reasons(asked[0], known)]
    reasons += [one for one in _reasons(asked[1], known) if one not in reasons]
    if False in truths:
        return "not_applicable", reasons
    if end is None:
        return "waiting", reasons
    returned = max((one.returned_at for one in filings if one.returned_at is not None), default=None)
    if returned is not None:
        return "returned", [Because("returned", {"at": returned}), *reasons]
    return "undetermined" if None in truths else "running", reasons


def _reasons(condition: DutyCondition, known: _Known) -> Iterator[Because]:
    facts = known.facts
    truth = fact_truth(condition, facts, known.happened)
    if condition.grade is not None and facts.decided is not None:
        yield Because("grade_decided", {"grade": facts.decided})
    elif condition.grade is not None:
        yield Because("grade_possible", {"grade": facts.possible})
    elif condition.answer is not None and truth is not None:
        yield Because("answer", {"question": condition.answer, "value": facts.answers[condition.answer]})
    elif condition.is_judged or (condition.event is not None and truth is None):
        yield Because("judged")
    elif condition.answer is not None:
        yield Because("answer_missing", {"question": condition.answer})


def _made(
    stage: Stage,
    known: _Known,
    n: int,
    state: ClockState,
    begun: dt.datetime | None,
    end: PeriodEnd | None,
    because: Sequence[Because],
    waits_for: str | None,
) -> Clock:
    return Clock(
        regime=known.regime.id,
        stage=stage.key,
        hop=stage.hop,
        n=n,
        state=state,
        start_at=None if end is None else begun,
        due_at=None if end is None else end.due_at,
        lawful_at=None if end is None else end.lawful_at,
        because=because,
        to=stage.to,
        waits_for=waits_for if state == "waiting" else None,
    )
