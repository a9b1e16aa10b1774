"""JSON pointers (RFC 6901) into an alert, and templates made of them.

Two additions: a pointer with `$` at the front starts at the whole payload instead of the alert, and the token `*`
stands for each item of a list or each member of an object.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from incident.core.values.faults import RuleError

POINTER_LIMIT: Final = 500
TEMPLATE_LIMIT: Final = 2_000
MAX_TEXT: Final = 100_000
"""Characters of one value that a template takes; what is stored is cut further."""
MAX_EACH: Final = 100
"""Values that one pointer with `*` gives."""
MAX_LISTED: Final = 20
"""Items of a list that become one text."""
MAX_NUMBER: Final = 10**40

_SHAPE = re.compile(r"\$?(?:/(?:[^~/]|~[01])*)*")
_PARTS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class PayloadScope(NamedTuple):
    """The alert that pointers start at, and the whole payload."""

    alert: Any
    payload: Any


@dataclass(frozen=True, slots=True)
class Pointer:
    """A pointer as written, and its tokens without escapes."""

    text: str
    tokens: tuple[str, ...]
    is_from_payload: bool

    def each(self, scope: PayloadScope) -> list[Any]:
        """Return the values at the place, at most 100; several only for a pointer with `*`."""
        found = [scope.payload if self.is_from_payload else scope.alert]
        for token in self.tokens:
            found = [below for value in found for below in _below(value, token)][:MAX_EACH]
        return found

    def first(self, scope: PayloadScope) -> Any:
        """Return the first value at the place that is not null; None where there is none."""
        return next((value for value in self.each(scope) if value is not None), None)

    def text_in(self, scope: PayloadScope) -> str | None:
        """Return the first value at the place that has a text, as text."""
        return next((text for value in self.each(scope) if (text := json_text(value)) is not None), None)


@dataclass(frozen=True, slots=True)
class Template:
    """Text with pointers in it; it has a text only where each of its pointers has one."""

    parts: tuple[str | Pointer, ...]

    def text_in(self, scope: PayloadScope) -> str | None:
        """Return the text for an alert, None when a value is missing."""
        read = [part if isinstance(part, str) else _shown(part, scope) for part in self.parts]
        return "".join(map(str, read)) if None not in read else None


def _shown(pointer: Pointer, scope: PayloadScope) -> str | None:
    """Return the text at a place; of an object, as JSON."""
    text = pointer.text_in(scope)
    if text is not None:
        return text
    value = next((value for value in pointer.each(scope) if isinstance(value, dict | list) and value), None)
    try:
        return None if value is None else json.dumps(value, ensure_ascii=False)[:MAX_TEXT]
    except (RecursionError, ValueError):
        return None


def parse_pointer(value: object, pointer: str = "") -> Pointer:
    """Return the pointer that a text stands for; raises RuleError `mapping.pointer`."""
    if not isinstance(value, str) or len(value) > POINTER_LIMIT or not _SHAPE.fullmatch(value):
        raise RuleError("mapping.pointer", {"example": "/alert/title"}, pointer=pointer)
    tokens = value.removeprefix("$").split("/")[1:]
    plain = tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens)
    return Pointer(value, plain, value.startswith("$"))


def parse_template(value: object, pointer: str = "") -> Template:
    """Return the template of a text such as `{/rule/name} on {/host}`; raises RuleError `mapping.template`."""
    if not isinstance(value, str) or not 0 < len(value) <= TEMPLATE_LIMIT:
        raise RuleError("mapping.template", {"example": "{/rule/name} on {/host}"}, pointer=pointer)
    parts: list[str | Pointer] = []
    end = 0
    for match in _PARTS.finditer(value):
        parts.append(value[end : match.start()])
        end = match.end()
        if match[0] in {"{{", "}}"}:
            parts.append(match[0][0])
        elif match[1] is None:
            raise RuleError("mapping.template", {"example": "{/rule/name} on {/host}"}, pointer=pointer)
        else:
            parts.append(parse_pointer(match[1], pointer))
    return Template(tuple(part for part in (*parts, value[end:]) if part != ""))


def json_text(value: object) -> str | None:
    """Return a value of JSON as text; None for null, blank texts, objects, and lists without a text."""
    if isinstance(value, str):
        return value[:MAX_TEXT].strip() or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < MAX_NUMBER):
        return str(value)
    if isinstance(value, list):
        plain = [item for item in value[:MAX_LISTED] if not isinstance(item, list)]
        return ", ".join(text for item in plain if (text := json_text(item)) is not None) or None
    return None


def _below(value: object, token: str) -> list[Any]:
    if isinstance(value, dict):
        if token in value:
            return [value[token]]
        return list(value.values())[:MAX_EACH] if token == "*" else []  # noqa: S105  # no secret
    if isinstance(value, list):
        return value[:MAX_EACH] if token == "*" else _at(value, token)  # noqa: S105
    return []


def _at(items: list[Any], token: str) -> list[Any]:
    is_index = token.isascii() and token.isdigit() and (token == "0" or token[0] != "0")  # noqa: S105
    return [items[int(token)]] if is_index and int(token) < len(items) else []
