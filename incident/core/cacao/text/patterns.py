"""LIKE and MATCHES in linear time: patterns become small automata, so that no playbook can make a run hang.

MATCHES supports the usual regular expressions without look-around and back references, and searches the whole text.
"""

from __future__ import annotations

from collections.abc import Callable

from incident.core.cacao.text.automaton import Instruction, Pattern, is_word

MAX_PROGRAM = 600
MAX_REPEAT = 200
MAX_GROUPS = 30

Test = Callable[[str], bool]


class PatternFault(ValueError):
    """A pattern cannot be parsed; `offset` counts characters from the start of the pattern."""

    def __init__(self, code: str, offset: int) -> None:
        super().__init__(f"{code} at {offset}")
        self.code = code
        self.offset = offset


def like(text: str) -> Pattern:
    """Compile an SQL-like pattern: % matches any characters, _ one; the whole text must match."""
    program: list[Instruction] = [("at", "start")]
    for sign in text:
        at = len(program)
        if sign == "%":
            program += [("split", at + 1, at + 3), ("char", _any), ("jump", at)]
        else:
            program.append(("char", _any if sign == "_" else _literal(sign)))
    return _finished([*program, ("at", "end")], text)


def matches(text: str) -> Pattern:
    """Compile a regular expression; raises PatternFault for malformed or unsupported ones."""
    return _finished(_Compiler(text).program(), text)


def _finished(program: list[Instruction], text: str) -> Pattern:
    if len(program) >= MAX_PROGRAM:
        raise PatternFault("pattern_large", len(text))
    return Pattern((*program, ("match",)))


def _any(sign: str) -> bool:
    return True


def _literal(wanted: str) -> Test:
    return lambda sign: sign == wanted


_CLASSES: dict[str, Test] = {"d": str.isdecimal, "w": is_word, "s": str.isspace}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}


def _class_of(letter: str) -> Test | None:
    known = _CLASSES.get(letter.lower())
    if known is None or letter.islower():
        return known
    return lambda sign: not known(sign)


class _Compiler:
    """Parses an expression recursively and emits instructions; positions in a piece count from its start."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._is_folding = False

    def program(self) -> list[Instruction]:
        if self._text.startswith("(?i)"):
            self._is_folding, self._at = True, 4
        piece = self._either()
        if self._at < len(self._text):
            raise self._fault("pattern_bracket")
        return piece

    def _fault(self, code: str) -> PatternFault:
        return PatternFault(code, self._at)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        sign = self._peek()
        if not sign:
            raise self._fault("pattern_end")
        self._at += 1
        return sign

    def _either(self) -> list[Instruction]:
        piece = self._sequence()
        while self._peek() == "|":
            self._at += 1
            piece = self._sized(_alternatives(piece, self._sequence()))
        return piece

    def _sequence(self) -> list[Instruction]:
        whole: list[Instruction] = []
        while self._peek() not in ("", "|", ")"):
            whole = self._sized(whole + _moved(self._repeated(self._atom()), len(whole)))
        return whole

    def _sized(self, piece: list[Instruction]) -> list[Instruction]:
        if len(piece) > MAX_PROGRAM:
            raise self._fault("pattern_large")
        return piece

    def _repeated(self, piece: list[Instruction]) -> list[Instruction]:
        least, most = self._quantifier()
        if (least, most) == (1, 1):
            return piece
        copies = max(least, most or 0) + (most is None)
        if copies * (len(piece) + 2) > MAX_PROGRAM:
            raise self._fault("pattern_large")
        whole: list[Instruction] = []
        for _ in range(least):
            whole += _moved(piece, len(whole))
        if most is None:
            return whole + _moved(_any_number(piece), len(whole))
        for _ in range(most - least):
            whole += _moved(_maybe(piece), len(whole))
        return whole

    def _quantifier(self) -> tuple[int, int | None]:
        sign = self._peek()
        bounds: tuple[int, int | None] = (1, 1)
        if sign in ("*", "+", "?") and sign:
            self._at += 1
            bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        elif sign == "{":
            bounds = self._counted()
        if bounds != (1, 1) and self._peek() == "?":
            self._at += 1
        return bounds

    def _counted(self) -> tuple[int, int | None]:
        inside, closing, _ = self._text[self._at + 1 :].partition("}")
        low, comma, high = inside.partition(",")
        is_number = low.isdecimal() and (not high or high.isdecimal()) and len(inside) < 10
        if not closing or not is_number:
            raise self._fault("pattern_count")
        least, most = int(low), (int(high) if high else None) if comma else int(low)
        if max(least, most or 0) > MAX_REPEAT or (most is not None and most < least):
            raise self._fault("pattern_count")
        self._at += len(inside) + 2
        return least, most

    def _atom(self) -> list[Instruction]:
        sign = self._next()
        if sign == "(":
            return self._group()
        if sign in "*+?{":
            raise PatternFault("pattern_repeat", self._at - 1)
        if sign in "^$":
            return [("at", "start" if sign == "^" else "end")]
        if sign == "\\" and self._peek() in ("b", "B", "A", "Z", "z"):
            return [("at", {"b": "edge", "B": "inside", "A": "start"}.get(self._next(), "end"))]
        return [("char", self._test(sign))]

    def _group(self) -> list[Instruction]:
        self._depth += 1
        if self._text.startswith("?:", self._at):
            self._at += 2
        if self._peek() == "?" or self._depth > MAX_GROUPS:
            raise self._fault("pattern_unsupported")
        piece = self._either()
        if self._peek() != ")":
            raise self._fault("pattern_bracket")
        self._at += 1
        self._depth -= 1
        return piece

    def _test(self, sign: str) -> Test:
        if sign == ".":
            return _any
        if sign == "[":
            return self._folded(self._set())
        if sign == "\\":
            return self._escaped()
        return self._folded(_literal(sign))

    def _folded(self, test: Test) -> Test:
        if not self._is_folding:
            return test
        return lambda sign: test(sign) or test(sign.lower()) or test(sign.upper())

    def _escaped(self) -> Test:
        letter = self._next()
        if (known := _class_of(letter)) is not None:
            return known
        return self._folded(_literal(self._control(letter)))

    def _control(self, letter: str) -> str:
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter.isalnum():
            raise self._fault("pattern_unsupported")
        return letter

    def _set(self) -> Test:
        is_negated = self._peek() == "^"
        self._at += is_negated
        tests = [self._member()]
        while self._peek() != "]":
            tests.append(self._member())
        self._at += 1
        return lambda sign: any(test(sign) for test in tests) is not is_negated

    def _member(self) -> Test:
        low = self._next()
        if low == "\\":
            letter = self._next()
            if (known := _class_of(letter)) is not None:
                return known
            low = self._control(letter)
        if self._peek() != "-" or self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return _literal(low)
        self._at += 1
        high = self._next()
        high = self._control(self._next()) if high == "\\" else high
        if high < low:
            raise self._fault("pattern_range")
        return lambda sign: low <= sign <= high


def _moved(piece: list[Instruction], by: int) -> list[Instruction]:
    moved: list[Instruction] = []
    for kind, *rest in piece:
        moved.append((kind, *(place + by for place in rest)) if kind in ("split", "jump") else (kind, *rest))
    return moved


def _alternatives(one: list[Instruction], other: list[Instruction]) -> list[Instruction]:
    middle, end = len(one) + 2, len(one) + len(other) + 2
    return [("split", 1, middle), *_moved(one, 1), ("jump", end), *_moved(other, middle)]


def _any_number(piece: list[Instruction]) -> list[Instruction]:
    return [("split", 1, len(piece) + 2), *_moved(piece, 1), ("jump", 0)]


def _maybe(piece: list[Instruction]) -> list[Instruction]:
    return [("split", 1, len(piece) + 1), *_moved(piece, 1)]
