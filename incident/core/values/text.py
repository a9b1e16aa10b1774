"""Text that came from outside, made fit to be kept, shown and encoded."""

import re
import unicodedata
from typing import Final

from incident.core.values.faults import RuleError

TITLE_LIMIT: Final = 300
LABEL_NAME_LIMIT: Final = 200
LABEL_LIMIT: Final = 2_000
DESCRIPTION_LIMIT: Final = 20_000

_BREAKS = "\n\t"
# The categories Cc and Cs of Unicode, which never change, without line breaks and tabs.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Marks that turn the direction of writing can make a title read other than it is; they are dropped with the controls.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def one_line(text: str, limit: int = TITLE_LIMIT) -> str:
    """The text on one line, without control characters, at most `limit` characters long."""
    if len(text) <= limit and text.isprintable() and "  " not in text and text == text.strip():
        return text  # nearly all of them, and a letter by letter look takes a hundred times as long
    cleaned = "".join(_shown(char, " ") for char in text[: 4 * limit])
    line = " ".join(cleaned.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def paragraphs(text: str, limit: int = DESCRIPTION_LIMIT) -> str:
    """The text with its line breaks, without other control characters, at most `limit` characters long."""
    unified = text[: 4 * limit].replace("\r\n", "\n").replace("\r", "\n")
    cleaned = "".join(char if char in _BREAKS else _shown(char, "") for char in unified).strip()
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 1].rstrip() + "…"


def is_plain(text: str) -> bool:
    """Whether the text has no NUL, no control character but line breaks and tabs, and no half of a surrogate pair."""
    return _UNFIT.search(text) is None


def require_text(text: str, limit: int, pointer: str = "") -> str:
    """The text as it is, at most `limit` characters.

    Raises RuleError `text.unfit` when it holds control characters, `text.too_long` when it is longer.
    """
    if len(text) > limit:
        raise RuleError("text.too_long", {"limit": limit, "length": len(text)}, pointer=pointer)
    if not is_plain(text):
        raise RuleError("text.unfit", pointer=pointer)
    return text


def _shown(char: str, instead: str) -> str:
    if char in _TURNING:
        return ""
    return instead if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char
