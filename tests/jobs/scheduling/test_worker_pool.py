"""The worker pool: a bounded number of threads that take work when free."""

import threading
from collections.abc import Sequence

import pytest

from incident.jobs.scheduling import worker_pool
from incident.jobs.scheduling.worker_pool import WorkerPool
from tests.jobs.running import until


class Work:
    """Jobs that wait until the test releases them, and their observed states."""

    def __init__(self, count: int) -> None:
        self.waiting = list(range(count))
        self.gate = threading.Event()
        self.lock = threading.Lock()
        self.running = 0
        self.most = 0
        self.done: list[int] = []

    def claim(self, free: int, _in_flight: Sequence[int]) -> list[int]:
        taken, self.waiting = self.waiting[:free], self.waiting[free:]
        return taken

    def do(self, piece: int) -> None:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.gate.wait(10)
        with self.lock:
            self.running -= 1
            self.done.append(piece)


def test_no_more_is_done_at_once_than_there_are_slots_and_all_is_done_once() -> None:
    work = Work(20)
    some = WorkerPool("test", 4, work.claim, work.do)
    some.start()
    some.notify()
    until(lambda: work.running == 4)
    assert len(work.waiting) == 16
    work.gate.set()
    until(lambda: len(work.done) == 20)
    some.stop(5)
    assert (sorted(work.done), work.most) == (list(range(20)), 4)


def test_a_claim_learns_what_is_in_flight() -> None:
    work = Work(2)
    seen: list[tuple[int, list[int]]] = []

    def claim(free: int, in_flight: Sequence[int]) -> list[int]:
        seen.append((free, sorted(in_flight)))
        return work.claim(1, in_flight)

    some = WorkerPool("test", 3, claim, work.do)
    some.start()
    some.notify()
    until(lambda: len(seen) == 3)
    assert seen == [(3, []), (2, [0]), (1, [0, 1])]
    work.gate.set()
    some.stop(5)


def test_work_that_fails_gives_its_slot_back() -> None:
    work = Work(5)
    work.gate.set()

    def fail(piece: int) -> None:
        work.do(piece)
        raise ZeroDivisionError

    some = WorkerPool("test", 1, work.claim, fail)
    some.start()
    some.notify()
    until(lambda: len(work.done) == 5)
    some.stop(5)


def test_a_claim_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "PAUSE_AFTER_FAULT", 0.05)
    work = Work(1)
    work.gate.set()
    faults = [ConnectionError(), ConnectionError()]

    def claim(free: int, in_flight: Sequence[int]) -> list[int]:
        if faults:
            raise faults.pop()
        return work.claim(free, in_flight)

    some = WorkerPool("test", 1, claim, work.do)
    some.start()
    some.notify()
    until(lambda: work.done == [0])
    assert some.is_alive
    some.stop(5)
    assert not some.is_alive


def test_stopping_lets_what_is_in_hand_end_and_begins_nothing_more() -> None:
    work = Work(4)
    some = WorkerPool("test", 2, work.claim, work.do)
    some.start()
    some.notify()
    until(lambda: work.running == 2)
    threading.Timer(0.2, work.gate.set).start()
    some.stop(5)
    assert (sorted(work.done), work.waiting) == ([0, 1], [2, 3])


def test_what_takes_long_is_kept_in_hand_now_and_then() -> None:
    work = Work(1)
    kept: list[Sequence[int]] = []
    some = WorkerPool("test", 2, work.claim, work.do, kept.append, keep_every=0.0)
    some.start()
    some.notify()
    until(lambda: work.running == 1)
    some.notify()
    until(lambda: kept)
    assert list(kept[0]) == [0]
    work.gate.set()
    some.stop(5)
