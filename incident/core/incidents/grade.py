"""Severity of an incident: the four levels of GB/T 20986-2023, I (most severe) to IV, stored as 1 to 4."""

from typing import Final

from incident.core.values.error_messages import N_
from incident.core.values.faults import RuleError

GRADES: Final = (1, 2, 3, 4)
ROMAN: Final = {1: "I", 2: "II", 3: "III", 4: "IV"}
WORDS: Final = {1: N_("I Critical"), 2: N_("II Major"), 3: N_("III Moderate"), 4: N_("IV Minor")}
OFFICIAL: Final = {1: "特别重大", 2: "重大", 3: "较大", 4: "一般"}
"""The terms of GB/T 20986-2023."""


def require_grade(value: object, pointer: str = "") -> int:
    """Return the value as a grade; raises RuleError `grade.unknown` unless it is an integer from 1 to 4."""
    if isinstance(value, int) and not isinstance(value, bool) and value in GRADES:
        return value
    raise RuleError("grade.unknown", {"grades": "1, 2, 3, 4"}, pointer=pointer)
