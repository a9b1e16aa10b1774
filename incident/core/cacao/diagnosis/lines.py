"""The line of each place of a document in the text that it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from incident.core.cacao.faults import Fault
from incident.core.cacao.faults import pointer as pointer_of
from incident.core.cacao.text.yaml12 import YAML_BYTES, YAML_EVENTS

_NO_KEY: Final = object()


def lines_of_places(text: str) -> Mapping[str, int]:
    """Return the line, from 1, of each JSON pointer into a text, as far as the text can be read.

    A text that is longer than the reader of YAML takes has no lines.
    """
    found = _Lines()
    if len(text) > YAML_BYTES:
        return found.lines
    with suppress(YAMLError, ValueError):
        for event in islice(YAML(typ="safe", pure=True).parse(text), YAML_EVENTS):
            found.add(event)
    return found.lines


def line_of(fault: Fault, lines: Mapping[str, int]) -> int | None:
    """Return the line of a fault: its own, else that of the nearest object around it."""
    if isinstance(line := fault.args.get("line"), int):
        return line
    place = fault.pointer
    while place and place not in lines:
        place = place.rpartition("/")[0]
    return lines.get(place) if place else None


class _Lines:
    """Follows the parser's events, and records where each member and item begins."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self._open: list[tuple[bool, list[Any]]] = []

    def add(self, event: Any) -> None:
        if isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self._open.pop()
            self._leave()
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent, ScalarEvent)):
            self._node(event)

    def _node(self, event: Any) -> None:
        is_name = self._is_name(event)
        if not is_name:
            self.lines.setdefault(self._pointer(), event.start_mark.line + 1)
        if isinstance(event, ScalarEvent):
            if not is_name:
                self._leave()
            return
        is_mapping = isinstance(event, MappingStartEvent)
        self._open.append((is_mapping, [_NO_KEY if is_mapping else 0]))

    def _is_name(self, event: Any) -> bool:
        """Take a name of a member; return whether it was one."""
        if not self._open or not self._open[-1][0] or self._open[-1][1][0] is not _NO_KEY:
            return False
        self._open[-1][1][0] = str(getattr(event, "value", ""))
        self.lines.setdefault(self._pointer(), event.start_mark.line + 1)
        return isinstance(event, ScalarEvent)

    def _leave(self) -> None:
        if not self._open:
            return
        is_mapping, key = self._open[-1]
        key[0] = _NO_KEY if is_mapping else key[0] + 1

    def _pointer(self) -> str:
        return pointer_of(*(key[0] for _, key in self._open if key[0] is not _NO_KEY))
