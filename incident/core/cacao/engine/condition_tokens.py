"""Tokens of a condition (P7), each with its column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

MAX_LENGTH = 10_000


class ConditionFault(ValueError):
    """A part of a condition cannot be parsed; `column` counts from 1, the text of `code` is in `words.py`."""

    def __init__(self, code: str, column: int, **args: Any) -> None:
        super().__init__(f"{code} at column {column}")
        self.code = code
        self.column = column
        self.args_by_name: dict[str, Any] = {"column": column, **args}


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `kind` is variable, literal, operator, word, sign or end."""

    kind: str
    text: str
    column: int


_OPERATOR_WORDS = frozenset({"AND", "OR", "NOT", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"})
_TIMED_WORDS = frozenset({"FOLLOWEDBY", "WITHIN", "REPEATS", "START", "STOP", "EXISTS"})
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<variable>__[a-zA-Z_][a-zA-Z0-9_-]{0,199}:value)
      | (?P<bytes>[bht]'(?:[^'\\]|\\.)*')
      | (?P<single>'(?:[^'\\]|\\.)*')
      | (?P<double>"(?:[^"\\]|\\.)*")
      | (?P<number>[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?![\w.]))
      | (?P<operator>==|!=|<>|<=|>=|=|<|>)
      | (?P<sign>[\[\](),])
      | (?P<word>[A-Za-z_][A-Za-z0-9_.:-]*)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def tokens(text: str) -> list[Token]:
    """Split a condition into tokens; raises ConditionFault on anything else."""
    if len(text) > MAX_LENGTH:
        raise ConditionFault("condition_long", MAX_LENGTH + 1, limit=MAX_LENGTH)
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            code = "condition_quote" if text[at] in "'\"" else "condition_sign"
            raise ConditionFault(code, at + 1, found=text[at])
        if match.lastgroup != "space":
            found.append(_token(str(match.lastgroup), match.group(), at + 1))
        at = match.end()
    return [*found, Token("end", "", len(text) + 1)]


def _token(group: str, text: str, column: int) -> Token:
    if group == "variable":
        return _variable(text, column)
    if group in ("single", "double"):
        return Token("literal", _ESCAPE.sub(r"\1", text[1:-1]), column)
    if group == "bytes":
        return _typed_literal(text, column)
    if group == "number":
        return Token("literal", text, column)
    return _word(text, column) if group == "word" else Token(group, text, column)


def _variable(text: str, column: int) -> Token:
    name = text.removesuffix(":value")
    if not name.endswith("__") or len(name) < 5:
        raise ConditionFault("condition_name", column, found=text)
    return Token("variable", name, column)


def _typed_literal(text: str, column: int) -> Token:
    if text[0] == "b":
        raise ConditionFault("condition_binary", column, found=text)
    return Token("literal", _ESCAPE.sub(r"\1", text[2:-1]), column)


def _word(text: str, column: int) -> Token:
    upper = text.upper()
    if upper in _OPERATOR_WORDS:
        return Token("word", upper, column)
    if text in ("true", "false", "True", "False"):
        return Token("literal", text.lower(), column)
    if upper in _TIMED_WORDS:
        raise ConditionFault("condition_timed", column, found=text)
    if re.fullmatch(r"__[a-zA-Z0-9_-]+__", text):
        raise ConditionFault("condition_value_missing", column, found=text)
    raise ConditionFault("condition_word", column, found=text)
