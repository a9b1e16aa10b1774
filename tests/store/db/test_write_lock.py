"""The write lock: writers take turns across processes; a dead process releases it; batches yield."""

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


def count_on(turns: WriteLock, file: Path) -> None:
    for _ in range(ROUNDS):
        assert turns.take()
        file.write_text(str(int(file.read_text()) + 1))
        turns.give_back()


def test_no_two_processes_have_the_turn_at_once(tmp_path: Path) -> None:
    turns, file = WriteLock(str(tmp_path / "turn")), tmp_path / "count"
    file.write_text("0")
    writers = [FORK.Process(target=count_on, args=(turns, file)) for _ in range(WRITERS)]
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
    turns = WriteLock(str(folder / "turn"))
    process = FORK.Process(target=dying, args=(turns,))
    process.start()
    process.join(60)
    return turns


def take_and_die(turns: WriteLock) -> None:
    turns.take()
    os._exit(0)


def test_the_turn_of_a_process_that_died_is_free(tmp_path: Path) -> None:
    turns = left_by(take_and_die, tmp_path)
    file = tmp_path / "count"
    file.write_text("0")
    count_on(turns, file)
    assert int(file.read_text()) == ROUNDS


def test_many_rings_that_nobody_hears_are_no_trouble(tmp_path: Path) -> None:
    turns = WriteLock(str(tmp_path / "turn"))
    for _ in range(70_000):  # a pipe holds 65,536
        turns._ring()
    assert turns.take()
    turns.give_back()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order holds however slow the machine is."""
    monkeypatch.setattr(module, "PATIENCE", 60.0)


def write(turns: WriteLock, file: Path, what: str) -> None:
    assert turns.take()
    file.write_text(file.read_text() + what)
    turns.give_back()


def write_when(turns: WriteLock, file: Path, what: str, is_time: Event) -> None:
    assert is_time.wait(60)
    write(turns, file, what)


def write_as_batch(turns: WriteLock, file: Path, what: str, is_time: Event) -> None:
    assert is_time.wait(60)
    with turns.giving_way():
        write(turns, file, what)


def until_one_waits(waiting: Waiters) -> None:
    while not waiting.has_any(time.monotonic_ns()):
        time.sleep(0.001)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("start", [Thread, FORK.Process])
@pytest.mark.parametrize("_", range(5))  # without an order the next one is random
def test_a_batch_comes_after_those_who_wait_and_before_those_who_come_later(
    tmp_path: Path, start: type[Thread] | type[ForkProcess], _: int
) -> None:
    turns, file = WriteLock(str(tmp_path / "turn")), tmp_path / "order"
    file.write_text("")
    signs = [FORK.Event() for _ in range(3)]
    others = [
        start(target=write_when, args=(turns, file, "first ", signs[0])),
        start(target=write_as_batch, args=(turns, file, "batch ", signs[1])),
        start(target=write_when, args=(turns, file, "late", signs[2])),
    ]
    for other in others:
        other.start()
    assert turns.take()
    signs[0].set()
    until_one_waits(turns.writers)
    signs[1].set()
    until_one_waits(turns.batches)
    signs[2].set()
    time.sleep(0.05)
    turns.give_back()
    for other in others:
        other.join(60)
    assert file.read_text() == "first batch late"


def wait_and_die(turns: WriteLock) -> None:
    with turns.writers.one_more():
        os._exit(0)


def test_one_who_died_while_waiting_is_not_waited_for(tmp_path: Path) -> None:
    turns = left_by(wait_and_die, tmp_path)
    assert not turns.writers.has_any(time.monotonic_ns())


def test_nobody_is_let_go_first_for_ever(tmp_path: Path) -> None:
    turns, file = WriteLock(str(tmp_path / "turn")), tmp_path / "order"
    file.write_text("")
    with turns.batches.one_more():
        write(turns, file, "a writer ")
    with turns.writers.one_more(), turns.giving_way():
        write(turns, file, "a batch")
    assert file.read_text() == "a writer a batch"


def test_what_a_bell_needs_is_given_back_with_it(tmp_path: Path) -> None:
    files = "/dev/fd"
    before = len(os.listdir(files))
    for number in range(20):
        turns = WriteLock(str(tmp_path / f"{number}"))
        assert turns.take()
        turns.give_back()
        with turns.giving_way():
            assert turns.take()
            turns.give_back()
    del turns
    assert len(os.listdir(files)) <= before
