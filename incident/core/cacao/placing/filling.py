"""Inserts values into a command, an agent or a target, each by its place (P18)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from incident.core.cacao.placing.content import as_json_member, form_of, in_json_string, json_slots
from incident.core.cacao.placing.findings import origin_end, read_part
from incident.core.cacao.placing.shell import quoted, shell_places
from incident.core.cacao.substitution import REFERENCE, substitute
from incident.core.cacao.values import Value
from incident.core.cacao.variables import as_text
from incident.core.cacao.vocabulary import HTTP_COMMANDS, SHELL_COMMANDS

Typed = Callable[[str], tuple[str, Value]]
# Returns the text for the reference at an offset of a text; None leaves it unchanged.
Writer = Callable[[int, str, Value], str | None]

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NO_HOST = re.compile(r"[\s/?#@\\%]")
_SEGMENT = re.compile(r"[^/\s]+")


@dataclass
class Filled:
    """Result of inserting values: `unknown` have no value, `unfit` have one that is unsafe in its place."""

    typed: Typed
    plain: Collection[str] = ()
    unknown: list[str] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)

    def write(self, text: str, writer: Writer) -> str:
        """Return a text with its references replaced; those of `plain` without quoting."""

        def replace(match: re.Match[str]) -> str:
            name = match.group(1)
            kind, value = self.typed(name)
            if value is None:
                self.unknown.append(name)
                return match.group()
            if name in self.plain:
                return as_text(value)
            written = writer(match.start(), kind, value)
            return match.group() if written is None else written

        return REFERENCE.sub(replace, text)

    def plainly(self, thing: Any) -> Any:
        """Return a text, object or list with the values inserted unquoted."""
        return substitute(thing, lambda name: self.typed(name)[1], self.unknown)


def fill_command(body: Mapping[str, Any], filled: Filled) -> Mapping[str, Any]:
    """Return a command with the values inserted; texts for people and unknown commands get them unquoted."""
    kind = str(body.get("type"))
    if kind in SHELL_COMMANDS:
        written = {name: _in_shell(read_part(body, name), filled) for name in ("command", "command_b64")}
    elif kind in HTTP_COMMANDS:
        written = {"command": _in_path(read_part(body, "command"), filled)}
        for name in ("content", "content_b64"):
            text = read_part(body, name)
            written[name] = _in_content(text, form_of(kind, body.get("headers"), text), filled)
    else:
        whole: Mapping[str, Any] = filled.plainly(body)
        return whole
    done: dict[str, Any] = {}
    for name, part in body.items():
        if name in written and ":value" in read_part(body, name):
            text = written[name]
            done[name] = base64.b64encode(text.encode()).decode() if name.endswith("_b64") else text
        elif name == "headers" and kind in HTTP_COMMANDS:
            done[name] = _in_headers(part, filled)
        else:
            done[name] = filled.plainly(part)
    return done


def fill_definition(body: Mapping[str, Any], filled: Filled) -> Mapping[str, Any]:
    """Return an agent or target with the values inserted: hosts unquoted, paths of addresses by segment."""
    done = {name: filled.plainly(part) for name, part in body.items() if name != "address"}
    address = body.get("address")
    if not isinstance(address, Mapping):
        return done if address is None else {**done, "address": address}
    return {
        **done,
        "address": {
            kind: [_in_address(one, kind, filled) for one in values] if isinstance(values, list) else values
            for kind, values in address.items()
        },
    }


def _in_shell(text: str, filled: Filled) -> str:
    """Quote a bare reference; elsewhere the placeholder stays, and the value follows in a comment to read."""
    safe = {place.start: not place.inside for place in shell_places(text)}
    left: dict[str, str] = {}

    def writer(start: int, kind: str, value: Value) -> str | None:
        if safe[start]:
            return quoted(as_text(value))
        left[REFERENCE.match(text, start).group()] = in_json_string(value)  # type: ignore[union-attr]
        return None

    written = filled.write(text, writer)
    return "\n".join([written, *(f'# {name}: "{value}"' for name, value in left.items())])


def _in_path(line: str, filled: Filled) -> str:
    """Percent-encode a value; an empty segment or one of dots would mean another path, so it does not fit."""
    path_end = len(line.partition("?")[0])
    path, query = line[:path_end], line[path_end:]

    def encoded(start: int, kind: str, value: Value) -> str:
        return quote(as_text(value), safe="", errors="replace")

    def segment(match: re.Match[str]) -> str:
        if ":value" not in match.group():
            return match.group()
        written = filled.write(match.group(), encoded)
        if unquote(written) in ("", ".", ".."):
            filled.unfit.extend(REFERENCE.findall(match.group()))
        return written

    return _SEGMENT.sub(segment, path) + filled.write(query, encoded)


def _in_content(text: str, form: str, filled: Filled) -> str:
    slots = json_slots(text) if form == "json" else {}

    def writer(start: int, kind: str, value: Value) -> str | None:
        if form == "form":
            return quote_plus(as_text(value), errors="replace")
        match slots.get(start):
            case "inside":
                return in_json_string(value)
            case "whole":
                return as_json_member(kind, value)
            case "escape":
                return None
        return as_text(value)

    return filled.write(text, writer)


def _in_headers(headers: Any, filled: Filled) -> Any:
    """Insert a value into a header, which ends with its line: line breaks and control characters do not fit."""
    names: list[str] = []

    def checked(name: str) -> Value:
        value = filled.typed(name)[1]
        if value is not None and _CONTROL.search(as_text(value)):
            names.append(name)
        return value

    done = substitute(headers, checked, filled.unknown)
    filled.unfit.extend(names)
    return done


def _in_address(text: Any, kind: str, filled: Filled) -> Any:
    if not isinstance(text, str) or ":value" not in text:
        return text
    end = origin_end(text) if kind == "url" else len(text)
    is_whole = kind == "url" and REFERENCE.fullmatch(text, 0, end) is not None

    def writer(start: int, _kind: str, value: Value) -> str:
        if not is_whole and _NO_HOST.search(as_text(value)):
            filled.unfit.append(REFERENCE.match(text, start).group(1))  # type: ignore[union-attr]
        return as_text(value)

    return filled.write(text[:end], writer) + _in_path(text[end:], filled)
