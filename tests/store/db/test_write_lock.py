"""Writers acquire the lock one after another, across processes; a dead process releases it; batches yield."""

import multiprocessing
import os
import time
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from threading import Thread

import pytest

from incident.store.db import write_lock as module
from incident.store.db.waiters import Waiters
from incident.store.db.write_lock import WriteLock

FORK = multiprocessing.get_context("fork")
WRITERS, ROUNDS = 4, 50


def count_on(lock: WriteLock, file: Path) -> None:
    for _ in range(ROUNDS):
        assert lock.acquire()
        file.write_text(str(int(file.read_text()) + 1))
        lock.release()


def test_no_two_processes_have_the_turn_at_once(tmp_path: Path) -> None:
    lock, file = WriteLock(str(tmp_path / "turn")), tmp_path / "count"
    file.write_text("0")
    writers = [FORK.Process(target=count_on, args=(lock, file)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert int(file.read_text()) == WRITERS * ROUNDS


def test_a_program_that_was_started_by_itself_takes_its_turns_too(tmp_path: Path) -> None:
    ours, other, file = WriteLock(str(tmp_path / "turn")), WriteLock(str(tmp_path / "turn")), tmp_path / "count"
    file.write_text("0")
    writer = FORK.Process(target=count_on, args=(other, file))
    writer.start()
    count_on(ours, file)
    writer.join(60)
    assert int(file.read_text()) == 2 * ROUNDS


def left_by(dying: Callable[[WriteLock], None], folder: Path) -> WriteLock:
    """Turns that a process had a part in until it died."""
    lock = WriteLock(str(folder / "turn"))
    process = FORK.Process(target=dying, args=(lock,))
    process.start()
    process.join(60)
    return lock


def take_and_die(lock: WriteLock) -> None:
    lock.acquire()
    os._exit(0)


def test_the_turn_of_a_process_that_died_is_free(tmp_path: Path) -> None:
    lock = left_by(take_and_die, tmp_path)
    file = tmp_path / "count"
    file.write_text("0")
    count_on(lock, file)
    assert int(file.read_text()) == ROUNDS


def test_many_rings_that_nobody_hears_are_no_trouble(tmp_path: Path) -> None:
    lock = WriteLock(str(tmp_path / "turn"))
    for _ in range(70_000):  # a pipe holds 65,536
        lock._notify()
    assert lock.acquire()
    lock.release()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order holds however slow the machine is."""
    monkeypatch.setattr(module, "YIELD_LIMIT", 60.0)


def write(lock: WriteLock, file: Path, what: str) -> None:
    assert lock.acquire()
    file.write_text(file.read_text() + what)
    lock.release()


def write_when(lock: WriteLock, file: Path, what: str, is_time: Event) -> None:
    assert is_time.wait(60)
    write(lock, file, what)


def write_as_batch(lock: WriteLock, file: Path, what: str, is_time: Event) -> None:
    assert is_time.wait(60)
    with lock.yielding():
        write(lock, file, what)


def until_one_waits(waiting: Waiters) -> None:
    while not waiting.any_before(time.monotonic_ns()):
        time.sleep(0.001)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("start", [Thread, FORK.Process])
@pytest.mark.parametrize("_", range(5))  # without an order the next one is random
def test_a_batch_comes_after_those_who_wait_and_before_those_who_come_later(
    tmp_path: Path, start: type[Thread] | type[ForkProcess], _: int
) -> None:
    lock, file = WriteLock(str(tmp_path / "turn")), tmp_path / "order"
    file.write_text("")
    signs = [FORK.Event() for _ in range(3)]
    others = [
        start(target=write_when, args=(lock, file, "first ", signs[0])),
        start(target=write_as_batch, args=(lock, file, "batch ", signs[1])),
        start(target=write_when, args=(lock, file, "late", signs[2])),
    ]
    for other in others:
        other.start()
    assert lock.acquire()
    signs[0].set()
    until_one_waits(lock.writers)
    signs[1].set()
    until_one_waits(lock.batches)
    signs[2].set()
    time.sleep(0.05)
    lock.release()
    for other in others:
        other.join(60)
    assert file.read_text() == "first batch late"


def wait_and_die(lock: WriteLock) -> None:
    with lock.writers.register():
        os._exit(0)


def test_one_who_died_while_waiting_is_not_waited_for(tmp_path: Path) -> None:
    lock = left_by(wait_and_die, tmp_path)
    assert not lock.writers.any_before(time.monotonic_ns())


def test_nobody_is_let_go_first_for_ever(tmp_path: Path) -> None:
    lock, file = WriteLock(str(tmp_path / "turn")), tmp_path / "order"
    file.write_text("")
    with lock.batches.register():
        write(lock, file, "a writer ")
    with lock.writers.register(), lock.yielding():
        write(lock, file, "a batch")
    assert file.read_text() == "a writer a batch"


def test_what_a_bell_needs_is_given_back_with_it(tmp_path: Path) -> None:
    files = "/dev/fd"
    before = len(os.listdir(files))
    for number in range(20):
        lock = WriteLock(str(tmp_path / f"{number}"))
        assert lock.acquire()
        lock.release()
        with lock.yielding():
            assert lock.acquire()
            lock.release()
    del lock
    assert len(os.listdir(files)) <= before
