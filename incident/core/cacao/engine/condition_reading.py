"""Parser of conditions (P7); also checks comparisons against the types of their variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from incident.core.cacao.engine.condition_tokens import ConditionFault, Token, tokens
from incident.core.cacao.substitution import REFERENCE
from incident.core.cacao.text.automaton import Pattern
from incident.core.cacao.text.patterns import PatternFault, like, matches
from incident.core.cacao.variables import ADDRESSES, UNORDERED, Mistyped, comparable

MAX_NESTING = 40
ORDERS = frozenset({"<", ">", "<=", ">="})
PATTERNS = frozenset({"LIKE", "MATCHES"})
SETS = frozenset({"ISSUBSET", "ISSUPERSET"})


@dataclass(frozen=True, slots=True)
class Operand:
    """A variable (its name with the underscores) or a literal, at a column of the text."""

    text: str
    is_variable: bool
    column: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison; `right` has several operands only for IN; `pattern` is compiled for LIKE and MATCHES."""

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
    """A parsed condition; `variables` are the names that it refers to."""

    text: str
    root: Node
    variables: tuple[str, ...]


def parse_condition(text: str) -> Condition:
    """Parse a condition; raises ConditionFault with the column, counted from 1."""
    reader = _Reader(tokens(text))
    root = reader.whole()
    names = dict.fromkeys(operand.text for operand in reader.operands if operand.is_variable)
    return Condition(text, root, tuple(names))


def type_faults(condition: Condition, types: Mapping[str, str]) -> list[ConditionFault]:
    """Return the comparisons that do not fit the types of their variables, before anything runs."""
    faults = [fault for one in _comparisons(condition) if (fault := _type_fault(one, types))]
    return sorted(faults, key=lambda fault: fault.column)


def quoted_references(condition: Condition) -> list[Operand]:
    """Return the literals that contain a reference to a variable: they are compared as written, never replaced."""
    operands = (one for comparison in _comparisons(condition) for one in (comparison.left, *comparison.right))
    quoted = [one for one in operands if not one.is_variable and REFERENCE.search(one.text)]
    return sorted(quoted, key=lambda one: one.column)


def _comparisons(condition: Condition) -> Iterator[Comparison]:
    stack: list[Node] = [condition.root]
    while stack:
        node = stack.pop()
        if isinstance(node, Joined):
            stack.extend(node.parts)
        else:
            yield node


class _Reader:
    """A recursive-descent parser: OR over AND over NOT over one comparison; its depth is bounded."""

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
        if operator not in PATTERNS or right.is_variable:
            return None
        return compiled(operator, right.text, right.column)


def compiled(operator: str, text: str, column: int) -> Pattern:
    """Compile the pattern of LIKE or MATCHES; raises ConditionFault, with the column of the fault."""
    try:
        return like(text) if operator == "LIKE" else matches(text)
    except PatternFault as fault:
        raise ConditionFault("condition_pattern", column + 1 + fault.offset, problem=fault.code) from None


def type_of(comparison: Comparison, types: Mapping[str, str]) -> str:
    """Return the type of the comparison of two sides: that of the first variable."""
    for operand in (comparison.left, *comparison.right):
        if operand.is_variable:
            return types.get(operand.text, "string")
    return "string"


def _type_fault(comparison: Comparison, types: Mapping[str, str]) -> ConditionFault | None:
    kind = type_of(comparison, types)
    column = comparison.left.column
    if comparison.operator in ORDERS and kind in UNORDERED:
        return ConditionFault("condition_unordered", column, type=kind)
    if comparison.operator in SETS and kind not in ADDRESSES:
        return ConditionFault("condition_not_address", column, type=kind)
    if comparison.operator in PATTERNS:
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
