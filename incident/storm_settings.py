"""Settings of storms: from how many incidents of one sender its alerts are grouped."""

from collections.abc import Callable
from datetime import timedelta

from incident.core.incidents.grouping import StormLimits

Text = Callable[[str, str], str]
Fault = Callable[[str, str, str], None]


def read_storm_limits(text: Text, fault: Fault) -> StormLimits:
    """Read both settings.

    Args:
        text: returns a variable, or the default.
        fault: records what is wrong with a variable, and a hint.
    """
    usual = StormLimits()
    incidents = _count(text, fault, "INCIDENT_STORM_INCIDENTS", usual.incidents, (0, 10_000))
    seconds = _count(text, fault, "INCIDENT_STORM_SECONDS", int(usual.window.total_seconds()), (1, 86_400))
    return StormLimits(incidents, timedelta(seconds=seconds))


def _count(text: Text, fault: Fault, name: str, default: int, bounds: tuple[int, int]) -> int:
    given, (least, most) = text(name, str(default)), bounds
    if not (given.isascii() and given.isdigit() and len(given) < 10 and least <= int(given) <= most):
        fault(name, f"is {given!r}", f"Write a whole number from {least} to {most}, such as {default}.")
        return default
    return int(given)
