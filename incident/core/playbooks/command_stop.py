"""The switch that stops all machine commands: who stopped them, when, and why."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment, parse_moment
from incident.core.values.text import require_text

STOP_REASON_LIMIT = 500


@dataclass(frozen=True)
class CommandSwitch:
    """The state of the switch; `version` counts its changes, so that nobody lifts a stop that they have not seen.

    `by` is the actor who turned it last, None when nobody ever did.
    """

    is_stopped: bool = False
    version: int = 0
    by: str | None = None
    at: dt.datetime | None = None
    reason: str = ""

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> "CommandSwitch":
        """Return the switch as it was stored; commands run where it never was."""
        if not stored:
            return cls()
        at = parse_moment(stored["at"])
        return cls(stored["is_stopped"], stored["version"], stored["by"], at, stored["reason"])

    def to_json(self) -> dict[str, Any]:
        """Return the form in which it is stored."""
        at = None if self.at is None else format_moment(self.at)
        return {
            "is_stopped": self.is_stopped,
            "version": self.version,
            "by": self.by,
            "at": at,
            "reason": self.reason,
        }

    def turned(self, *, is_stopped: bool, by: str, at: dt.datetime, reason: str) -> "CommandSwitch":
        """Return the switch after somebody turned it."""
        return CommandSwitch(is_stopped, self.version + 1, by, at, reason)


def require_stop_reason(reason: str) -> str:
    """Return the reason of a stop; raises RuleError `command.stop_reason_missing`, `text.too_long`."""
    said = require_text(reason.strip(), STOP_REASON_LIMIT, "/reason")
    if not said:
        raise RuleError("command.stop_reason_missing", pointer="/reason")
    return said
