"""Conditions (P7): STIX patterning comparisons in brackets, and the bare form that real playbooks use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Any, NoReturn

from incident.core.cacao.condition_words import ConditionFault, Token, tokens
from incident.core.cacao.patterns import Pattern, PatternFault, like, matches
from incident.core.cacao.values import Value
from incident.core.cacao.variables import ADDRESSES, UNORDERED, Mistyped, as_text, comparable

__all__ = ["Condition", "ConditionFault", "Verdict", "holds", "parse_condition", "type_faults"]

MAX_NESTING = 40
_ORDERS = frozenset({"<", ">", "<=", ">="})
_PATTERNS = frozenset({"LIKE", "MATCHES"})
_SETS = frozenset({"ISSUBSET", "ISSUPERSET"})

Lookup = Callable[[str], tuple[str, Value]]


@dataclass(frozen=True, slots=True)
class Operand:
    """A variable (its name with the underscores) or a literal, at a column of the text."""

    text: str
    is_variable: bool
    column: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison; `right` has several operands for IN alone; `pattern` is ready for LIKE and MATCHES."""

    operator: str
    left: Operand
    right: tuple[Operand, ...]
    is_negated: bool
    pattern: Pattern | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """Comparisons joined by AND or OR, or one that is negated by NOT."""

    word: str
    parts: tuple[Node, ...]


Node = Comparison | Joined


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that has been read; `variables` are the names that it looks at."""

    text: str
    root: Node
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds; when it could not be told, `code` and `names` say why (P16)."""

    is_true: bool
    code: str = ""
    names: tuple[str, ...] = ()


def parse_condition(text: str) -> Condition:
    """Read a condition; raises ConditionFault with the column, counted from 1."""
    reader = _Reader(tokens(text))
    root = reader.whole()
    names = dict.fromkeys(operand.text for operand in reader.operands if operand.is_variable)
    return Condition(text, root, tuple(names))


def holds(condition: Condition, lookup: Lookup) -> Verdict:
    """Tell whether a condition holds; `lookup` gives type and value of a variable, and None for unknown.

    An unknown variable makes the whole condition false, NOT included (P16).
    """
    found = {name: lookup(name) for name in condition.variables}
    unknown = tuple(name for name, (_, value) in found.items() if value is None)
    if unknown:
        return Verdict(False, "variable_unknown", unknown)
    try:
        return Verdict(_truth(condition.root, found))
    except Mistyped:
        return Verdict(False, "condition_mistyped", condition.variables)


def type_faults(condition: Condition, types: Mapping[str, str]) -> list[ConditionFault]:
    """Tell which comparisons do not fit the types of their variables, before anything runs."""
    faults: list[ConditionFault] = []
    stack: list[Node] = [condition.root]
    while stack:
        node = stack.pop()
        if isinstance(node, Joined):
            stack.extend(node.parts)
        elif fault := _type_fault(node, types):
            faults.append(fault)
    return sorted(faults, key=lambda fault: fault.column)


def equal_as(kind: str, value: str, case: str) -> bool:
    """Tell whether a case of a switch equals a value of a type (P8)."""
    try:
        return comparable(kind, value) == comparable(kind, case)
    except Mistyped:
        return value == case


class _Reader:
    """A reader by descent: OR over AND over NOT over one comparison; its depth is bounded."""

    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0
        self._is_inside = False
        self.operands: list[Operand] = []

    def whole(self) -> Node:
        node = self._either()
        if self._peek().kind != "end":
            self._refuse("condition_rest")
        return node

    def _peek(self) -> Token:
        return self._words[self._at]

    def _take(self, *wanted: str) -> Token | None:
        word = self._peek()
        if word.text in wanted and word.kind in ("word", "sign"):
            self._at += 1
            return word
        return None

    def _refuse(self, code: str, **args: Any) -> NoReturn:
        word = self._peek()
        raise ConditionFault(code, word.column, found=word.text, **args)

    def _either(self) -> Node:
        return self._joined("OR", lambda: self._joined("AND", self._one))

    def _joined(self, word: str, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def _one(self) -> Node:
        self._depth += 1
        if self._depth > MAX_NESTING:
            self._refuse("condition_nested", limit=MAX_NESTING)
        node = self._negated() or self._grouped() or self._comparison()
        self._depth -= 1
        return node

    def _negated(self) -> Node | None:
        return Joined("NOT", (self._one(),)) if self._take("NOT") else None

    def _grouped(self) -> Node | None:
        if self._take("("):
            node = self._either()
            self._close(")")
            return node
        if self._peek().text != "[" or self._is_inside:
            return None
        self._at += 1
        self._is_inside = True
        node = self._either()
        self._close("]")
        self._is_inside = False
        return node

    def _close(self, sign: str) -> None:
        if not self._take(sign):
            self._refuse("condition_wanted", wanted=sign)

    def _comparison(self) -> Node:
        left = self._operand()
        is_negated = self._take("NOT") is not None
        operator = self._operator()
        right = self._list() if operator == "IN" else (self._operand(),)
        return Comparison(operator, left, right, is_negated, self._pattern(operator, right[0]))

    def _operator(self) -> str:
        word = self._peek()
        if word.kind not in ("operator", "word") or word.text in ("AND", "OR", "NOT"):
            self._refuse("condition_operator")
        self._at += 1
        return {"==": "=", "<>": "!="}.get(word.text, word.text)

    def _list(self) -> tuple[Operand, ...]:
        if not self._take("("):
            self._refuse("condition_wanted", wanted="(")
        items = [self._operand()]
        while self._take(","):
            items.append(self._operand())
        self._close(")")
        return tuple(items)

    def _operand(self) -> Operand:
        word = self._peek()
        if word.kind not in ("variable", "literal"):
            self._refuse("condition_operand")
        self._at += 1
        operand = Operand(word.text, word.kind == "variable", word.column)
        self.operands.append(operand)
        return operand

    def _pattern(self, operator: str, right: Operand) -> Pattern | None:
        if operator not in _PATTERNS or right.is_variable:
            return None
        return _compiled(operator, right.text, right.column)


def _compiled(operator: str, text: str, column: int) -> Pattern:
    try:
        return like(text) if operator == "LIKE" else matches(text)
    except PatternFault as fault:
        raise ConditionFault("condition_pattern", column + fault.offset, problem=fault.code) from None


def _type_of(comparison: Comparison, types: Mapping[str, str]) -> str:
    for operand in (comparison.left, *comparison.right):
        if operand.is_variable:
            return types.get(operand.text, "string")
    return "string"


def _type_fault(comparison: Comparison, types: Mapping[str, str]) -> ConditionFault | None:
    kind = _type_of(comparison, types)
    column = comparison.left.column
    if comparison.operator in _ORDERS and kind in UNORDERED:
        return ConditionFault("condition_unordered", column, type=kind)
    if comparison.operator in _SETS and kind not in ADDRESSES:
        return ConditionFault("condition_not_address", column, type=kind)
    if comparison.operator in _PATTERNS:
        return None
    for operand in (comparison.left, *comparison.right):
        if not operand.is_variable and not _fits(kind, operand.text):
            return ConditionFault("condition_literal", operand.column, type=kind, literal=operand.text)
    return None


def _fits(kind: str, text: str) -> bool:
    try:
        comparable(kind, text)
    except Mistyped:
        return False
    return True


def _truth(node: Node, found: Mapping[str, tuple[str, Value]]) -> bool:
    if isinstance(node, Comparison):
        return _compare(node, found) is not node.is_negated
    if node.word == "NOT":
        return not _truth(node.parts[0], found)
    if node.word == "AND":
        return all(_truth(part, found) for part in node.parts)
    return any(_truth(part, found) for part in node.parts)


def _compare(comparison: Comparison, found: Mapping[str, tuple[str, Value]]) -> bool:
    kind = _type_of(comparison, {name: known for name, (known, _) in found.items()})
    left = _text(comparison.left, found)
    rights = [_text(operand, found) for operand in comparison.right]
    if comparison.operator in _PATTERNS:
        return _matched(comparison, left, rights[0])
    if comparison.operator in _SETS:
        return _is_within(comparison.operator, comparable(kind, left), comparable(kind, rights[0]))
    return _ordered(comparison.operator, kind, left, rights)


def _text(operand: Operand, found: Mapping[str, tuple[str, Value]]) -> str:
    return as_text(found[operand.text][1]) if operand.is_variable else operand.text


def _matched(comparison: Comparison, left: str, right: str) -> bool:
    try:
        pattern = comparison.pattern or _compiled(comparison.operator, right, comparison.left.column)
        return pattern.is_match(left)
    except ValueError as problem:
        raise Mistyped(right) from problem


def _ordered(operator: str, kind: str, left: str, rights: list[str]) -> bool:
    if "" in (left, *rights):
        return _known_empty(operator, left, rights)
    one: Any = comparable(kind, left)
    others: list[Any] = [comparable(kind, right) for right in rights]
    if kind in ADDRESSES and operator in _ORDERS:
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
