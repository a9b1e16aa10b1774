"""What the instance does for itself: says that its clock lives, forgets what has had its time."""

import datetime as dt

from incident.actions.transaction import KEEP_FOR, transaction
from incident.store import instance

CLOCK = "clock"


def beat(process: str, now: dt.datetime) -> None:
    """Write that a clock process has ticked.

    Args:
        process: host and process id.
        now: when (UTC).
    """
    with transaction(CLOCK, now):
        instance.beat(process, now)


def keep_house(now: dt.datetime) -> None:
    """Forget answers kept for idempotency and heartbeats that are over a day old."""
    with transaction(CLOCK, now):
        instance.forget_before(now - KEEP_FOR)


def set_demonstration(now: dt.datetime) -> None:
    """Make this instance a demonstration for good: nothing ever leaves it."""
    with transaction(CLOCK, now) as deed:
        instance.put_instance_setting("is_demonstration", True)
        deed.enter("demonstration.begun", "instance", {})
