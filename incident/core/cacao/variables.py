"""Types of variables (CACAO 2.0 section 10.18): the form of their values, and their comparison."""

from __future__ import annotations

import ipaddress
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from incident.core.cacao.values import Value

NAME = re.compile(r"__[a-zA-Z_][a-zA-Z0-9_-]{0,199}__\Z")

Comparable = str | int | float | bool | tuple[str, Any]

_WHOLE = re.compile(r"[-+]?[0-9]{1,400}\Z")
_HEX = re.compile(r"(?:0[xX])?(?:[0-9a-fA-F]{2})*\Z")
_MAC = re.compile(r"[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2}){4}\Z")
_URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:\S*\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


class Mistyped(ValueError):
    """A value does not have the form that its type requires."""


def _string(text: str) -> str:
    return text


def _bool(text: str) -> bool:
    if text.casefold() not in ("true", "false"):
        raise Mistyped(text)
    return text.casefold() == "true"


def _integer(text: str) -> int:
    if not _WHOLE.match(text):
        raise Mistyped(text)
    return int(text)


def _float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise Mistyped(text) from None
    if not math.isfinite(number) or "_" in text:
        raise Mistyped(text)
    return number


def _dictionary(text: str) -> str:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        raise Mistyped(text) from None
    if not isinstance(read, dict):
        raise Mistyped(text)
    return json.dumps(read, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _network(version: int) -> Callable[[str], tuple[str, Any]]:
    def read(text: str) -> tuple[str, Any]:
        try:
            network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            raise Mistyped(text) from None
        if network.version != version:
            raise Mistyped(text)
        return str(network.network_address), network

    return read


def _shaped(pattern: re.Pattern[str], fold: Callable[[str], str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.match(text):
            raise Mistyped(text)
        return fold(text)

    return read


def _hash(digits: tuple[int, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not _HEX.match(text) or (digits and len(text) not in digits) or not text:
            raise Mistyped(text)
        return text.lower()

    return read


_READERS: Mapping[str, Callable[[str], Comparable]] = {
    "bool": _bool,
    "dictionary": _dictionary,
    "float": _float,
    "hexstring": _shaped(_HEX, str.lower),
    "integer": _integer,
    "ipv4-addr": _network(4),
    "ipv6-addr": _network(6),
    "long": _integer,
    "mac-addr": _shaped(_MAC, lambda text: text.lower().replace("-", ":")),
    "hash": _hash(()),
    "md5-hash": _hash((32,)),
    "sha256-hash": _hash((64,)),
    "string": _string,
    "uri": _shaped(_URI, str),
    "uuid": _shaped(_UUID, str.lower),
}

KNOWN_TYPES = frozenset(_READERS)
NUMERIC = frozenset({"integer", "long", "float"})
ADDRESSES = frozenset({"ipv4-addr", "ipv6-addr"})
UNORDERED = frozenset({"bool", "dictionary"})


def comparable(kind: str, text: str) -> Comparable:
    """Convert a text of a type to a comparable value; raises Mistyped. An unknown type accepts any text."""
    return _READERS.get(kind, _string)(text)


def conform(kind: str, value: object) -> Value:
    """Return a value in the stored form of a run: text, object, or None for unknown; raises Mistyped.

    Numbers and booleans become the text that CACAO requires; "" (known to be empty) fits every type.
    """
    if value is None or value == "":
        return value if value is None else ""
    if isinstance(value, Mapping):
        if kind != "dictionary":
            raise Mistyped(str(value)[:200])
        return value
    if not isinstance(value, (str, int, float)):
        raise Mistyped(str(value)[:200])
    text = value if isinstance(value, str) else json.dumps(value)
    comparable(kind, text)
    return text


def as_text(value: Value) -> str:
    """Return the text of a value for insertion into a text; an object becomes JSON."""
    if isinstance(value, Mapping):
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return value or ""
