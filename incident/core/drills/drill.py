"""The clock of a drill: it starts with the drill and runs faster than real time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from incident.core.cacao.engine.run import Run, StepRecord
from incident.core.values.bilingual import SLASH, in_language
from incident.core.values.error_messages import N_, fill
from incident.core.values.faults import RuleError

TITLE: Final = N_("Exercise: {playbook}")
"""The title of a drill's incident."""

RED_TITLE: Final = N_("Exercise")
"""The title when its playbook is marked `TLP:RED`: not all participants may see its name."""

MAX_SPEED: Final = 1_000
SPEED_USUAL: Final = 10
SPEEDS: Final = (1, 10, 60, 240)
"""The speeds that a form offers."""

SHORTEST: Final = timedelta(seconds=30)
"""The shortest real time of a level or a task in a drill: people have to read and act."""


@dataclass(frozen=True, slots=True)
class DrillClock:
    """The clock of an incident: `speed` times as fast as real time since `started_at` (UTC).

    Playbooks and escalation use the moment on this clock; due times are stored in real time. With speed 1 both are the
    same.
    """

    started_at: datetime
    speed: int = 1

    def to_drill(self, at: datetime) -> datetime:
        """Return the moment on this clock at a real moment."""
        return at if self.speed == 1 else self.started_at + (at - self.started_at) * self.speed

    def to_real(self, at: datetime) -> datetime:
        """Return the first real moment (to the microsecond) at which this clock has reached a moment."""
        return at if self.speed == 1 else self.started_at - (self.started_at - at) // self.speed

    def due(self, at: datetime, now: datetime) -> datetime:
        """Return when a level or a task ends in real time, in a drill at least `SHORTEST` after `now`.

        What is due already, and everything at speed 1, is not postponed.
        """
        real = self.to_real(at)
        return real if self.speed == 1 or real <= now else max(real, now + SHORTEST)

    def due_if(self, at: datetime | None, now: datetime) -> datetime | None:
        """Return the same for a moment that may be None."""
        return None if at is None else self.due(at, now)

    def to_real_if(self, at: datetime | None) -> datetime | None:
        """Return the same for a moment that may be None."""
        return None if at is None else self.to_real(at)


REAL_TIME: Final = DrillClock(datetime(1970, 1, 1, tzinfo=UTC))
"""The clock of everything that belongs to no exercise."""


def in_real_time(run: Run, pace: DrillClock) -> Run:
    """Return the run with the moments of its steps in real time, for display."""
    if pace.speed == 1:
        return run
    steps: Mapping[str, StepRecord] = {key: _in_real_time(record, pace) for key, record in run.steps.items()}
    return replace(run, steps=steps)


def _in_real_time(record: StepRecord, pace: DrillClock) -> StepRecord:
    started_at, ended_at = pace.to_real(record.started_at), pace.to_real_if(record.ended_at)
    return replace(record, started_at=started_at, ended_at=ended_at, due_at=pace.due_if(record.due_at, started_at))


def title_of(templates: Mapping[str, str], name: str) -> str:
    """Return the title of a drill's incident, in two languages when the playbook's name has both.

    Args:
        templates: `TITLE` by language, that of the person who starts the drill first.
        name: of the playbook.
    """
    names = {language: in_language(name, language) for language in sorted(templates)}
    if len(set(names.values())) < 2:
        return fill(next(iter(templates.values())), {"playbook": name})
    return SLASH.join(fill(templates[language], {"playbook": own}) for language, own in names.items())


def require_speed(value: object, pointer: str = "") -> int:
    """Return the value as a speed; raises RuleError `drill.speed` unless it is an integer from 1 to 1000."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_SPEED:
        return value
    raise RuleError("drill.speed", {"most": MAX_SPEED}, pointer=pointer)
