"""What the watch over the machinery has seen last, for pages and for machines; read from its file, not asked again."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import g

from incident import watchdog_state
from incident.core.operations.alarm import Standing, read_alarms
from incident.core.operations.watchdog import ADVICE, GRAVE, TROUBLE_WORDS, Limits, Measured, Trouble, troubles_of
from incident.core.values.faults import RuleError
from incident.core.values.moment import parse_moment
from incident.web.instance import current_instance, now

FRESH_FOR = dt.timedelta(minutes=1)
"""How old a look may be before nobody watches any more."""


@dataclass(frozen=True)
class WatchdogStatus:
    """The last look.

    Args:
        looked_at: when it was (UTC); None when nobody watches, or watched too long ago.
        troubles: what it found wrong.
        standing: what stands, of which people were told or will be.
        ping: the last ping: `at`, `is_taken`, `detail`, and `taken_at` of the last one that was taken.
        has_ping: whether there is an address to ping.
        has_addresses: whether there is anybody to alarm.
        tried: what the addresses answered to the last alarm, in their order.
    """

    looked_at: dt.datetime | None = None
    troubles: tuple[Trouble, ...] = ()
    standing: tuple[Standing, ...] = ()
    ping: Mapping[str, Any] | None = None
    has_ping: bool = False
    has_addresses: bool = False
    tried: tuple[Mapping[str, Any], ...] = ()

    @property
    def grave(self) -> tuple[Trouble, ...]:
        """What keeps timers and messages from being relied on; of a silent clock another strip tells."""
        return tuple(one for one in self.troubles if one.code in GRAVE - {"clock.silent"})


def watchdog_status() -> WatchdogStatus:
    """Return the last look, read once for each request."""
    if "watch_seen" not in g:
        home = current_instance().settings.home
        found = _read(watchdog_state.load(home))
        g.watch_seen = found if found.looked_at is not None else replace(found, troubles=_of_disk(home))
    kept: WatchdogStatus = g.watch_seen
    return kept


def _of_disk(home: Path) -> tuple[Trouble, ...]:
    """What can be told where the last look could not be noted: on a full disk nothing can."""
    measured = Measured(disk_free=watchdog_state.free_space(home))
    return tuple(one for one in troubles_of(measured, Limits()) if one.code == "disk.low")


def _read(document: Mapping[str, Any]) -> WatchdogStatus:
    try:
        looked_at = parse_moment(document["looked_at"])
        troubles = tuple(Trouble(one["code"], one["arguments"]) for one in document["troubles"])
        ping = document["ping"]
        known = {name: bool(document[name]) for name in ("has_ping", "has_addresses")}
        tried = tuple(document["tried"])
    except (RuleError, KeyError, TypeError):
        return WatchdogStatus()
    if now() - looked_at > FRESH_FOR:
        return WatchdogStatus()
    said = tuple(one for one in troubles if one.code in TROUBLE_WORDS and one.code in ADVICE)
    standing = tuple(one for one in read_alarms(document.get("alarms")).standing.values() if one.ended_at is None)
    if ping is not None:
        ping = {**ping, **{name: parse_moment(ping[name]) for name in ("at", "taken_at") if ping.get(name)}}
    return WatchdogStatus(looked_at, said, standing, ping, tried=tried, **known)
