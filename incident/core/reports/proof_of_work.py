"""Proof of work: a browser computes for some seconds to send a report although its address has sent many."""

import hashlib
from typing import Final

PUZZLES: Final = 16
"""How many puzzles make one proof: many small ones take about the same time for everybody."""

BITS: Final = 14
"""How many zero bits a solution has; it is found after 2 ** BITS attempts on average."""

SOLUTIONS_LIMIT: Final = 200
"""The largest number of characters of the solutions of a proof."""


def solves(challenge: str, puzzle: int, solution: int) -> bool:
    """Return whether a number solves one puzzle of a challenge."""
    digest = hashlib.sha256(f"{challenge}.{puzzle}.{solution}".encode()).digest()
    return int.from_bytes(digest[:4]) >> (32 - BITS) == 0


def is_proved(challenge: str, solutions: str) -> bool:
    """Return whether solutions, as decimal numbers with commas, solve all puzzles of a challenge in their order."""
    found = solutions.split(",") if len(solutions) <= SOLUTIONS_LIMIT else []
    is_whole = len(found) == PUZZLES and all(one.isascii() and one.isdigit() for one in found)
    return is_whole and all(solves(challenge, number, int(one)) for number, one in enumerate(found))
