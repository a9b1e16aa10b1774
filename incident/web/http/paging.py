"""Pagination by cursor: an opaque text for the end of the last page, which callers return unchanged."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from incident.core.values.faults import RuleError

MAX_LIMIT = 200
LIMIT_USUAL = 50
MAX_INTEGER = 2**31 - 1

Row = TypeVar("Row")


def write_cursor(place: Sequence[int | str]) -> str:
    """Serialize the end of a page as a cursor."""
    text = json.dumps(list(place), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, shape: Sequence[type]) -> tuple[Any, ...] | None:
    """Return the end of the last page, None for the first page.

    Args:
        cursor: the cursor from the caller.
        shape: the type of each part.

    Raises:
        RuleError: `cursor.unknown` when it was not created here for such a list.
    """
    if not cursor:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        place = None
    is_ours = isinstance(place, list) and len(place) == len(shape)
    if not is_ours or not all(_fits(part, kind) for part, kind in zip(place, shape, strict=True)):
        raise RuleError("cursor.unknown", pointer="?cursor")
    return tuple(place)


def _fits(part: object, kind: type) -> bool:
    if type(part) is not kind:
        return False
    return -MAX_INTEGER <= part <= MAX_INTEGER if isinstance(part, int) else "\x00" not in str(part)


def page(
    rows: Sequence[Row], limit: int, place: Callable[[Row], Sequence[int | str]]
) -> tuple[Sequence[Row], str | None]:
    """Return a page of rows, queried with one beyond the limit, and any cursor of the next page."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], write_cursor(place(rows[limit - 1]))
