"""Conditions (P7): STIX patterning comparisons in brackets, and the bare form that real playbooks use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from incident.core.cacao.engine.condition_reading import (
    ORDERS,
    PATTERNS,
    SETS,
    Comparison,
    Condition,
    Node,
    Operand,
    compiled,
    parse_condition,
    quoted_references,
    type_faults,
    type_of,
)
from incident.core.cacao.engine.condition_tokens import ConditionFault
from incident.core.cacao.values import Value
from incident.core.cacao.variables import ADDRESSES, Mistyped, as_text, comparable

__all__ = [
    "Condition",
    "ConditionFault",
    "ConditionResult",
    "equal_as",
    "evaluate",
    "parse_condition",
    "quoted_references",
    "type_faults",
]

Lookup = Callable[[str], tuple[str, Value]]


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """The value of a condition; when it could not be evaluated, `code` and `names` say why (P16)."""

    is_true: bool
    code: str = ""
    names: tuple[str, ...] = ()


def evaluate(condition: Condition, lookup: Lookup) -> ConditionResult:
    """Evaluate a condition; `lookup` returns type and value of a variable, and None for unknown.

    An unknown variable makes the whole condition false, NOT included (P16).
    """
    found = {name: lookup(name) for name in condition.variables}
    unknown = tuple(name for name, (_, value) in found.items() if value is None)
    if unknown:
        return ConditionResult(False, "variable_unknown", unknown)
    try:
        return ConditionResult(_truth(condition.root, found))
    except Mistyped:
        return ConditionResult(False, "condition_mistyped", condition.variables)


def equal_as(kind: str, value: str, case: str) -> bool:
    """Whether a case of a switch equals a value of a type (P8)."""
    try:
        return comparable(kind, value) == comparable(kind, case)
    except Mistyped:
        return value == case


def _truth(node: Node, found: Mapping[str, tuple[str, Value]]) -> bool:
    if isinstance(node, Comparison):
        return _compare(node, found) is not node.is_negated
    if node.word == "NOT":
        return not _truth(node.parts[0], found)
    if node.word == "AND":
        return all(_truth(part, found) for part in node.parts)
    return any(_truth(part, found) for part in node.parts)


def _compare(comparison: Comparison, found: Mapping[str, tuple[str, Value]]) -> bool:
    kind = type_of(comparison, {name: known for name, (known, _) in found.items()})
    left = _text(comparison.left, found)
    rights = [_text(operand, found) for operand in comparison.right]
    if comparison.operator in PATTERNS:
        return _matched(comparison, left, rights[0])
    if comparison.operator in SETS:
        return _is_within(comparison.operator, comparable(kind, left), comparable(kind, rights[0]))
    return _ordered(comparison.operator, kind, left, rights)


def _text(operand: Operand, found: Mapping[str, tuple[str, Value]]) -> str:
    return as_text(found[operand.text][1]) if operand.is_variable else operand.text


def _matched(comparison: Comparison, left: str, right: str) -> bool:
    try:
        pattern = comparison.pattern or compiled(comparison.operator, right, comparison.left.column)
        return pattern.is_match(left)
    except ValueError as problem:
        raise Mistyped(right) from problem


def _ordered(operator: str, kind: str, left: str, rights: list[str]) -> bool:
    if "" in (left, *rights):
        return _known_empty(operator, left, rights)
    one: Any = comparable(kind, left)
    others: list[Any] = [comparable(kind, right) for right in rights]
    if kind in ADDRESSES and operator in ORDERS:
        one, others = one[1].network_address, [other[1].network_address for other in others]
    if operator in ("=", "!=", "IN"):
        return (one in others) is not (operator == "!=")
    other = others[0]
    return bool({"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}[operator])


def _known_empty(operator: str, left: str, rights: list[str]) -> bool:
    """Compare where one side is known to be empty: it equals only the empty, and has no order."""
    if operator in ("=", "IN"):
        return left in rights
    return operator == "!=" and left not in rights


def _is_within(operator: str, left: Any, right: Any) -> bool:
    inner: IPv4Network | IPv6Network = left[1]
    outer: IPv4Network | IPv6Network = right[1]
    if operator == "ISSUPERSET":
        inner, outer = outer, inner
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]
