"""Durations in ISO 8601 format (ISO 8601-1:2019 section 5.5.2): `PT5M`, `PT1H30M`, `P1D`, `P2W`."""

import re
from datetime import timedelta

from incident.core.values.faults import RuleError

_SHAPE = re.compile(
    r"P(?:(?P<weeks>\d{1,6})W|(?:(?P<days>\d{1,6})D)?(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,9})M)?"
    r"(?:(?P<seconds>\d{1,9})S)?)?)",
    re.ASCII,
)


def parse_duration(text: object, pointer: str = "") -> timedelta:
    """Parse the text and return the duration in whole seconds.

    Years and months have no fixed length and are refused like every other form: RuleError `duration.malformed`.
    """
    match = _SHAPE.fullmatch(text) if isinstance(text, str) and len(text) <= 40 else None
    parts = {name: int(digits) for name, digits in match.groupdict().items() if digits} if match else {}
    if not parts:
        raise RuleError("duration.malformed", {"example": "PT15M"}, pointer=pointer)
    return timedelta(**parts)


def format_duration(length: timedelta) -> str:
    """Return the shortest ISO 8601 text for a duration of zero or more whole seconds; fractions are dropped."""
    minutes, seconds = divmod(length.days * 86_400 + length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    date = f"{days}D" if days else ""
    time = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count)
    if not date and not time:
        return "PT0S"
    return f"P{date}T{time}" if time else f"P{date}"
