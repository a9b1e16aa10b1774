"""Circuit breaker of a provider: after consecutive failures it is not called for a while, then probed once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MAX_FAILURES = 5
"""Number of consecutive transient failures that opens a circuit."""

WITHIN = timedelta(minutes=2)
"""Time window of these failures: an occasional fault is handled by retries."""

FIRST_PAUSE = 30
LONGEST_PAUSE = 600
"""Maximum seconds until a provider is probed again; each failed probe doubles the pause."""

PROBE_LIMIT = timedelta(seconds=30)
"""How long a probe may take before the next one: its process may have died."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """Recent results of a provider.

    `failures` in a row since `failed_at`; `opened_at` is when the circuit opened, `try_at` when the next probe is due
    and `pause` (seconds) the length of the current pause. Moments are UTC.
    """

    failures: int
    failed_at: datetime
    opened_at: datetime | None = None
    try_at: datetime | None = None
    pause: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the provider is not called, except for probes."""
        return self.opened_at is not None


def allows_call(circuit: Circuit | None, now: datetime) -> bool:
    """Whether a provider may be called now; an open circuit allows one probe after its pause.

    A moment further ahead than the longest pause was written before the system clock was set back: it is ignored.
    """
    if circuit is None or circuit.opened_at is None or circuit.try_at is None:
        return True
    return not now < circuit.try_at <= latest_try_at(now)


def latest_try_at(now: datetime) -> datetime:
    """The latest valid value of `try_at`."""
    return now + timedelta(seconds=LONGEST_PAUSE)


def probed(circuit: Circuit, now: datetime) -> Circuit:
    """Return the circuit while a probe is in flight: nobody else probes."""
    return replace(circuit, try_at=now + PROBE_LIMIT)


def failed(circuit: Circuit | None, began_at: datetime, now: datetime) -> Circuit:
    """Return the circuit after an attempt that reached no working provider.

    Args:
        circuit: the circuit before, None without failures.
        began_at: when the attempt began: one from before the opening is no news.
        now: when it ended.
    """
    if circuit is None or (not circuit.is_open and not timedelta(0) <= now - circuit.failed_at <= WITHIN):
        circuit = Circuit(0, now)
    if circuit.opened_at is None:
        counted = replace(circuit, failures=circuit.failures + 1)
        return counted if counted.failures < MAX_FAILURES else _opened(counted, now, FIRST_PAUSE)
    if began_at <= circuit.opened_at:
        return circuit
    return _opened(replace(circuit, failures=circuit.failures + 1), now, min(2 * circuit.pause, LONGEST_PAUSE))


def _opened(circuit: Circuit, now: datetime, pause: int) -> Circuit:
    opened_at = circuit.opened_at or now
    return replace(circuit, opened_at=opened_at, try_at=now + timedelta(seconds=pause), pause=pause)
