"""Writers take turns, within a process and among processes; a turn ends with its process."""

import multiprocessing
import os
from pathlib import Path

from incident.store.turns import Turns

FORK = multiprocessing.get_context("fork")
WRITERS, ROUNDS = 4, 50


def count_on(turns: Turns, file: Path) -> None:
    for _ in range(ROUNDS):
        assert turns.take()
        file.write_text(str(int(file.read_text()) + 1))
        turns.give_back()


def test_no_two_processes_have_the_turn_at_once(tmp_path: Path) -> None:
    turns, file = Turns(str(tmp_path / "turn")), tmp_path / "count"
    file.write_text("0")
    writers = [FORK.Process(target=count_on, args=(turns, file)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert int(file.read_text()) == WRITERS * ROUNDS


def test_a_program_that_was_started_by_itself_takes_its_turns_too(tmp_path: Path) -> None:
    ours, other, file = Turns(str(tmp_path / "turn")), Turns(str(tmp_path / "turn")), tmp_path / "count"
    file.write_text("0")
    writer = FORK.Process(target=count_on, args=(other, file))
    writer.start()
    count_on(ours, file)
    writer.join(60)
    assert int(file.read_text()) == 2 * ROUNDS


def take_and_die(turns: Turns) -> None:
    turns.take()
    os._exit(0)


def test_the_turn_of_a_process_that_died_is_free(tmp_path: Path) -> None:
    turns = Turns(str(tmp_path / "turn"))
    dying = FORK.Process(target=take_and_die, args=(turns,))
    dying.start()
    dying.join(60)
    file = tmp_path / "count"
    file.write_text("0")
    count_on(turns, file)
    assert int(file.read_text()) == ROUNDS


def test_many_rings_that_nobody_hears_are_no_trouble(tmp_path: Path) -> None:
    turns = Turns(str(tmp_path / "turn"))
    for _ in range(70_000):  # a pipe holds 65,536
        turns._ring()
    assert turns.take()
    turns.give_back()


def test_what_a_bell_needs_is_given_back_with_it(tmp_path: Path) -> None:
    files = "/dev/fd"
    before = len(os.listdir(files))
    for number in range(20):
        Turns(str(tmp_path / f"{number}"))
    assert len(os.listdir(files)) <= before
