"""The parent detects a process that is stopped or hangs outside Python."""

import multiprocessing

from incident.jobs.scheduling.process_heartbeats import NUMBERS, ProcessHeartbeats, StallTimeout

FORK = multiprocessing.get_context("fork")
STALL_TIMEOUT = StallTimeout(looks=3)


def beat_in_child(heartbeats: ProcessHeartbeats, name: str, times: int = 1) -> None:
    def child() -> None:
        beat = heartbeats.beat_of(name)
        for _ in range(times):
            beat()

    process = FORK.Process(target=child)
    process.start()
    process.join(60)
    assert process.exitcode == 0


def test_one_that_beats_between_looks_is_never_silent() -> None:
    heartbeats = ProcessHeartbeats(["scheduler", "delivery"], STALL_TIMEOUT)
    for _ in range(10):
        beat_in_child(heartbeats, "delivery")
        assert not heartbeats.is_stalled("delivery")


def test_one_that_beat_and_stands_still_for_so_many_looks_is_silent_and_others_are_not() -> None:
    heartbeats = ProcessHeartbeats(["scheduler", "delivery"], STALL_TIMEOUT)
    beat_in_child(heartbeats, "scheduler", 5)
    looks = []
    for _ in range(4):
        beat_in_child(heartbeats, "delivery")
        looks.append((heartbeats.is_stalled("scheduler"), heartbeats.is_stalled("delivery")))
    assert looks == [(False, False)] * 3 + [(True, False)]


def test_one_that_never_beat_may_be_silent_and_one_that_is_begun_anew_as_well() -> None:
    heartbeats = ProcessHeartbeats(["web"], STALL_TIMEOUT)
    assert not any(heartbeats.is_stalled("web") for _ in range(10))
    beat_in_child(heartbeats, "web")
    assert [heartbeats.is_stalled("web") for _ in range(4)] == [False, False, False, True]
    heartbeats.begin("web")
    assert not any(heartbeats.is_stalled("web") for _ in range(10))


def test_a_number_that_is_full_begins_again_and_is_never_that_of_one_that_has_not_beaten() -> None:
    heartbeats = ProcessHeartbeats(["scheduler"], STALL_TIMEOUT)
    heartbeats._write("scheduler", NUMBERS - 1)
    beat_in_child(heartbeats, "scheduler")
    assert heartbeats._read("scheduler") == 1
    assert not heartbeats.is_stalled("scheduler")
