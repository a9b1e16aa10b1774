"""Canonical JSON (RFC 8785), at the speed of the standard library wherever that writes the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import rfc8785

from incident.core.cacao.values import Json

_LARGEST: Final = 2**53 - 1
_FIRST_SURROGATE: Final = "\ud800"
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode


def canonical(value: Any) -> bytes:
    """Return a value in its canonical form; raises rfc8785.CanonicalizationError when it has none."""
    return _write(value).encode() if _is_plain(value) else rfc8785.dumps(value)


def members(document: Json, names: Iterable[str]) -> bytes:
    """Return some members of an object as written between its braces."""
    return canonical({name: document[name] for name in names})[1:-1]


def _is_plain(value: Any) -> bool:
    """Whether a value has no fraction, no number that is too large, and no name that RFC 8785 sorts differently."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if any(not isinstance(name, str) or (not name.isascii() and max(name) >= _FIRST_SURROGATE) for name in one):
                return False
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, int):
            if abs(one) > _LARGEST:
                return False
        elif one is not None and not isinstance(one, str):
            return False
    return True
