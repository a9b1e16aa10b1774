"""Counts an incident: the facts of its history, each on its day, and the sums they belong to."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from incident.core.insights.durations import letter_of

Measure = Literal[
    "opened",
    "acknowledged",
    "contained",
    "resolved",
    "reopened",
    "escalated",
    "timed_out",
    "reviewed",
    "unreviewed",
    "action_added",
    "action_done",
    "action_due",
    "action_kept",
]
"""`unreviewed` is a closed incident without a review; `action_kept` is an action of a review, done by its due."""

MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
HANDLED: Final[tuple[Measure, ...]] = ("acknowledged", "contained", "resolved")
"""Measures of the handling of an incident, with a duration since it was opened."""

TIMED: Final[tuple[Measure, ...]] = (*HANDLED, "reviewed")
"""Measures with a duration."""

Dimension = Literal["day", "month", "category", "hour", "step"]
"""What a sum is divided by: day, month, or within a month category, hour of the week or step.

Only days are asked for alone. All else is asked for by whole months, and is kept so: a year has twelve sums to read.
"""

EVERYWHERE: Final = 0
"""Stands for all departments in place of the id of one."""

RULES: Final = 3
"""The version of the rules by which incidents are counted; another one makes all of them counted again."""

KINDS: Final[Mapping[str, str]] = {
    "incident.acknowledged": "taken",
    "incident.reopened": "reopened",
    "incident.reviewed": "reviewed",
    "notice.created": "noticed",
    "notice.held": "noticed",
    "notice.acknowledged": "acknowledged",
    "notice.accepted": "acknowledged",
    "notice.escalated": "escalated",
}
"""What happened on an incident, by the type of its entry in the journal; other entries are not counted."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened on an incident.

    Args:
        kind: a value of `KINDS`, or `timed_out` for a step.
        at: when (UTC).
        notice_id: the notice, of what happens to one.
        department_id: the department of that notice or step.
        item: the words of a step.
        is_red: whether only people who may see TLP:RED may know of it.
    """

    kind: str
    at: datetime
    notice_id: int | None = None
    department_id: int | None = None
    item: str = ""
    is_red: bool = False


@dataclass(frozen=True, slots=True)
class ActionHistory:
    """When an action of a review was added, is due, and was done (UTC); None while it is open."""

    added_at: datetime
    due_at: datetime
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncidentHistory:
    """What is counted of an incident; `speed` is how many times faster the clock of a drill runs, else None."""

    opened_at: datetime
    category: str | None = None
    departments: Sequence[int] = ()
    is_red: bool = False
    speed: int | None = None
    handled_at: datetime | None = None
    closed_at: datetime | None = None
    happenings: Sequence[Happening] = ()
    actions: Sequence[ActionHistory] = ()


@dataclass(frozen=True, slots=True)
class CountedFact:
    """A fact on its day; `letter` is its duration, `departments` where it counts (`EVERYWHERE` among them)."""

    measure: Measure
    day: date
    departments: tuple[int, ...]
    letter: str = ""
    item: str = ""
    is_red: bool = False


@dataclass(frozen=True, slots=True)
class CountedIncident:
    """All facts of an incident that were counted, to be taken out again when it changes."""

    category: str
    is_drill: bool
    facts: tuple[CountedFact, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        facts = [
            [one.measure, one.day.isoformat(), list(one.departments), one.letter, one.item, one.is_red]
            for one in self.facts
        ]
        return {"category": self.category, "is_drill": self.is_drill, "facts": facts}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "CountedIncident":
        """Return what `to_json` wrote."""
        facts = (
            CountedFact(measure, date.fromisoformat(day), tuple(departments), letter, item, is_red)
            for measure, day, departments, letter, item, is_red in value["facts"]
        )
        return cls(value["category"], value["is_drill"], tuple(facts))


class SumKey(NamedTuple):
    """Of which facts a sum is: `department_id` is `EVERYWHERE` for all, `item` is empty for what has none.

    `day` is the first of the month, but where the dimension is the day.
    """

    dimension: Dimension
    measure: Measure
    department_id: int
    day: date
    item: str
    is_red: bool
    is_drill: bool


def count_incident(history: IncidentHistory, zone: ZoneInfo) -> CountedIncident:
    """Return the facts of an incident, each on its day in a time zone.

    An incident that was reopened is not resolved until it is closed again, and then it took the whole time since it was
    opened. Of several acknowledgements the first counts, of the incident and of each notice.
    """
    return CountedIncident(
        category=history.category or "",
        is_drill=history.speed is not None,
        facts=tuple(_facts(history, zone)),
    )


def _facts(history: IncidentHistory, zone: ZoneInfo) -> Iterator[CountedFact]:
    on_it, red = (EVERYWHERE, *history.departments), history.is_red
    opened = history.opened_at.astimezone(zone)
    yield CountedFact("opened", opened.date(), on_it, item=f"{opened.weekday()}{opened.hour:02}", is_red=red)
    ends: tuple[tuple[Measure, datetime | None], ...] = (
        ("contained", history.handled_at),
        ("resolved", history.closed_at),
    )
    for measure, at in ends:
        if at is not None:
            yield CountedFact(measure, _day(at, zone), on_it, _letter(history, history.opened_at, at), is_red=red)
    yield from _acknowledgements(history, zone)
    yield from _review(history, zone, on_it)
    for one in history.happenings:
        if one.kind == "reopened":
            yield CountedFact("reopened", _day(one.at, zone), on_it, is_red=red)
        elif one.kind == "escalated":
            yield CountedFact("escalated", _day(one.at, zone), _places(one), is_red=red)
        elif one.kind == "timed_out":
            yield CountedFact("timed_out", _day(one.at, zone), _places(one), item=one.item, is_red=red or one.is_red)


def _review(history: IncidentHistory, zone: ZoneInfo, on_it: tuple[int, ...]) -> Iterator[CountedFact]:
    """Yield the review since the closing, or that it is missing, and its actions.

    Later changes of a review do not count, and its time is real also in a drill. An action is due on its day also when
    that is still to come: what is missed needs no count when time passes.
    """
    red, closed_at = history.is_red, history.closed_at
    written = [one.at for one in history.happenings if one.kind == "reviewed"]
    if written:
        reviewed_at = next((at for at in written if closed_at is not None and at >= closed_at), written[0])
        took = timedelta() if closed_at is None else max(timedelta(), reviewed_at - closed_at)
        yield CountedFact("reviewed", _day(reviewed_at, zone), on_it, letter_of(took), is_red=red)
    elif closed_at is not None:
        yield CountedFact("unreviewed", _day(closed_at, zone), on_it, is_red=red)
    for one in history.actions:
        yield CountedFact("action_added", _day(one.added_at, zone), on_it, is_red=red)
        yield CountedFact("action_due", _day(one.due_at, zone), on_it, is_red=red)
        if one.done_at is not None:
            yield CountedFact("action_done", _day(one.done_at, zone), on_it, is_red=red)
            if one.done_at <= one.due_at:
                yield CountedFact("action_kept", _day(one.due_at, zone), on_it, is_red=red)


def _acknowledgements(history: IncidentHistory, zone: ZoneInfo) -> Iterator[CountedFact]:
    """Yield the first acknowledgement of the incident, and that of each notice since the notice was opened."""
    began: dict[int | None, datetime] = {}
    answered: dict[int | None, Happening] = {}
    for one in history.happenings:
        if one.kind == "noticed":
            began.setdefault(one.notice_id, one.at)
        elif one.kind in ("taken", "acknowledged"):
            answered.setdefault(one.notice_id, one)
    if answered:
        at = min(one.at for one in answered.values())
        letter = _letter(history, history.opened_at, at)
        yield CountedFact("acknowledged", _day(at, zone), (EVERYWHERE,), letter, is_red=history.is_red)
    for notice_id, one in answered.items():
        if one.department_id is not None:
            letter = _letter(history, began.get(notice_id, history.opened_at), one.at)
            yield CountedFact("acknowledged", _day(one.at, zone), (one.department_id,), letter, is_red=history.is_red)


def _places(one: Happening) -> tuple[int, ...]:
    return (EVERYWHERE,) if one.department_id is None else (EVERYWHERE, one.department_id)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _letter(history: IncidentHistory, since: datetime, until: datetime) -> str:
    """Return the letter of a duration on the clock of the incident, which in a drill is faster."""
    return letter_of((until - since) * (history.speed or 1) if until > since else timedelta())


def sums_of(counted: CountedIncident) -> Counter[tuple[SumKey, str]]:
    """Return how often each sum gets each letter (empty for what has no duration) from an incident."""
    found: Counter[tuple[SumKey, str]] = Counter()
    for fact in counted.facts:
        for department_id in fact.departments:
            for dimension, day, item in _divided(fact, counted.category):
                key = SumKey(dimension, fact.measure, department_id, day, item, fact.is_red, counted.is_drill)
                found[key, fact.letter] += 1
    return found


def _divided(fact: CountedFact, category: str) -> Iterator[tuple[Dimension, date, str]]:
    month = fact.day.replace(day=1)
    yield "day", fact.day, ""
    yield "month", month, ""
    yield "category", month, category
    if fact.measure == "opened":
        yield "hour", month, fact.item
    elif fact.measure == "timed_out":
        yield "step", month, fact.item
