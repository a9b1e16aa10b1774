"""The supervisor: dead processes are restarted, and stopped or hanging ones are killed first."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from incident import clock, watchdog_state
from incident.jobs.scheduling.process_heartbeats import StallTimeout
from incident.jobs.supervision import supervisor
from incident.jobs.supervision.supervisor import Supervisor
from tests.jobs.running import until

FORK = multiprocessing.get_context("fork")
STALL_TIMEOUT = StallTimeout(look_every=0.05, looks=10)
Beat = Callable[[], None]


def working(home: Path, name: str) -> Callable[[Beat], int]:
    """A role that notes its process and beats."""

    def work(beat: Beat) -> int:
        with (home / name).open("a") as noted:
            noted.write(f"{os.getpid()}\n")
        while True:
            beat()
            time.sleep(0.01)

    return work


def silent(home: Path, name: str) -> Callable[[Beat], int]:
    """A role that records its process and has no heartbeat, like the web server."""
    beating = working(home, name)
    return lambda _beat: beating(lambda: None)


def noted(home: Path, name: str) -> list[int]:
    return [int(line) for line in (home / name).read_text().split()] if (home / name).exists() else []


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_a_process_that_is_stopped_is_killed_and_started_anew_and_no_other_is(home: Path) -> None:
    roles = {"scheduler": working(home, "scheduler"), "delivery": working(home, "delivery"), "web": silent(home, "web")}
    supervising = FORK.Process(target=Supervisor(home, roles, STALL_TIMEOUT).run)
    supervising.start()
    try:
        until(lambda: all(noted(home, name) for name in roles), 20)
        [first] = noted(home, "scheduler")
        os.kill(first, signal.SIGSTOP)
        until(lambda: len(noted(home, "scheduler")) == 2, 20)
        time.sleep(1.5)
        assert len(noted(home, "scheduler")) == 2
        assert len(noted(home, "delivery")) == len(noted(home, "web")) == 1
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
        assert watchdog_state.deaths_since(home, clock.now().replace(year=2000)) == {"scheduler": 1}
    finally:
        supervising.terminate()
        supervising.join(20)
    assert supervising.exitcode == 0


def test_one_that_is_asked_to_stop_while_a_child_is_stopped_kills_it_and_ends(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.jobs.supervision.supervisor.GRACE", 0.5)
    supervising = FORK.Process(target=Supervisor(home, {"scheduler": working(home, "scheduler")}, StallTimeout()).run)
    supervising.start()
    until(lambda: noted(home, "scheduler"), 20)
    os.kill(noted(home, "scheduler")[0], signal.SIGSTOP)
    supervising.terminate()
    supervising.join(20)
    assert supervising.exitcode == 0


def supervise_through_faults(home: Path) -> None:
    """Supervise with a child of a stranger, where nothing can be logged or noted and no fork works at first."""
    if not os.fork():
        time.sleep(0.3)
        os._exit(3)
    fork, left = os.fork, [2]

    def failing_fork() -> int:
        if left:
            left[0] -= 1
            if not left[0]:
                left.clear()
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return fork()

    def failing(*_arguments: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    os.fork = failing_fork
    watchdog_state.record_crash = failing
    for name in ("error", "exception"):
        setattr(supervisor.log, name, failing)
    os._exit(Supervisor(home, {"scheduler": working(home, "scheduler")}, STALL_TIMEOUT).run())


def test_a_supervisor_goes_on_whatever_it_reaps_and_whatever_fails_meanwhile(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.jobs.supervision.supervisor.PAUSE_AFTER_FAULT", 0.1)
    supervising = FORK.Process(target=supervise_through_faults, args=(home,))
    supervising.start()
    try:
        for count in range(1, 5):
            until(lambda count=count: len(noted(home, "scheduler")) == count, 20)  # type: ignore[misc]
            os.kill(noted(home, "scheduler")[-1], signal.SIGKILL)
        until(lambda: len(noted(home, "scheduler")) == 5, 20)
    finally:
        supervising.terminate()
        supervising.join(20)
    assert supervising.exitcode == 0


def test_a_child_that_fails_before_it_begins_never_comes_back_as_its_parent(home: Path) -> None:
    def failing(_beat: Beat) -> int:
        with (home / "failing").open("a") as file:
            file.write(f"{os.getpid()}\n")
        raise OSError(28, "No space left on device")

    roles = {"failing": failing, "scheduler": working(home, "scheduler")}
    supervising = FORK.Process(target=Supervisor(home, roles, STALL_TIMEOUT).run)
    supervising.start()
    try:
        until(lambda: len(noted(home, "failing")) >= 2 and noted(home, "scheduler"), 20)
        assert len(noted(home, "scheduler")) == 1
    finally:
        supervising.terminate()
        supervising.join(20)
    assert supervising.exitcode == 0
