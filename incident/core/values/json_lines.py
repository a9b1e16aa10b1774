"""The line of a text of JSON at which the value of a JSON pointer begins."""

import json
import re
from typing import Final

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SCALAR: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,\]}]+', re.DOTALL)


def json_line_at(text: str, pointer: str) -> int | None:
    """Return the line, from 1, of the value at a pointer; None where the text has no such value.

    The place of a member that is missing is that of the object that lacks it.

    Args:
        text: valid JSON without duplicate members.
        pointer: after RFC 6901.
    """
    wanted = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    try:
        at = _find(text, _skip(text, 0), wanted)
    except (IndexError, ValueError, AttributeError, RecursionError):
        return None
    return text.count("\n", 0, at) + 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


def _find(text: str, at: int, wanted: list[str]) -> int:
    """Return where the value at the wanted path below the value at a place begins."""
    if not wanted or text[at] not in "{[":
        return at
    is_object, number, inside = text[at] == "{", 0, _skip(text, at + 1)
    while text[inside] not in "]}":
        name = str(number)
        if is_object:
            end = _end(text, inside)
            name = json.loads(text[inside:end])
            inside = _skip(text, _skip(text, end) + 1)
        if name == wanted[0]:
            return _find(text, inside, wanted[1:])
        inside = _skip(text, _end(text, inside))
        if text[inside] == ",":
            inside = _skip(text, inside + 1)
        number += 1
    return at


def _end(text: str, at: int) -> int:
    """Return the place behind the value at a place."""
    depth = 0
    while True:
        if text[at] in "{[":
            depth, at = depth + 1, at + 1
        elif text[at] in "}]":
            depth, at = depth - 1, at + 1
        elif text[at] in ",: \t\r\n":
            at += 1
        else:
            at = _SCALAR.match(text, at).end()  # type: ignore[union-attr]
        if depth == 0:
            return at
