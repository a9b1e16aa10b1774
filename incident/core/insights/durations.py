"""Durations as letters: one for each, on a logarithmic scale, so that sums of days are put together as texts.

The letters of a month are those of its days, one after the other; median and 90th percentile follow from them.
"""

import math
from collections.abc import Iterable
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


def spread_of(letters: str) -> Spread:
    """Return the spread of durations, by the nearest rank."""
    if not letters:
        return Spread(0)
    ranked = "".join(letter * letters.count(letter) for letter in sorted(set(letters)))
    return Spread(len(letters), duration_of(_at(ranked, 50)), duration_of(_at(ranked, 90)))


def without_letters(letters: str, removed: Iterable[str]) -> str:
    """Return letters without some of them, each once."""
    for letter in removed:
        letters = letters.replace(letter, "", 1)
    return letters


def _at(ranked: str, percent: int) -> str:
    return ranked[math.ceil(len(ranked) * percent / 100) - 1]
