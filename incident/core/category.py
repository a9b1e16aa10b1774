"""Categories: a code after GB/T 20986-2023 or RSIT where one fits, else a word of the sender's own.

The codes have names, which are data; a category without a known code is kept and shown as it was written.
"""

from typing import Final

from incident.core.faults import RuleError
from incident.core.text import is_plain

CATEGORY_LIMIT: Final = 60


def require_category(value: object, pointer: str = "") -> str:
    """The value as a category: 1 to 60 characters on one line; raises RuleError `category.malformed`."""
    is_text = isinstance(value, str) and 0 < len(value) <= CATEGORY_LIMIT
    if is_text and isinstance(value, str) and value == value.strip() and is_plain(value) and value.isprintable():
        return value
    raise RuleError("category.malformed", {"limit": CATEGORY_LIMIT}, pointer=pointer)
