"""Waiters are visible from every process as long as they wait."""

import multiprocessing
import time
from multiprocessing.synchronize import Event
from pathlib import Path

from incident.store.db.waiters import Waiters

FORK = multiprocessing.get_context("fork")


def wait_until(path: str, waits: Event, is_over: Event) -> None:
    with Waiters(path).register():
        waits.set()
        assert is_over.wait(60)


def test_one_who_waits_in_another_process_is_seen_until_it_waits_no_more(tmp_path: Path) -> None:
    path, waits, is_over = str(tmp_path / "line"), FORK.Event(), FORK.Event()
    before, ours = time.monotonic_ns(), Waiters(path)
    other = FORK.Process(target=wait_until, args=(path, waits, is_over))
    other.start()
    assert waits.wait(60)
    assert ours.any_before(time.monotonic_ns())
    assert not ours.any_before(before)
    is_over.set()
    other.join(60)
    assert not ours.any_before(time.monotonic_ns())


def test_threads_of_one_process_see_each_other(tmp_path: Path) -> None:
    waiting = Waiters(str(tmp_path / "line"))
    with waiting.register() as first:
        with waiting.register() as second:
            assert first < second
            assert waiting.any_before(second)
        assert not waiting.any_before(first)
    assert not waiting.any_before(time.monotonic_ns())


def test_nothing_is_written_into_the_file(tmp_path: Path) -> None:
    waiting = Waiters(str(tmp_path / "line"))
    with waiting.register():
        assert (tmp_path / "line").stat().st_size == 0
