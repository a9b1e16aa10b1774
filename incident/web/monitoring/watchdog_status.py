"""The last findings of the watchdog, for pages and programs; read from its file, not measured again."""

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
"""Age after which the last check no longer counts as monitoring."""


@dataclass(frozen=True)
class WatchdogStatus:
    """The last check.

    Args:
        looked_at: when it was (UTC); None when there is no watchdog, or its check is too old.
        troubles: the faults it found.
        standing: the ongoing faults, of which people were notified or will be.
        ping: the last ping: `at`, `is_taken`, `detail`, and `taken_at` of the last one that was accepted.
        has_ping: whether there is an address to ping.
        has_addresses: whether there is an address for alarms.
        tried: the answers of the addresses to the last alarm, in their order.
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
        """Faults that make timers and messages unreliable; another banner reports a silent clock."""
        return tuple(one for one in self.troubles if one.code in GRAVE - {"clock.silent"})


def watchdog_status() -> WatchdogStatus:
    """Return the last check, read once per request."""
    if "watch_seen" not in g:
        home = current_instance().settings.home
        found = _read(watchdog_state.load(home))
        g.watch_seen = found if found.looked_at is not None else replace(found, troubles=_of_disk(home))
    kept: WatchdogStatus = g.watch_seen
    return kept


def _of_disk(home: Path) -> tuple[Trouble, ...]:
    """The finding when the last check could not be recorded: on a full disk nothing can."""
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
