"""Categories: a code of GB/T 20986-2023 or RSIT where one fits, else a word of the sender's own.

The names of the codes are data; a category without a known code is stored and displayed as written.
"""

import re
from typing import Final

from incident.core.values.faults import RuleError
from incident.core.values.text import is_plain

CATEGORY_LIMIT: Final = 60

_CLASS: Final = re.compile(r"[A-Z]{2,3}", re.ASCII)
_CODE: Final = re.compile(r"[A-Z]{2,12}", re.ASCII)
_BELOW: Final = re.compile(r"[/.]")


def require_category(value: object, pointer: str = "") -> str:
    """Return the value as a category: 1 to 60 characters on one line; raises RuleError `category.malformed`."""
    is_text = isinstance(value, str) and 0 < len(value) <= CATEGORY_LIMIT
    if is_text and isinstance(value, str) and value == value.strip() and is_plain(value) and value.isprintable():
        return value
    raise RuleError("category.malformed", {"limit": CATEGORY_LIMIT}, pointer=pointer)


def is_in_category(category: str | None, wanted: str) -> bool:
    """Whether a category is the wanted one or below it.

    The class `MP` includes `MPRANS`, as the codes of GB/T 20986-2023 begin with that of their class, and
    `malicious-code` includes `malicious-code/c2-server`, as RSIT writes it. What is below a category that is below
    the wanted one is below the wanted one, too: `MPRANS/locker` is in `MP`.
    """
    if category is None:
        return False
    if category.startswith(wanted) and _CLASS.fullmatch(wanted) and _CODE.fullmatch(_BELOW.split(category, 1)[0]):
        return True
    return category == wanted or category.startswith((f"{wanted}/", f"{wanted}."))
