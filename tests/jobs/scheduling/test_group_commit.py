"""Group commit: items of many threads are written together, and a faulty item affects no other."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from incident.jobs.scheduling import group_commit
from incident.jobs.scheduling.group_commit import GroupCommit


class Paper:
    """Accepts items; refuses a bad one, and blocks at its first write until the test releases it."""

    def __init__(self, count: int) -> None:
        self.writings: list[list[int]] = []
        self.is_reached = threading.Event()
        self.gate = threading.Event()
        self.together = GroupCommit(self.write)
        self.pool = ThreadPoolExecutor(count)

    def write(self, pieces: Sequence[int]) -> None:
        if not self.is_reached.is_set():
            self.is_reached.set()
            self.gate.wait(10)
        if any(piece < 0 for piece in pieces):
            raise ValueError("bad")
        self.writings.append(sorted(pieces))

    def submit(self, *pieces: int) -> list[BaseException | None]:
        """Submit the first item, and all others while it is being written; return each result."""
        first = self.pool.submit(self.together.submit, pieces[0])
        assert self.is_reached.wait(10)
        others = [self.pool.submit(self.together.submit, piece) for piece in pieces[1:]]
        while len(self.together._waiting) < len(others):  # all of them wait for the first
            threading.Event().wait(0.001)
        self.gate.set()
        return [one.exception(10) for one in (first, *others)]


def test_what_comes_while_one_is_written_is_written_in_one_go() -> None:
    paper = Paper(9)
    assert paper.submit(*range(9)) == [None] * 9
    assert paper.writings == [[0], list(range(1, 9))]


@pytest.mark.parametrize("bad_at", [1, 3, 5])
def test_a_piece_at_fault_meets_its_own_fault_and_the_others_are_written_once(bad_at: int) -> None:
    paper = Paper(6)
    pieces = [-1 if at == bad_at else at for at in range(6)]
    met = paper.submit(*pieces)
    assert [at for at, fault in enumerate(met) if isinstance(fault, ValueError)] == [bad_at]
    assert sorted(piece for writing in paper.writings for piece in writing) == sorted(set(pieces) - {-1})


def test_pieces_that_end_at_about_the_same_time_are_written_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "GATHER_LIMIT", 10.0)
    writings: list[list[int]] = []
    gathers = GroupCommit[int](lambda pieces: writings.append(sorted(pieces)), in_hand=lambda: 5)
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(gathers.submit, range(5)))
    assert writings == [[0, 1, 2, 3, 4]]


@pytest.mark.parametrize(("in_hand", "limit"), [(1, 1000.0), (5, 0.01)])
def test_a_piece_waits_for_no_other_that_is_not_in_hand_or_takes_long(
    monkeypatch: pytest.MonkeyPatch, in_hand: int, limit: float
) -> None:
    monkeypatch.setattr(group_commit, "GATHER_LIMIT", limit)
    writings: list[list[int]] = []
    GroupCommit[int](lambda pieces: writings.append(list(pieces)), in_hand=lambda: in_hand).submit(7)
    assert writings == [[7]]
