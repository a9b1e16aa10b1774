"""Finds a text that a pattern matches, by the shortest path through its program."""

from __future__ import annotations

from collections import deque

from incident.core.cacao.text.automaton import Pattern

ALPHABET = "a1A. -_/:@#%+=?&,;'\"()[]{}<>|*^$~!\\\n\t中" + "bcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ023456789"


def witness(pattern: Pattern) -> str | None:
    """Return a short text that the pattern matches, None when none was found."""
    for text in _candidates(pattern):
        if len(text) <= 1000 and pattern.is_match(text):
            return text
    return None


def _candidates(pattern: Pattern) -> tuple[str, ...]:
    shortest = _shortest(pattern)
    return () if shortest is None else (shortest, f"{shortest} ", f" {shortest} ", f"a{shortest}a")


def _shortest(pattern: Pattern) -> str | None:
    """Walk the program breadth first, ignoring anchors (`at`): the caller tries the result."""
    seen, waiting = {0}, deque([(0, "")])
    while waiting:
        place, text = waiting.popleft()
        kind, *rest = pattern.program[place]
        if kind == "match":
            return text
        for there in rest if kind in ("split", "jump") else (place + 1,):
            letter = next((one for one in ALPHABET if rest[0](one)), None) if kind == "char" else ""
            if letter is not None and there not in seen:
                seen.add(there)
                waiting.append((there, text + letter))
    return None
