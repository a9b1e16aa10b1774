"""Slow hashing of receipts: parameters, two places on a node, no wait without end."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from argon2.low_level import Type, hash_secret_raw

from incident.keyring import KeyRing
from incident.receipt_hashing import HashingBusy, ReceiptHasher
from tests.ring import put_ring


def test_a_receipt_is_hashed_with_the_stated_parameters() -> None:
    expected = hash_secret_raw(b"4071223398150042", b"s" * 16, 2, 19 * 1024, 1, 32, Type.ID)
    assert ReceiptHasher().hash("4071223398150042", b"s" * 16) == expected


def test_at_most_two_hashes_run_at_once_and_the_third_gives_up_in_time() -> None:
    hasher = ReceiptHasher(wait_limit=0.05)
    with hasher.place(), hasher.place():
        begun = time.monotonic()
        with pytest.raises(HashingBusy):
            hasher.hash("4071223398150042", b"s" * 16)
        assert time.monotonic() - begun < 1
    assert hasher.hash("4071223398150042", b"s" * 16)


def test_a_flood_of_guesses_leaves_a_place_to_those_who_submit() -> None:
    hasher = ReceiptHasher(wait_limit=0)
    with hasher.place(is_look_up=True):
        with pytest.raises(HashingBusy):
            hasher.hash("4071223398150042", b"s" * 16, is_look_up=True)
        with hasher.place(), pytest.raises(HashingBusy):
            hasher.hash("4071223398150042", b"s" * 16)
        assert hasher.hash("4071223398150042", b"s" * 16)


def test_who_submits_leaves_the_place_of_look_ups_to_them_when_the_other_is_free() -> None:
    hasher = ReceiptHasher(wait_limit=0)
    with hasher.place():
        assert hasher.hash("4071223398150042", b"s" * 16, is_look_up=True)


def test_the_places_are_shared_with_other_processes_and_freed_when_one_is_killed() -> None:
    hasher = ReceiptHasher(wait_limit=0.05)
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        with hasher.place(), hasher.place():
            os.write(told, b"x")
            time.sleep(60)
        os._exit(0)
    os.read(ready, 1)
    with pytest.raises(HashingBusy):
        hasher.hash("1", b"s" * 16)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert hasher.hash("1", b"s" * 16)


def test_a_waiting_thread_gets_the_place_that_becomes_free() -> None:
    hasher = ReceiptHasher(wait_limit=5)
    done: list[bytes] = []
    with hasher.place(), hasher.place():
        waiting = threading.Thread(target=lambda: done.append(hasher.hash("1", b"s" * 16)))
        waiting.start()
        time.sleep(0.02)
        assert done == []
    waiting.join(5)
    assert len(done) == 1


def test_the_newest_key_marks_a_receipt_and_older_ones_still_find_it(tmp_path: Path) -> None:
    ring = KeyRing.load(put_ring(tmp_path))
    before = ring.mark_receipt(b"hash")
    ring.rotate()
    after = ring.mark_receipt(b"hash")
    assert before != after
    assert ring.receipt_marks(b"hash") == [after, before]
    assert ring.receipt_marks(b"other") != [after, before]
