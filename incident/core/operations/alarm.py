"""Alarm schedule for trouble in the instance: sent once, repeated less and less often, and sent once when over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from incident.core.operations.watchdog import TEST, Trouble
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment, parse_moment

MAX_ENDED: Final = timedelta(days=1)
"""How long the end of a trouble may wait for a receiver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSchedule:
    """Durations: trouble that lasts for `confirm_for` raises an alarm; trouble absent for `calm_for` is over.

    The alarm is repeated after `repeat_for`, each time twice as long, up to `max_repeat`. When no receiver accepted
    the message, it is retried after `retry_for`.
    """

    confirm_for: timedelta = timedelta(seconds=15)
    calm_for: timedelta = timedelta(minutes=3)
    repeat_for: timedelta = timedelta(minutes=15)
    max_repeat: timedelta = timedelta(hours=4)
    retry_for: timedelta = timedelta(minutes=1)

    def pause(self, sent: int) -> timedelta:
        """Return the pause between message `told` (from 1) and the next one."""
        return min(self.repeat_for * (1 << min(sent - 1, 20)), self.max_repeat)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An active trouble: since when, last seen, and how often and when an alarm was sent (UTC).

    `ended_at` is set when it is over and no receiver has accepted the message about it yet.
    """

    trouble: Trouble
    since: datetime
    seen_at: datetime
    sent: int = 0
    notified_at: datetime | None = None
    ended_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the trouble as JSON values."""
        return {
            "code": self.trouble.code,
            "arguments": dict(self.trouble.arguments),
            "since": format_moment(self.since),
            "seen_at": format_moment(self.seen_at),
            "sent": self.sent,
            "notified_at": None if self.notified_at is None else format_moment(self.notified_at),
            "ended_at": None if self.ended_at is None else format_moment(self.ended_at),
        }


@dataclass(frozen=True, slots=True)
class Alarms:
    """Every active trouble by its key; `tried_at` is when sending last failed for all receivers."""

    standing: Mapping[str, Standing]
    tried_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the alarms as JSON values."""
        tried = None if self.tried_at is None else format_moment(self.tried_at)
        return {"standing": [one.to_json() for one in self.standing.values()], "tried_at": tried}


NONE: Final = Alarms({})


@dataclass(frozen=True, slots=True)
class AlarmNews:
    """The alarm message that is due: active troubles, those to announce, and those that are over."""

    standing: tuple[Standing, ...] = ()
    due: tuple[str, ...] = ()
    ended: tuple[Standing, ...] = ()

    @property
    def is_alarm(self) -> bool:
        """Whether there is trouble, and not only the end of it, to announce."""
        return bool(self.due)


def test_of(now: datetime) -> AlarmNews:
    """Return the news for a test of the addresses."""
    return AlarmNews((Standing(trouble=Trouble(TEST), since=now, seen_at=now),), (TEST,))


def look(
    alarms: Alarms, troubles: Sequence[Trouble], now: datetime, schedule: AlarmSchedule
) -> tuple[Alarms, AlarmNews | None]:
    """Update the alarms with the present findings; return the alarms, and the news to send, None for nothing.

    Call `alarms_after_sent` when a receiver accepted the news, `alarms_after_unsent` when none did. A clock that was
    set back delays nothing: a moment in the future counts as long past.
    """
    standing = dict(_ended(alarms, troubles, now, schedule))
    for trouble in troubles:
        before = standing.get(trouble.key)
        since = now if before is None else min(before.since, now)
        fresh = Standing(trouble=trouble, since=since, seen_at=now)
        kept = fresh if before is None else replace(before, trouble=trouble, since=since, seen_at=now, ended_at=None)
        standing[trouble.key] = kept
    seen = Alarms(standing, alarms.tried_at)
    if alarms.tried_at is not None and not _has_passed(alarms.tried_at, schedule.retry_for, now):
        return seen, None
    due = tuple(trouble.key for trouble in troubles if _is_due(standing[trouble.key], now, schedule))
    ended = tuple(one for one in standing.values() if one.ended_at is not None)
    if not due and not ended:
        return seen, None
    return seen, AlarmNews(tuple(one for one in standing.values() if one.ended_at is None), due, ended)


def alarms_after_sent(alarms: Alarms, what: AlarmNews, now: datetime) -> Alarms:
    """Return the alarms after a receiver has accepted the message."""
    over = {one.trouble.key for one in what.ended}
    standing = {
        key: replace(one, sent=one.sent + 1, notified_at=now) if key in what.due else one
        for key, one in alarms.standing.items()
        if key not in over
    }
    return Alarms(standing)


def alarms_after_unsent(alarms: Alarms, now: datetime) -> Alarms:
    """Return the alarms after no receiver accepted the message."""
    return replace(alarms, tried_at=now)


def read_alarms(document: Any) -> Alarms:
    """Read the alarms that `to_json` wrote; unreadable ones are dropped, because the watchdog must start anyway."""
    try:
        found = [_read(one) for one in document["standing"]]
        tried = document["tried_at"]
        return Alarms({one.trouble.key: one for one in found}, None if tried is None else parse_moment(tried))
    except (RuleError, KeyError, TypeError, ValueError, AttributeError):
        return NONE


def _read(item: Mapping[str, Any]) -> Standing:
    def moment(name: str) -> datetime | None:
        return None if item[name] is None else parse_moment(item[name])

    return Standing(
        trouble=Trouble(str(item["code"]), dict(item["arguments"])),
        since=parse_moment(item["since"]),
        seen_at=parse_moment(item["seen_at"]),
        sent=int(item["sent"]),
        notified_at=moment("notified_at"),
        ended_at=moment("ended_at"),
    )


def _ended(
    alarms: Alarms, troubles: Sequence[Trouble], now: datetime, schedule: AlarmSchedule
) -> Sequence[tuple[str, Standing]]:
    """Handle earlier troubles: one that is absent ends after a while; one never announced is removed."""
    seen = {trouble.key for trouble in troubles}
    kept = []
    for key, one in alarms.standing.items():
        is_over = key not in seen and (one.ended_at is not None or _has_passed(one.seen_at, schedule.calm_for, now))
        if not is_over:
            kept.append((key, one))
        elif one.sent and not _has_passed(one.seen_at, MAX_ENDED, now):
            kept.append((key, replace(one, ended_at=one.ended_at or one.seen_at)))
    return kept


def _is_due(one: Standing, now: datetime, schedule: AlarmSchedule) -> bool:
    if one.notified_at is None:
        return _has_passed(one.since, schedule.confirm_for, now)
    return _has_passed(one.notified_at, schedule.pause(one.sent), now)


def _has_passed(moment: datetime, length: timedelta, now: datetime) -> bool:
    return not timedelta(0) <= now - moment < length
