"""Rules of saved views: a name, and the query of an address of the list without a cursor; pure."""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from incident.core.values.faults import RuleError
from incident.core.values.text import require_name

VIEW_NAME_LIMIT: Final = 60
QUERY_LIMIT: Final = 2_000
MAX_VIEWS: Final = 100
"""Views that a person may save, and that may be shared."""

_DROPPED: Final = frozenset({"cursor", "said", "choose", "deleted_view"})


def require_view_name(text: str, pointer: str = "/name") -> str:
    """Return the name of a view in one line.

    Raises RuleError `view.unnamed`, or as `require_name`.
    """
    name = " ".join(text.split())
    if not name:
        raise RuleError("view.unnamed", pointer=pointer)
    return require_name(name, VIEW_NAME_LIMIT, pointer)


def require_query(text: str, pointer: str = "/query") -> str:
    """Return the query of a view in its shortest form: without empty parameters and the place in a list.

    Raises RuleError `view.query_too_long`.
    """
    if len(text) > QUERY_LIMIT or not text.isprintable():
        raise RuleError("view.query_too_long", {"limit": QUERY_LIMIT}, pointer=pointer)
    pairs = [(name, value) for name, value in parse_qsl(text.lstrip("?")) if value and name not in _DROPPED]
    if not all(value.isprintable() for pair in pairs for value in pair):
        raise RuleError("text.unfit", pointer=pointer)
    return urlencode(pairs)


def require_room(count: int) -> None:
    """Raise RuleError `view.too_many` (conflict) when no further view may be saved."""
    if count >= MAX_VIEWS:
        raise RuleError("view.too_many", {"most": MAX_VIEWS}, kind="conflict")
