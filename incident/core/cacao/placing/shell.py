"""Finds the variables in a shell command, and whether quoting makes them plain words there (P18).

It parses like POSIX shells and bash. A place that it does not understand for certain counts as one where quoting is
unsafe; so does everything after a place that shells parse differently.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from incident.core.cacao.placing.shell_code import INPUT, SPECIAL, computes, expands, runs_given_text
from incident.core.cacao.placing.shell_words import Word, risks
from incident.core.cacao.substitution import REFERENCE

# Larger commands with variables are not analysed.
MAX_LENGTH = 65_536
MAX_REFERENCES = 500

_ODD_JOINT = re.compile(r"[<>$&|(\[]\\\n")
_DELIMITER = re.compile(r"[^\s;&|<>()]*")


@dataclass(frozen=True, slots=True)
class ShellPlace:
    """A reference; `inside` is the construct around it, in shell syntax, "" where it can be quoted."""

    name: str
    start: int
    inside: str


def quoted(value: str) -> str:
    """Return a value as one word for any POSIX shell, always in quotes; backslashes are written so that fish agrees."""
    inner = re.sub(r"['\\]", lambda found: "'\"'\"'" if found.group() == "'" else "'\"\\\\\"'", value)
    return f"'{inner}'"


def shell_places(text: str) -> tuple[ShellPlace, ...]:
    """Return every reference in a shell command, in order."""
    reader = _Reader(text)
    reader.read()
    return tuple(
        ShellPlace(match.group(1), match.start(), reader.inside.get(match.start(), "\\"))
        for match in REFERENCE.finditer(text)
    )


class _Reader:
    """Parses a command once; `inside` gives the construct around each reference that was reached."""

    def __init__(self, text: str) -> None:
        self.inside: dict[int, str] = {}
        self._text = text
        self._ends = {match.start(): match.end() for match in REFERENCE.finditer(text)}
        self._starts = list(self._ends)
        self._at = 0
        self._from: int | None = None
        self._word: list[int] = []
        self._words: list[Word] = []
        self._piped: list[int] = []
        self._target = ""
        self._documents: list[tuple[str, bool, bool]] = []
        self._is_fed = self._has_input = self._has_document = False
        self._assigned: list[int] = []
        self._runs = self._runs_document = ""
        is_large = len(text) > MAX_LENGTH or len(self._ends) > MAX_REFERENCES
        self._lost_from = 0 if is_large or _ODD_JOINT.search(text) else len(text) + 1

    def read(self) -> None:
        """Parse to the end; text after a place that shells parse differently is never treated as plain."""
        while self._at < len(self._text) and self._lost_from:
            self._step(self._text[self._at])
        self._end_command()
        self._tell_of_detours()
        for start in self._ends:
            if start >= self._lost_from:
                self.inside[start] = self.inside.get(start) or "?"

    def _tell_of_detours(self) -> None:
        """Mark each value that may reach an executing command through a variable, a pipe or a function."""
        if not self._runs and re.search(r"(?<![\w./-])eval(?![\w.-])", REFERENCE.sub("", self._text)):
            self._runs = "eval"
        if self._runs:
            self.inside.update({start: self._runs for start in self._ends if not self.inside.get(start)})
        elif computes(self._text):
            self.inside.update({start: "((…))" for start in self._assigned if not self.inside.get(start)})

    def _step(self, sign: str) -> None:
        if self._at in self._ends:
            self._begin_word()
            self._word.append(self._at)
            self._at = self._ends[self._at]
        elif self._text[self._at : self._at + 2] == "\\\n":
            self._at += 2
        elif sign in " \t":
            self._end_word()
            self._at += 1
        elif sign in "<>" or self._text[self._at : self._at + 2] == "&>":
            self._redirect(sign)
        elif sign in ";&|)\n" or (sign == "(" and self._from is None):
            self._separate(sign)
        elif sign == "#" and self._from is None:
            self._skip_to(self._text.find("\n", self._at), "#")
        else:
            self._begin_word()
            self._in_word(sign)

    def _in_word(self, sign: str) -> None:
        following = self._text[self._at + 1 : self._at + 2]
        if sign == "\\":
            self._at += 2
        elif sign == "(":
            self._nested(self._at + 1, ")", "(…)")
        elif sign == "'":
            self._skip_past(self._text.find("'", self._at + 1), "'…'")
        elif sign == '"':
            self._nested(self._at + 1, '"', '"…"')
        elif sign == "`":
            self._nested(self._at + 1, "`", "`…`")
        elif sign == "$":
            self._dollar(following)
        else:
            self._at += 1

    def _dollar(self, following: str) -> None:
        closing = {"(": (")", "$(…)"), "{": ("}", "${…}"), "[": ("]", "$[…]")}.get(following)
        if closing is not None:
            self._nested(self._at + 2, *closing)
        elif self._at + 1 in self._ends:
            self.inside[self._at + 1] = "$"
            self._at = self._ends[self._at + 1]
        elif following == "'":
            end = self._text.find("'", self._at + 2)
            if "\\" in self._text[self._at : end if end >= 0 else None]:
                self._lose()
            self._at += 1
            self._skip_past(end, "$'…'")
        else:
            self._at += 1

    def _nested(self, start: int, end: str, name: str) -> None:
        """Skip quoted or substituted text; every reference in it counts as inside."""
        first, stack, at = self._at, [end], start
        while at < len(self._text) and stack:
            sign, pair, closing = self._text[at], self._text[at : at + 2], stack[-1]
            at += 2 if sign == "\\" else 1
            if sign == closing:
                stack.pop()
            elif pair in ("$(", "${"):
                stack.append(")" if pair == "$(" else "}")
                at += 1
            elif sign == "`" or (sign == '"' and closing != '"'):
                stack.append(sign)
            elif sign == "(" and closing == ")":
                stack.append(")")
            elif sign == "'" and closing == ")":
                found = self._text.find("'", at)
                at = len(self._text) if found < 0 else found + 1
        self._at = at
        content = self._text[start:at]
        if end != '"' or re.search(r"\$[({]|`", content):
            self._doubt(content)
        self._mark(first, at, name)

    def _doubt(self, content: str) -> None:
        """Stop trusting the parse where nested quoting, here-documents, comments or `case` are ambiguous."""
        is_subtle = re.search(r"\$\{|`", content) or content[-1:] in ("}", "]", "`")
        if re.search(r"<<|case|#|\$'", content) or (is_subtle and re.search(r"[\"'\\]", content[:-1])):
            self._lose()

    def _lose(self) -> None:
        self._lost_from = min(self._lost_from, self._at)

    def _redirect(self, sign: str) -> None:
        here = self._text[self._at : self._at + 3]
        if here[1:2] == "(":
            self._begin_word()
            self._nested(self._at + 2, ")", f"{sign}(…)")
            return
        self._end_word()
        if self._words and self._words[-1].raw.isdigit() and self._text[self._at - 1].isdigit():
            self._words.pop()
        if here == "<<<":
            self._words.append(Word("<<<"))
            self._at += 3
        elif here[:2] == "<<":
            self._at += 2
            self._begin_document()
        else:
            self._has_input |= sign == "<" and here[1:2] != "&"
            self._target = ">&" if here[1:2] == "&" and sign != "&" else ">"
            self._at += 2 if here[1:2] in ("&", "|", ">") else 1

    def _begin_document(self) -> None:
        is_indented = self._text[self._at : self._at + 1] == "-"
        self._at += is_indented
        while self._text[self._at : self._at + 1] in (" ", "\t"):
            self._at += 1
        written = _DELIMITER.match(self._text, self._at)
        word = written.group() if written else ""
        self._at += len(word)
        if not word or re.search(r"[$`\\]", word) or word.count("'") % 2 or word.count('"') % 2:
            self._lose()
        plain = re.sub(r"['\"]", "", word)
        self._documents.append((plain, is_indented, plain != word))
        self._has_document = True

    def _separate(self, sign: str) -> None:
        if sign == "(" and self._text[self._at + 1 : self._at + 2] == "(":
            self._nested(self._at + 1, ")", "((…))")
            return
        is_pipe = sign == "|" and self._text[self._at : self._at + 2] != "||"
        is_pipe = is_pipe or (sign == "&" and self._at > 0 and self._text[self._at - 1] == "|")
        self._end_command(is_pipe=is_pipe)
        if sign == "|" and not is_pipe:
            self._at += 1
        self._at += 1
        if sign == "\n":
            self._read_documents()

    def _read_documents(self) -> None:
        for delimiter, is_indented, is_quoted in self._documents:
            start = self._at
            while self._at < len(self._text):
                end = self._text.find("\n", self._at)
                line = self._text[self._at : end if end >= 0 else None]
                self._at = len(self._text) if end < 0 else end + 1
                if (line.lstrip("\t") if is_indented else line) == delimiter:
                    break
                if line.endswith("\\"):
                    self._lose()
            self._mark(start, self._at, "<<")
            if not is_quoted and expands(self._text[start : self._at]):
                self._runs = self._runs or self._runs_document
        self._documents.clear()
        self._runs_document = ""

    def _begin_word(self) -> None:
        if self._from is None:
            self._from = self._at

    def _end_word(self) -> None:
        if self._from is not None and self._target:
            # The word after >& is expanded a second time by bash; any other file is just named.
            self.inside.update(dict.fromkeys(self._word, ">&" if self._target == ">&" else ""))
            self._target = ""
        elif self._from is not None:
            raw = self._text[self._from : self._at]
            self._words.append(Word(raw, tuple((start - self._from, start) for start in self._word)))
        self._from, self._word = None, []

    def _end_command(self, is_pipe: bool = False) -> None:
        self._end_word()
        self._target = ""
        risky, is_shell = risks(self._words)
        self.inside.update(risky)
        if is_shell:
            self.inside.update({start: "| sh" for start in self._piped if not self.inside[start]})
        self._note_detours()
        self._piped = [*self._piped, *risky] if is_pipe else []
        self._is_fed = is_pipe or (self._is_fed and not self._words)
        self._has_input = self._has_document = False
        self._words = []

    def _note_detours(self) -> None:
        """Record commands that execute a text from elsewhere, and references assigned to shell variables."""
        runs = runs_given_text(self._words, is_fed=self._is_fed)
        if runs.endswith(INPUT) and self._has_document:
            self._runs_document = runs
        elif runs and not (runs.endswith(INPUT) and self._has_input):
            self._runs = self._runs or runs
        is_setting = any(one.raw in ("for", "select", "set", "read") for one in self._words)
        for word in self._words:
            starts = [start for _, start in word.references]
            if is_setting or re.match(r"[A-Za-z_]\w*\+?=", word.raw):
                self._assigned += starts
            if found := SPECIAL.match(word.raw):
                self.inside.update({start: found.group() for start in starts if not self.inside[start]})

    def _skip_past(self, end: int, name: str) -> None:
        first, self._at = self._at, len(self._text) if end < 0 else end + 1
        self._mark(first, self._at, name)

    def _skip_to(self, end: int, name: str) -> None:
        first, self._at = self._at, len(self._text) if end < 0 else end
        self._mark(first, self._at, name)

    def _mark(self, first: int, end: int, name: str) -> None:
        at = bisect_left(self._starts, first)
        self.inside.update(dict.fromkeys(self._starts[at : bisect_left(self._starts, end)], name))
