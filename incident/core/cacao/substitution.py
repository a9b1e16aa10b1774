"""Replaces `__name__:value` by the values of variables (CACAO 2.0 section 10.18.2)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from incident.core.cacao.values import Value
from incident.core.cacao.variables import as_text

REFERENCE = re.compile(r"(__[a-zA-Z_][a-zA-Z0-9_-]{0,199}?__):value")
ENCODED = frozenset({"command_b64", "content_b64"})

Lookup = Callable[[str], Value]


def names_in(thing: Any) -> tuple[str, ...]:
    """Return the names of the variables in a text, object or list, in order, encoded parts included."""
    found: dict[str, None] = {}
    for text in _texts(thing):
        if ":value" in text:
            found.update(dict.fromkeys(REFERENCE.findall(text)))
    return tuple(found)


def substitute(thing: Any, lookup: Lookup, unknown: list[str]) -> Any:
    """Return a copy of a text, object or list with the values put in.

    A variable whose value is unknown (null) is left as written, and its name is added to `unknown`.
    """
    if isinstance(thing, str):
        return _in_text(thing, lookup, unknown)
    if isinstance(thing, Mapping):
        return {
            _in_text(name, lookup, unknown): _in_encoded(part, lookup, unknown)
            if name in ENCODED
            else substitute(part, lookup, unknown)
            for name, part in thing.items()
        }
    if isinstance(thing, list):
        return [substitute(part, lookup, unknown) for part in thing]
    return thing


def decoded(text: str) -> str | None:
    """Return the text in base64 text, ignoring white space, or None when it has none (RFC 4648 section 4)."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def is_base64(text: str) -> bool:
    """Whether a text is base64 (RFC 4648 section 4), ignoring white space."""
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _in_text(text: str, lookup: Lookup, unknown: list[str]) -> str:
    if ":value" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        value = lookup(match.group(1))
        if value is None:
            unknown.append(match.group(1))
            return match.group()
        return as_text(value)

    return REFERENCE.sub(replace, text)


def _in_encoded(part: Any, lookup: Lookup, unknown: list[str]) -> Any:
    text = decoded(part) if isinstance(part, str) else None
    if text is None or ":value" not in text:
        return part
    return base64.b64encode(_in_text(text, lookup, unknown).encode()).decode()


def _texts(thing: Any) -> Iterator[str]:
    stack = [thing]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, Mapping):
            for name, member in reversed(list(part.items())):
                stack.append((decoded(member) or "") if name in ENCODED and isinstance(member, str) else member)
                stack.append(name)
        elif isinstance(part, list):
            stack.extend(reversed(part))
