"""Shapes of CACAO 2.0 objects: their properties, the type of each, and which are required."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from incident.core.cacao.faults import Fault, error, pointer, warning
from incident.core.cacao.text.moments import has_milliseconds, moment
from incident.core.cacao.values import Json
from incident.core.cacao.vocabulary import LONGEST_TIME

Path = tuple[str | int, ...]
Rule = Callable[[Any, Path], Iterator[Fault]]

IDENTIFIER = re.compile(
    r"(?P<type>[a-z][a-z0-9-]*[a-z0-9])--"
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-(?P<version>[0-9a-fA-F])[0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\Z"
)
ID_CLAUSE = "CACAO 2.0 section 10.10"
TIME_CLAUSE = "CACAO 2.0 section 10.16"


@dataclass(frozen=True)
class Shape:
    """The properties of an object; `required` ones must be present, and one of each group of `either`."""

    clause: str
    rules: Mapping[str, Rule]
    required: tuple[str, ...] = ()
    either: tuple[tuple[str, ...], ...] = field(default=())

    def faults(self, body: Any, path: Path, is_open: bool = False) -> Iterator[Fault]:
        """Return the faults of an object's shape; an open one may have any further properties."""
        if not isinstance(body, dict):
            yield _wrong(body, path, "object", self.clause)
            return
        for name in self.required:
            if name not in body:
                yield error("missing_property", pointer(*path), self.clause, name=name)
        for group in self.either:
            if not any(name in body for name in group):
                yield error("missing_one_of", pointer(*path), self.clause, names=list(group))
        for name, value in body.items():
            rule = self.rules.get(name)
            if rule is None and is_open:
                continue
            if rule is None:
                yield warning("unknown_property", pointer(*path, name), self.clause, name=name)
            else:
                yield from rule(value, (*path, name))


def with_rules(shape: Shape, clause: str, rules: Mapping[str, Rule], *required: str, either: Any = ()) -> Shape:
    """Return a shape with further properties."""
    return Shape(clause, {**shape.rules, **rules}, (*shape.required, *required), either)


def _wrong(value: Any, path: Path, expected: str, clause: str = "") -> Fault:
    return error("wrong_type", pointer(*path), clause, expected=expected, found=kind_of(value))


def kind_of(value: Any) -> str:
    """Return the name of a value's JSON type."""
    kinds = {dict: "object", list: "list", str: "string", bool: "boolean", int: "number", float: "number"}
    return kinds.get(type(value), "null")


def string(value: Any, path: Path) -> Iterator[Fault]:
    """Require a string."""
    if not isinstance(value, str):
        yield _wrong(value, path, "string")


def boolean(value: Any, path: Path) -> Iterator[Fault]:
    """Require a boolean."""
    if not isinstance(value, bool):
        yield _wrong(value, path, "boolean")


def thing(value: Any, path: Path) -> Iterator[Fault]:
    """Require an object of any content."""
    if not isinstance(value, dict):
        yield _wrong(value, path, "object")


def anything(value: Any, path: Path) -> Iterator[Fault]:
    """Accept any value."""
    yield from ()


def whole(value: Any, path: Path) -> Iterator[Fault]:
    """Require an integer."""
    if isinstance(value, bool) or not isinstance(value, int):
        yield _wrong(value, path, "whole number")


def length(value: Any, path: Path) -> Iterator[Fault]:
    """Require a duration in milliseconds, 0 or more (CACAO 2.0 section 4.1)."""
    yield from whole(value, path)
    if isinstance(value, int) and not isinstance(value, bool) and not 0 <= value <= LONGEST_TIME:
        yield error("time_out_of_range", pointer(*path), "CACAO 2.0 section 4.1", value=value, limit=LONGEST_TIME)


def hundredth(value: Any, path: Path) -> Iterator[Fault]:
    """Require an integer from 0 to 100."""
    yield from whole(value, path)
    if isinstance(value, int) and not isinstance(value, bool) and not 0 <= value <= 100:
        yield warning("out_of_hundred", pointer(*path), "CACAO 2.0 section 3.1", value=value)


def timestamp(value: Any, path: Path) -> Iterator[Fault]:
    """Require a timestamp in UTC."""
    if not isinstance(value, str):
        yield _wrong(value, path, "timestamp", TIME_CLAUSE)
    elif moment(value) is None:
        yield error("bad_timestamp", pointer(*path), TIME_CLAUSE, found=value[:60])


def exact_timestamp(value: Any, path: Path) -> Iterator[Fault]:
    """Require a timestamp that should have milliseconds."""
    yield from timestamp(value, path)
    if isinstance(value, str) and moment(value) is not None and not has_milliseconds(value):
        yield warning("timestamp_precision", pointer(*path), "CACAO 2.0 section 3.1", found=value)


def identifier(value: Any, path: Path) -> Iterator[Fault]:
    """Require an identifier: a type, two hyphens, a UUID."""
    if not isinstance(value, str):
        yield _wrong(value, path, "identifier", ID_CLAUSE)
    elif not IDENTIFIER.match(value):
        yield error("bad_identifier", pointer(*path), ID_CLAUSE, found=value[:100])


def each(rule: Rule, least: int = 1) -> Rule:
    """Return a rule for a list whose items each follow a rule."""

    def faults(value: Any, path: Path) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield _wrong(value, path, "list")
            return
        if len(value) < least:
            make = error if least > 1 else warning
            yield make("list_short", pointer(*path), "", least=least, count=len(value))
        for index, item in enumerate(value):
            yield from rule(item, (*path, index))

    return faults


def each_member(rule: Rule, name_rule: Rule | None = None) -> Rule:
    """Return a rule for an object whose values each follow a rule, and whose names follow another."""

    def faults(value: Any, path: Path) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield _wrong(value, path, "object")
            return
        for name, member in value.items():
            if name_rule is not None:
                yield from name_rule(name, (*path, name))
            yield from rule(member, (*path, name))

    return faults


def text_of(body: Any, name: str) -> str | None:
    """Return a property that is a string, else None."""
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else None


def object_of(body: Any, name: str) -> Json:
    """Return a property that is an object, else an empty one."""
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, dict) else {}


def list_of(body: Any, name: str) -> list[Any]:
    """Return a property that is a list, else an empty one."""
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, list) else []


def texts_of(body: Any, name: str) -> list[tuple[int, str]]:
    """Return the strings of a property that is a list, each with its index."""
    return [(index, item) for index, item in enumerate(list_of(body, name)) if isinstance(item, str)]
