"""How well a run went: who answered when, what was done in time, and how that compares with other runs.

Every length of time here is on the clock of the playbook, which in a drill is faster than the real one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Timing = Literal["in_time", "late", "never", "waiting", "dropped"]
"""`waiting` is not over yet; `dropped` was no longer wanted. Neither counts for or against anybody."""

Direction = Literal["better", "worse", "same"]
Value = int | timedelta

COUNTED: Final = frozenset({"in_time", "late", "never"})
BY_PEOPLE: Final = frozenset({"succeeded", "failed"})
FIGURES: Final = ("share", "acknowledged_for", "tasks_late", "tasks_never", "steps_timed_out", "took_for")
"""What runs are compared by, in the order in which they are shown."""

MORE_IS_BETTER: Final = frozenset({"share"})


@dataclass(frozen=True, slots=True)
class NoticeFact:
    """A department that was told: when, when it answered, and which level of which round had been told by then.

    `first_level` was told first: where level 1 has no contact, it is a later one.
    """

    department: str
    opened_at: datetime
    acknowledged_at: datetime | None = None
    level: int = 1
    round: int = 1
    has_contact: bool = True
    first_level: int = 1

    @property
    def is_first(self) -> bool:
        """Whether nobody else had been told by then."""
        return self.round == 1 and self.level <= self.first_level


@dataclass(frozen=True, slots=True)
class TaskFact:
    """A task: the key of its step, the department that had it (None: nobody), its moments and its state."""

    step: str
    title: str
    department: str | None
    opened_at: datetime
    due_at: datetime | None = None
    ended_at: datetime | None = None
    state: str = "open"


@dataclass(frozen=True, slots=True)
class StepFact:
    """The latest visit of a step: its key, its name, whether it acts itself, and its state."""

    key: str
    name: str
    is_action: bool
    state: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of a run at the moment `at`; every moment is real time (UTC), `speed` that of the run's clock."""

    started_at: datetime
    ended_at: datetime | None
    at: datetime
    state: str
    is_handled: bool = False
    speed: int = 1
    notices: Sequence[NoticeFact] = ()
    tasks: Sequence[TaskFact] = ()
    steps: Sequence[StepFact] = ()

    def length(self, since: datetime, until: datetime) -> timedelta:
        """The length of time between two moments on the run's clock."""
        return (until - since) * self.speed


@dataclass(frozen=True, slots=True)
class DepartmentAnswer:
    """How a department answered; `took` is None while it has not."""

    department: str
    timing: Timing
    took: timedelta | None
    level: int
    has_contact: bool


@dataclass(frozen=True, slots=True)
class Done:
    """How a task was done; `limit` is the time that it had, `late_by` how far it was passed."""

    step: str
    title: str
    department: str | None
    timing: Timing
    has_failed: bool
    took: timedelta | None
    limit: timedelta | None
    late_by: timedelta


@dataclass(frozen=True, slots=True)
class Score:
    """How a run went, or has gone so far; `timed_out` and `failed` are steps."""

    state: str
    is_over: bool
    is_handled: bool
    answers: tuple[DepartmentAnswer, ...]
    tasks: tuple[Done, ...]
    timed_out: tuple[StepFact, ...]
    failed: tuple[StepFact, ...]
    took_for: timedelta
    real_for: timedelta

    @property
    def asked(self) -> int:
        """How many answers and tasks count."""
        return len(self._counted())

    @property
    def in_time(self) -> int:
        """How many of them came in time."""
        return self._counted().count("in_time")

    def _counted(self) -> list[Timing]:
        found = [one.timing for one in self.answers] + [one.timing for one in self.tasks]
        return [timing for timing in found if timing in COUNTED]

    @property
    def share(self) -> int | None:
        """The hundredth part of what was asked that came in time; None when nothing was asked."""
        return None if not self.asked else 100 * self.in_time // self.asked

    @property
    def acknowledged_for(self) -> timedelta | None:
        """How long the slowest department took to acknowledge; None when none has."""
        return max((one.took for one in self.answers if one.took is not None), default=None)

    def count(self, timing: Timing) -> int:
        """How many tasks have this timing."""
        return [one.timing for one in self.tasks].count(timing)

    def figure(self, name: str) -> Value | None:
        """One of `FIGURES`; None when there is nothing to be told, as of how long a run took that was broken off."""
        figures: Mapping[str, Value | None] = {
            "share": self.share,
            "acknowledged_for": self.acknowledged_for,
            "tasks_late": self.count("late"),
            "tasks_never": self.count("never"),
            "steps_timed_out": len(self.timed_out),
            "took_for": None if self.state == "cancelled" else self.took_for,
        }
        return figures[name]


def score(facts: RunFacts) -> Score:
    """How a run went, by the same rules for a drill and for what has really happened."""
    until = facts.ended_at or facts.at
    return Score(
        state=facts.state,
        is_over=facts.ended_at is not None,
        is_handled=facts.is_handled,
        answers=tuple(_answer(facts, one) for one in facts.notices),
        tasks=tuple(_done(facts, one) for one in facts.tasks),
        timed_out=tuple(one for one in facts.steps if one.state == "timed_out"),
        failed=tuple(one for one in facts.steps if one.state == "failed" and one.is_action),
        took_for=facts.length(facts.started_at, until),
        real_for=until - facts.started_at,
    )


def _answer(facts: RunFacts, told: NoticeFact) -> DepartmentAnswer:
    if told.acknowledged_at is not None:
        timing: Timing = "in_time" if told.is_first else "late"
        took = facts.length(told.opened_at, told.acknowledged_at)
        return DepartmentAnswer(told.department, timing, took, told.level, told.has_contact)
    timing = "never" if facts.ended_at is not None else "waiting" if told.is_first else "late"
    return DepartmentAnswer(told.department, timing, None, told.level, told.has_contact)


def _done(facts: RunFacts, task: TaskFact) -> Done:
    end = task.ended_at or facts.at
    is_past = task.due_at is not None and end >= task.due_at
    late_by = facts.length(task.due_at, end) if task.due_at is not None and is_past else timedelta()
    return Done(
        step=task.step,
        title=task.title,
        department=task.department,
        timing=_timing(task, is_past=is_past),
        has_failed=task.state == "failed",
        took=None if task.ended_at is None else facts.length(task.opened_at, task.ended_at),
        limit=None if task.due_at is None else facts.length(task.opened_at, task.due_at),
        late_by=late_by,
    )


def _timing(task: TaskFact, *, is_past: bool) -> Timing:
    if task.state in BY_PEOPLE:
        return "late" if is_past else "in_time"
    if is_past:
        return "never"
    return "waiting" if task.state == "open" else "dropped"


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure beside that of another run, or the middle one of several; `direction` says how it has moved."""

    name: str
    value: Value | None
    other: Value | None
    direction: Direction | None


def compare(ours: Score, others: Sequence[Score]) -> tuple[Compared, ...]:
    """Each figure of a score beside the middle one of other scores; with none of them there is no direction."""
    return tuple(_compared(name, ours.figure(name), [one.figure(name) for one in others]) for name in FIGURES)


def _compared(name: str, value: Value | None, found: Sequence[Value | None]) -> Compared:
    known = sorted((one for one in found if one is not None), key=_size)
    other = known[(len(known) - 1) // 2] if known else None
    return Compared(name, value, other, _direction(name, value, other))


def _direction(name: str, value: Value | None, other: Value | None) -> Direction | None:
    if value is None or other is None:
        return None
    if value == other:
        return "same"
    is_more = _size(value) > _size(other)
    return "better" if is_more is (name in MORE_IS_BETTER) else "worse"


def _size(value: Value) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
