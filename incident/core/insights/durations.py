"""Durations as letters on a logarithmic scale; a sum keeps those of its durations as a text in order.

Median and 90th percentile of several texts follow from how many letters of each come before a given one.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

LEAST: Final = 8
"""Seconds of the first letter; what is shorter has it too."""

STEPS: Final = 4
"""Letters for each doubling."""

LETTERS: Final = 94
"""Letters: the last stands for two and a half years, and for what is longer."""

FIRST: Final = 33
"""The code of the first letter, `!`; the last is `~`."""

SCALE: Final = "".join(chr(FIRST + step) for step in range(LETTERS))
"""All letters in order."""

PRECISION: Final = 9
"""By how many percent the duration of a letter may be wrong; the first letter by 8 seconds."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took: how often it happened, its median, and within what 90 % of it was done."""

    number: int
    median: timedelta | None = None
    ninetieth: timedelta | None = None


def letter_of(took: timedelta) -> str:
    """Return the letter of a duration; one below zero, as of a moment recorded afterwards, counts as none."""
    steps = STEPS * math.log2(max(took.total_seconds(), LEAST) / LEAST)
    return chr(FIRST + min(round(steps), LETTERS - 1))


def duration_of(letter: str) -> timedelta:
    """Return the duration that a letter stands for."""
    return timedelta(seconds=round(LEAST * 2 ** ((ord(letter) - FIRST) / STEPS)))


def spread_of(parts: Sequence[str]) -> Spread:
    """Return the spread of durations, by the nearest rank; the letters of each part are in order."""
    number = sum(map(len, parts))
    if not number:
        return Spread(0)
    return Spread(number, duration_of(_at(parts, number, 50)), duration_of(_at(parts, number, 90)))


def with_letters(letters: str, added: Iterable[str]) -> str:
    """Return letters in order, with further ones at their places."""
    for letter in added:
        place = bisect_right(letters, letter)
        letters = f"{letters[:place]}{letter}{letters[place:]}"
    return letters


def without_letters(letters: str, removed: Iterable[str]) -> str:
    """Return letters without some of them, each once."""
    for letter in removed:
        letters = letters.replace(letter, "", 1)
    return letters


def _at(parts: Sequence[str], number: int, percent: int) -> str:
    rank = math.ceil(number * percent / 100)
    if len(parts) == 1:
        return parts[0][rank - 1]
    return SCALE[bisect_left(SCALE, rank, key=lambda letter: sum(bisect_right(part, letter) for part in parts))]
