"""Detects the format of a request body, and inserts values into JSON (P18)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from incident.core.cacao.substitution import REFERENCE
from incident.core.cacao.values import Value
from incident.core.cacao.variables import NUMERIC, as_text, comparable

Form = Literal["json", "form", "other"]
Slot = Literal["inside", "whole", "escape"]

_FORM = "application/x-www-form-urlencoded"


def form_of(kind: str, headers: Any, content: str) -> Form:
    """Return the format of a request body: by its Content-Type, else JSON for OpenC2 and for valid JSON."""
    named = _content_type(headers)
    if named is None:
        return "json" if kind == "openc2-http" or _reads_as_json(content) else "other"
    media = named.partition(";")[0].strip().lower()
    if media in ("application/json", "text/json") or media.endswith("+json"):
        return "json"
    return "form" if media == _FORM else "other"


def json_slots(text: str) -> dict[int, Slot]:
    """Return for each reference in JSON, by its start: inside a string, a whole member, or escaped."""
    ends = {match.start(): match.end() for match in REFERENCE.finditer(text)}
    found: dict[int, Slot] = dict.fromkeys(ends, "escape")
    at, is_inside = 0, False
    while at < len(text):
        if at in ends:
            found[at] = "inside" if is_inside else "whole"
            at = ends[at]
            continue
        if text[at] == '"':
            is_inside = not is_inside
        at += 2 if is_inside and text[at] == "\\" else 1
    return found


def in_json_string(value: Value) -> str:
    """Return a value in the form it has between the quotes of a JSON string."""
    return json.dumps(as_text(value), ensure_ascii=False)[1:-1]


def as_json_member(kind: str, value: Value) -> str:
    """Return a value as JSON by its type: number, boolean, object, else a string; "" stays a string."""
    if isinstance(value, Mapping):
        return as_text(value)
    text = value or ""
    if kind == "dictionary" and text:
        return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    if text and (kind in NUMERIC or kind == "bool"):
        return json.dumps(comparable(kind, text))
    return json.dumps(text, ensure_ascii=False)


def _content_type(headers: Any) -> str | None:
    if not isinstance(headers, Mapping):
        return None
    for name, values in headers.items():
        if str(name).lower() == "content-type":
            first = values[0] if isinstance(values, list) and values else values
            return first if isinstance(first, str) else ""
    return None


def _reads_as_json(text: str) -> bool:
    slots = json_slots(text)
    sample = REFERENCE.sub(lambda match: "0" if slots[match.start()] == "whole" else "x", text)
    if not re.match(r"\s*[{\[]", sample):
        return False
    try:
        json.loads(sample)
    except (ValueError, RecursionError):
        return False
    return True
