"""A strict reader of YAML 1.2: strings, numbers, booleans and null; no aliases, tags, merges or duplicate keys.

The plain scalars follow the core schema of YAML 1.2, so that `no` stays a word and a date stays a text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.representer import SafeRepresenter

from incident.core.cacao.faults import LoadRefused, error, pointer

# The reader is slow, some ten thousand words a second: these limits keep the longest answer near two seconds.
YAML_BYTES = 256 * 1024
YAML_EVENTS = 20_000

_NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
_TRUE = re.compile(r"(?:true|True|TRUE)\Z")
_FALSE = re.compile(r"(?:false|False|FALSE)\Z")
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}\Z")
_BASED = re.compile(r"0o[0-7]{1,40}\Z|0x[0-9a-fA-F]{1,40}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_NO_KEY = object()


def read_yaml(text: str, max_depth: int) -> Any:
    """Read one YAML document; raises LoadRefused with line and column, and the pointer where it is known."""
    try:
        return _Builder(max_depth).build(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise LoadRefused([_malformed(line, column, problem.problem)]) from None
    except (YAMLError, ValueError) as problem:
        raise LoadRefused([_malformed(1, 1, str(problem).partition("\n")[0])]) from None


def write_yaml(document: Any) -> str:
    """Return a document as block YAML 1.2; texts of several lines are literal blocks, as people write them."""
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 110
    yaml.encoding = None
    yaml.sort_base_mapping_type_on_output = False
    yaml.Representer = _Representer
    sink = _Sink()
    yaml.dump(document, sink)
    return "".join(sink.parts)


class _Representer(SafeRepresenter):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_str(self, data: str) -> Any:
        is_prose = "\n" in data.strip("\n") and data.replace("\n", "").isprintable()
        return self.represent_scalar("tag:yaml.org,2002:str", data, style="|" if is_prose else None)


_Representer.add_representer(str, _Representer.represent_str)


class _Sink:
    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, text: str) -> None:
        self.parts.append(text)


def _malformed(line: int, column: int, problem: str | None) -> Any:
    return error("yaml_malformed", "", "YAML 1.2", line=line, column=column, problem=problem or "")


class _Builder:
    """Builds the document from the parser's events, one by one, so that depth uses no stack."""

    def __init__(self, max_depth: int) -> None:
        self._max_depth = max_depth
        self._open: list[Any] = []
        self._keys: list[Any] = []
        self._documents = 0
        self._root: Any = None

    def build(self, events: Iterator[Event]) -> Any:
        for count, event in enumerate(events):
            self._take(event)
            if count >= YAML_EVENTS:
                self._refuse("yaml_too_many", event, limit=YAML_EVENTS)
        return self._root

    def _take(self, event: Event) -> None:
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse("yaml_several", event)
        elif isinstance(event, AliasEvent):
            self._refuse("yaml_alias", event)
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self._open.pop()
            self._keys.pop()
            self._leave_member()
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent, ScalarEvent)):
            self._node(event)

    def _node(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse("yaml_alias", event)
        if event.tag is not None:
            self._refuse("yaml_tag", event)
        if isinstance(event, ScalarEvent):
            if self._place(self._scalar(event), event):
                self._leave_member()
            return
        made: Any = {} if isinstance(event, MappingStartEvent) else []
        self._place(made, event)
        self._open.append(made)
        self._keys.append(_NO_KEY)
        if len(self._open) > self._max_depth:
            self._refuse("too_deep", event, limit=self._max_depth)

    def _place(self, value: Any, event: Any) -> bool:
        """Put a value in its place; return whether it was the value of a member, not its name."""
        if not self._open:
            self._root = value
        elif isinstance(self._open[-1], list):
            self._open[-1].append(value)
        elif self._keys[-1] is _NO_KEY:
            self._keys[-1] = self._key(value, event)
            return False
        else:
            self._open[-1][self._keys[-1]] = value
        return True

    def _leave_member(self) -> None:
        """Drop the name of a member once its value is complete; until then it gives the place of faults."""
        if self._keys and isinstance(self._open[-1], dict):
            self._keys[-1] = _NO_KEY

    def _key(self, value: Any, event: Any) -> str:
        key = event.value if isinstance(event, ScalarEvent) else value
        if not isinstance(key, str):
            self._refuse("yaml_key", event)
        if key in self._open[-1]:
            self._refuse("doubled_member", event, member=key)
        return key

    def _scalar(self, event: ScalarEvent) -> Any:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if (plain := _plain(text)) is _NO_KEY:
            self._refuse("number_unfit", event, limit=2**53 - 1)
        return plain

    def _refuse(self, code: str, event: Event, **args: Any) -> NoReturn:
        mark = event.start_mark
        place = {"line": mark.line + 1, "column": mark.column + 1} if mark else {}
        raise LoadRefused([error(code, self._pointer(), "YAML 1.2", **args, **place)])

    def _pointer(self) -> str:
        parts: list[str | int] = []
        for holder, key in zip(self._open, self._keys, strict=True):
            if isinstance(holder, list):
                parts.append(max(len(holder) - 1, 0))
            elif key is not _NO_KEY:
                parts.append(key)
        return pointer(*parts)


def _plain(text: str) -> Any:
    """Resolve a plain scalar by the core schema; `_NO_KEY` represents a number that JSON cannot contain."""
    if _NULL.match(text):
        return None
    if _TRUE.match(text) or _FALSE.match(text):
        return text[0] in "tT"
    if _INTEGER.match(text):
        return _whole(int(text))
    if _BASED.match(text):
        return _whole(int(text, 0))
    if _FLOAT.match(text):
        return number if math.isfinite(number := float(text)) else _NO_KEY
    return _NO_KEY if _NOT_FINITE.match(text) else text


def _whole(number: int) -> Any:
    return number if abs(number) <= 2**53 - 1 else _NO_KEY
