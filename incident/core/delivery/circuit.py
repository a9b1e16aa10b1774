"""Whether a provider is asked at all: after failures in a row it is left alone for a while, then asked once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FAILURES_MOST = 5
"""So many passing failures in a row open a circuit."""

WITHIN = timedelta(minutes=2)
"""In which time they have to come: a fault now and then is the retries' business."""

FIRST_PAUSE = 30
LONGEST_PAUSE = 600
"""Seconds until a provider is asked again; each probe that fails doubles them."""

PROBE_LIMIT = timedelta(seconds=30)
"""How long a probe may take before another one is made: the process that made it may have died."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """How a provider has answered of late.

    `failures` in a row since `failed_at`; `opened_at` is when it was left alone, `try_at` when it is asked again and
    `pause` (seconds) how long it was to be left alone. Moments are UTC.
    """

    failures: int
    failed_at: datetime
    opened_at: datetime | None = None
    try_at: datetime | None = None
    pause: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it is left alone, but for probes."""
        return self.opened_at is not None


def allows_call(circuit: Circuit | None, now: datetime) -> bool:
    """Whether a provider may be asked now; one that is open may be asked once when its pause is over.

    A moment further ahead than the longest pause was written before the clock was put back: it does not count.
    """
    if circuit is None or circuit.opened_at is None or circuit.try_at is None:
        return True
    return not now < circuit.try_at <= latest_try_at(now)


def latest_try_at(now: datetime) -> datetime:
    """The moment behind which no honest `try_at` lies."""
    return now + timedelta(seconds=LONGEST_PAUSE)


def probed(circuit: Circuit, now: datetime) -> Circuit:
    """The circuit while a probe is on its way: nobody else asks."""
    return replace(circuit, try_at=now + PROBE_LIMIT)


def failed(circuit: Circuit | None, began_at: datetime, now: datetime) -> Circuit:
    """The circuit after an attempt that met no living provider.

    Args:
        circuit: as it was, None when all was well.
        began_at: when the attempt began: one of before the opening says nothing new.
        now: when it ended.
    """
    if circuit is None or (not circuit.is_open and not timedelta(0) <= now - circuit.failed_at <= WITHIN):
        circuit = Circuit(0, now)
    if circuit.opened_at is None:
        counted = replace(circuit, failures=circuit.failures + 1)
        return counted if counted.failures < FAILURES_MOST else _opened(counted, now, FIRST_PAUSE)
    if began_at <= circuit.opened_at:
        return circuit
    return _opened(replace(circuit, failures=circuit.failures + 1), now, min(2 * circuit.pause, LONGEST_PAUSE))


def _opened(circuit: Circuit, now: datetime, pause: int) -> Circuit:
    opened_at = circuit.opened_at or now
    return replace(circuit, opened_at=opened_at, try_at=now + timedelta(seconds=pause), pause=pause)
