"""Retry schedule of messages that were not accepted."""

from datetime import datetime, timedelta

LONGEST_PAUSE = 300.0
JITTER_SHARE = 0.2
TRIED_FOR = timedelta(hours=24)


def next_attempt_at(
    attempts: int, first_at: datetime, now: datetime, jitter: float, retry_after: float | None = None
) -> datetime | None:
    """Return the moment of the next attempt; None when 24 hours are over and the message is dead.

    The pauses are 2, 4, 8 ... 300 s +-20 %. `attempts` counts the attempts so far, `first_at` is when the first began,
    `jitter` is drawn from -1 to 1 by the caller; `retry_after` is the pause in seconds requested by the receiver, which
    can lengthen the pause and never shorten it. Raises ValueError for a count below 1 or a jitter outside -1 to 1.
    """
    if attempts < 1:
        raise ValueError("attempts counts the tries made, so it is at least 1")
    if not -1 <= jitter <= 1:
        raise ValueError("jitter lies between -1 and 1")
    end = first_at + TRIED_FOR
    pause = max(_pause(attempts) * (1 + JITTER_SHARE * jitter), retry_after or 0.0)
    if pause > (end - now).total_seconds():
        return None
    return now + timedelta(seconds=pause)


def _pause(attempts: int) -> float:
    # 2 ** 9 already exceeds the longest pause; a larger exponent would only grow the number.
    return min(2.0 ** min(attempts, 9), LONGEST_PAUSE)
