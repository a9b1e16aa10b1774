"""Incident numbers as people type them into a search: whole, or only the last digits."""

from typing import Final

from incident.core.incidents.incident import number
from incident.core.values.identifier import is_number

PREFIX, EXERCISE_PREFIX = "INC", "DRL"
"""Prefixes of numbers; exercises have their own, so that they use none of the numbers of incidents."""

MAX_DIGITS: Final = 9


def numbers_meant(typed: str, year: int) -> tuple[str, ...]:
    """Return the incident numbers that a text may mean; none when it has not the form of one.

    Args:
        typed: such as `INC-2026-000042`, `inc-2026-42` or `42`, which is looked for in two years.
        year: the present year in the instance's time zone.
    """
    text = typed.strip().removeprefix("#").upper()
    if is_number(text):
        return (text,)
    prefix, _, rest = text.partition("-")
    years, _, digits = rest.partition("-")
    if prefix in (PREFIX, EXERCISE_PREFIX) and _is_count(years) and _is_count(digits):
        return (number(prefix, int(years), int(digits)),)
    if not _is_count(text):
        return ()
    return tuple(number(one, when, int(text)) for when in (year, year - 1) for one in (PREFIX, EXERCISE_PREFIX))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
