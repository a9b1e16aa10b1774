"""Proofs of work: solved in their order, and only for their own challenge."""

import itertools

import pytest

from incident.core.reports.proof_of_work import PUZZLES, is_proved, solves


def solved(challenge: str) -> str:
    """The solutions of a challenge, as a browser computes them."""
    return ",".join(
        str(next(one for one in itertools.count() if solves(challenge, puzzle, one))) for puzzle in range(PUZZLES)
    )


def test_the_first_numbers_that_solve_each_puzzle_are_a_proof_for_their_challenge_alone() -> None:
    solutions = solved("a")
    assert is_proved("a", solutions)
    assert not is_proved("b", solutions)
    assert not is_proved("a", ",".join(reversed(solutions.split(","))))


@pytest.mark.parametrize(
    "wrong", ["", "0", ",".join("0" * PUZZLES), "1," * PUZZLES, "x", "\u0661," * 15 + "\u0661", "9" * 10_000, "-1"]
)
def test_anything_else_is_none(wrong: str) -> None:
    assert not is_proved("a", wrong)
