"""What a command returns as variables (P13): texts that a database takes, and the members of a JSON object."""

import json
from collections.abc import Iterable, Mapping
from typing import Any


def results(own: Mapping[str, str], text: str, out: Iterable[str]) -> dict[str, str]:
    """The declared variables that a command has a value for.

    Args:
        own: what this kind of command knows by a name of its own, such as `__exit_status__`.
        text: what came back; any other name takes the member of that name, without underscores, of the JSON object.
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
    """Bytes as text; PostgreSQL keeps no NUL in a text."""
    return content.decode("utf-8", "replace").replace("\x00", "\ufffd")


def missing(found: Mapping[str, str], out: Iterable[str]) -> str:
    """What is to be told of declared variables that nothing came for; empty when there is none."""
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
    # JSON can spell half a surrogate pair and NUL, which no database takes.
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
