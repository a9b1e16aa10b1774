"""Randomness as an argument: a seeded `random.Random`, so that the same seed gives the same play."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Chance(Protocol):
    """A source of random numbers."""

    def random(self) -> float:
        """Draw a number from 0 up to, but excluding, 1."""


def drawn(chance: Chance, among: Sequence[T]) -> T:
    """Draw one of several values."""
    return among[int(chance.random() * len(among))]
