"""Identifiers that programs and people type: department codes and incident numbers."""

import re
from typing import Final

from incident.core.values.faults import RuleError
from incident.core.values.text import is_visible

CODE_LIMIT: Final = 64

_CODE = re.compile(r"\w(?:[\w.-]{0,62}\w)?")
_NUMBER = re.compile(r"[A-Z][A-Z0-9]{0,15}-\d{4}-\d{6,12}", re.ASCII)


def require_code(text: object, pointer: str = "") -> str:
    """Return the text as the code of a department.

    A code has 1 to 64 letters of any script, digits and `._-`, without `.` or `-` at either end. Raises RuleError
    `code.malformed`, `name.invisible`.
    """
    if isinstance(text, str) and is_code(text):
        return text
    if isinstance(text, str) and not is_visible(text):
        raise RuleError("name.invisible", pointer=pointer)
    raise RuleError("code.malformed", {"limit": CODE_LIMIT}, pointer=pointer)


def is_code(text: str) -> bool:
    """Whether the text has the form of a department code."""
    return is_visible(text) and _CODE.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Whether the text has the form of an incident number, such as INC-2026-000001."""
    return _NUMBER.fullmatch(text) is not None
