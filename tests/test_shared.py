"""Shared state of a node's forked processes: counts and buckets, even after one is killed."""

import os
import signal
import time
from collections.abc import Callable

from incident.core.incidents.alert_rate import Rate
from incident.shared_buckets import SharedBuckets
from incident.shared_counts import SharedCounts


def in_a_child(use_case: Callable[[], int]) -> int:
    """Do something in a forked process, and return its exit status; -9 when it was killed."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(use_case())
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_processes_take_from_one_bucket_and_each_key_has_its_own() -> None:
    buckets = SharedBuckets(Rate(1, 50))
    begun = time.monotonic()
    pids = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            os._exit(sum(buckets.take("token:1", 1, begun) == 0 for _ in range(40)))
        pids.append(pid)
    taken = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    assert sum(taken) == 50
    assert buckets.take("token:1", 1, begun) == 1
    assert buckets.take("token:2", 50, begun) == 0


def test_a_process_that_is_killed_leaves_no_lock_behind() -> None:
    buckets = SharedBuckets(Rate(1, 50))

    def die() -> int:
        buckets.rate = Dying()  # type: ignore[assignment]
        buckets.take("token:1", 1, 0.0)
        return 0

    assert in_a_child(die) == -signal.SIGKILL
    assert buckets.take("token:1", 1, 0.0) == 0


class Dying:
    """A rate in the middle of which the process is killed."""

    burst = 50

    def take(self, *_given: object) -> tuple[float, float]:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def test_counts_of_all_processes_are_one_and_those_of_a_killed_one_go_when_its_place_is_taken() -> None:
    counts = SharedCounts(3)

    def count(row: int, times: int) -> Callable[[], int]:
        def use_case() -> int:
            counts.use_row(row)
            return sum(counts.add("192.0.2.1", 10) for _ in range(times))

        return use_case

    assert in_a_child(count(0, 6)) == 6
    assert in_a_child(count(1, 6)) == 4
    assert counts.count("192.0.2.1") == 10
    assert counts.count("192.0.2.2") == 0
    assert in_a_child(count(0, 0)) == 0
    assert counts.count("192.0.2.1") == 4
    assert in_a_child(count(2, 1)) == 1
