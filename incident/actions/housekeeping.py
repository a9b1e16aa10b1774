"""What the instance does for itself: says that its clock lives, forgets what has had its time."""

import datetime as dt

from incident.actions.transaction import KEEP_FOR, Deed, transaction
from incident.store import instance, put_back

CLOCK = "clock"


PUT_BACK_LEAST = dt.timedelta(seconds=30)
"""By how much a machine's time must have gone back to be noticed; less costs nobody much."""


def beat(process: str, now: dt.datetime) -> None:
    """Write that a clock process has ticked; when the machine's time was put back, let what waits go by the new time.

    Args:
        process: host and process id.
        now: when (UTC).
    """
    host = process.rpartition(":")[0]
    with transaction(CLOCK, now) as deed:
        before = instance.latest_beat_of(host)
        if before is not None and before - now > PUT_BACK_LEAST:
            _bring_forward(deed, host, before - now)
        instance.beat(process, now)


def _bring_forward(deed: Deed, host: str, back: dt.timedelta) -> None:
    """Have messages and timers come due after as long as they were to wait; by the old time they would wait longer."""
    count = put_back.bring_forward(deed.now, back)
    instance.forget_beats_after(host, deed.now)
    deed.wake()
    deed.enter("clock.put_back", "instance", {"host": host, "seconds": round(back.total_seconds()), "rows": count})


def keep_house(now: dt.datetime) -> None:
    """Forget answers kept for idempotency and heartbeats that are over a day old."""
    with transaction(CLOCK, now):
        instance.forget_before(now - KEEP_FOR)


def set_demonstration(now: dt.datetime) -> None:
    """Make this instance a demonstration for good: nothing ever leaves it."""
    with transaction(CLOCK, now) as deed:
        instance.put_instance_setting("is_demonstration", True)
        deed.enter("demonstration.begun", "instance", {})
