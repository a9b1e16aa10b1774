"""Reports, before any value is known, where the variables of a command are inserted and the risk (P18)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from incident.core.cacao.checks.shapes import object_of, text_of
from incident.core.cacao.placing.content import form_of, json_slots
from incident.core.cacao.placing.shell import shell_places
from incident.core.cacao.substitution import REFERENCE, decoded
from incident.core.cacao.vocabulary import ADDRESSED_COMMANDS, HTTP_COMMANDS, SHELL_COMMANDS

# Scheme, host and port of a URL, which may be references themselves.
_ORIGIN = re.compile(r"(?:[^/?#]*:)?(?://)?[^/?#]*")


@dataclass(frozen=True, slots=True)
class Finding:
    """A variable and its place; `property` contains it; `is_unfit` when no quoting makes it safe there."""

    code: str
    property: str
    name: str
    where: str = ""
    is_unfit: bool = False


def command_findings(command: Mapping[str, Any], plain: Collection[str] = ()) -> list[Finding]:
    """Yield findings for each variable of a shell or HTTP command; `plain` are the unquoted variables."""
    kind = text_of(command, "type")
    if kind not in ADDRESSED_COMMANDS:
        return []
    found = [*(_shell_findings(command) if kind in SHELL_COMMANDS else _http_findings(str(kind), command))]
    unquoted = [
        Finding("variable_unquoted", name, one)
        for name in ("command", "command_b64", "content", "content_b64")
        for one in dict.fromkeys(match.group(1) for match in REFERENCE.finditer(read_part(command, name)))
        if one in plain
    ]
    return [*(one for one in dict.fromkeys(found) if one.name not in plain), *unquoted]


def host_findings(goal: Any) -> list[Finding]:
    """Yield the variables in scheme or host of an agent or target that requires authentication."""
    if text_of(goal, "authentication_info") is None:
        return []
    return [
        Finding("variable_in_host", kind, match.group(1), text[:100], is_unfit=True)
        for kind, values in object_of(goal, "address").items()
        for text in (values if isinstance(values, list) else [])
        if isinstance(text, str)
        for match in REFERENCE.finditer(text, 0, origin_end(text) if kind == "url" else len(text))
    ]


def is_unfit(kind: str, command: Mapping[str, Any], goals: Collection[Any], plain: Collection[str] = ()) -> bool:
    """Whether a machine must not receive a command, whatever the values of its variables are."""
    if any(one.is_unfit for one in command_findings(command, plain)):
        return True
    return kind in HTTP_COMMANDS and any(host_findings(goal) for goal in goals)


def origin_end(text: str) -> int:
    """Return where the scheme, host and port of a URL end."""
    found = _ORIGIN.match(text)
    return found.end() if found else 0


def read_part(command: Mapping[str, Any], name: str) -> str:
    """Return a property of a command as text, base64 decoded; "" when it is absent."""
    value = command.get(name)
    if not isinstance(value, str):
        return ""
    return (decoded(value) or "") if name.endswith("_b64") else value


def _shell_findings(command: Mapping[str, Any]) -> Iterator[Finding]:
    for name in ("command", "command_b64"):
        for place in shell_places(read_part(command, name)):
            yield Finding("variable_in_shell", name, place.name, place.inside, is_unfit=bool(place.inside))


def _http_findings(kind: str, command: Mapping[str, Any]) -> Iterator[Finding]:
    for name in ("content", "content_b64"):
        text = read_part(command, name)
        if ":value" not in text:
            continue
        form = form_of(kind, command.get("headers"), text)
        slots = json_slots(text) if form == "json" else {}
        for match in REFERENCE.finditer(text):
            if form == "other":
                yield Finding("variable_in_content", name, match.group(1))
            elif slots.get(match.start()) == "escape":
                yield Finding("variable_escaped", name, match.group(1), is_unfit=True)
