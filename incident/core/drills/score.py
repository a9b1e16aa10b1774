"""Score of a run: response times, work done in time, and a comparison with other runs.

Every duration here is on the clock of the playbook, which in a drill is faster than the real one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Timing = Literal["in_time", "late", "never", "waiting", "dropped"]
"""`waiting` is not over yet; `dropped` was no longer needed. Both are neutral."""

Direction = Literal["better", "worse", "same"]
Value = int | timedelta

COUNTED: Final = frozenset({"in_time", "late", "never"})
BY_PEOPLE: Final = frozenset({"succeeded", "failed"})
FIGURES: Final = ("share", "acknowledged_for", "tasks_late", "tasks_never", "steps_timed_out", "took_for")
"""The figures by which runs are compared, in display order."""

MORE_IS_BETTER: Final = frozenset({"share"})


@dataclass(frozen=True, slots=True)
class NoticeFact:
    """A notified department: when, when it answered, and the level and round that were notified by then.

    `first_level` is the level that was notified first: a later one where level 1 has no contact.
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
        """Whether nobody else had been notified by then."""
        return self.round == 1 and self.level <= self.first_level


@dataclass(frozen=True, slots=True)
class TaskFact:
    """A task: the key of its step, its department (None: nobody), its moments and its state."""

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
    """Facts of a run at the moment `at`; every moment is real time (UTC), `speed` that of the run's clock."""

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
        """Return the duration between two moments on the run's clock."""
        return (until - since) * self.speed


@dataclass(frozen=True, slots=True)
class DepartmentAnswer:
    """The answer of a department; `took` is None until it answers."""

    department: str
    timing: Timing
    took: timedelta | None
    level: int
    has_contact: bool


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a task; `limit` is its time limit, `late_by` the time beyond it."""

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
    """The score of a run, final or so far; `timed_out` and `failed` are steps."""

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
        """The number of answers and tasks that count."""
        return len(self._counted())

    @property
    def in_time(self) -> int:
        """The number of these that were in time."""
        return self._counted().count("in_time")

    def _counted(self) -> list[Timing]:
        found = [one.timing for one in self.answers] + [one.timing for one in self.tasks]
        return [timing for timing in found if timing in COUNTED]

    @property
    def share(self) -> int | None:
        """The percentage of these that were in time; None when there are none."""
        return None if not self.asked else 100 * self.in_time // self.asked

    @property
    def acknowledged_for(self) -> timedelta | None:
        """The time to acknowledge of the slowest department; None when none has acknowledged."""
        return max((one.took for one in self.answers if one.took is not None), default=None)

    def count(self, timing: Timing) -> int:
        """Return how many tasks have this timing."""
        return [one.timing for one in self.tasks].count(timing)

    def figure(self, name: str) -> Value | None:
        """Return one of `FIGURES`; None when there is no value, such as the duration of an aborted run."""
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
    """Return the score of a run, by the same rules for drills and real incidents."""
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


def _answer(facts: RunFacts, notice: NoticeFact) -> DepartmentAnswer:
    if notice.acknowledged_at is not None:
        timing: Timing = "in_time" if notice.is_first else "late"
        took = facts.length(notice.opened_at, notice.acknowledged_at)
        return DepartmentAnswer(notice.department, timing, took, notice.level, notice.has_contact)
    timing = "never" if facts.ended_at is not None else "waiting" if notice.is_first else "late"
    return DepartmentAnswer(notice.department, timing, None, notice.level, notice.has_contact)


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
    """One figure and that of another run, or the median of several; `direction` says how it has changed."""

    name: str
    value: Value | None
    other: Value | None
    direction: Direction | None


def compare(ours: Score, others: Sequence[Score]) -> tuple[Compared, ...]:
    """Return each figure of a score with the median of other scores; without any there is no direction."""
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
