"""The variables that a command returns (P13): texts that a database accepts, and members of a JSON object."""

import json
from collections.abc import Iterable, Mapping
from typing import Any


def results(own: Mapping[str, str], text: str, out: Iterable[str]) -> dict[str, str]:
    """Return the declared variables for which a command has a value.

    Args:
        own: values that this kind of command knows by its own names, such as `__exit_status__`.
        text: the response; any other name takes the member of that name, without underscores, of the JSON object.
        out: the names that the step declares.
    """
    wanted = list(out)
    others = [name for name in wanted if name not in own]
    members = _members(text) if others else {}
    found = {name: own[name] for name in wanted if name in own}
    for name in others:
        member = name.removeprefix("__").removesuffix("__")
        if member in members:
            found[name] = _as_text(members[member])
    return found


def decoded(content: bytes) -> str:
    """Return bytes as text; PostgreSQL stores no NUL in a text."""
    return content.decode("utf-8", "replace").replace("\x00", "\ufffd")


def missing(found: Mapping[str, str], out: Iterable[str]) -> str:
    """Return the message about declared variables without a value; empty when there is none."""
    names = [name for name in out if name not in found]
    return f", not in the answer: {', '.join(names)}" if names else ""


def _members(text: str) -> Mapping[str, Any]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _as_text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # JSON can encode half a surrogate pair and NUL, which no database accepts.
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
