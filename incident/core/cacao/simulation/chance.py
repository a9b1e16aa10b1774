"""Chance as a value that is handed in: a `random.Random` with a seed, so that the same seed gives the same play."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Chance(Protocol):
    """Something that draws numbers."""

    def random(self) -> float:
        """Draw a number from 0 up to, but without, 1."""


def drawn(chance: Chance, among: Sequence[T]) -> T:
    """Draw one of several."""
    return among[int(chance.random() * len(among))]
