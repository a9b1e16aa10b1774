"""The supervisor: what dies is started anew, and what is stopped or hangs is killed first."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from incident import clock, watchfile
from incident.jobs.pulse import Patience
from incident.jobs.serve import Supervisor
from tests.jobs.running import until

FORK = multiprocessing.get_context("fork")
PATIENCE = Patience(look_every=0.05, looks=10)
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
    """A role that notes its process and never beats, as the web server, which has its own way."""
    beating = working(home, name)
    return lambda _beat: beating(lambda: None)


def noted(home: Path, name: str) -> list[int]:
    return [int(line) for line in (home / name).read_text().split()] if (home / name).exists() else []


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_a_process_that_is_stopped_is_killed_and_started_anew_and_no_other_is(home: Path) -> None:
    roles = {"clock": working(home, "clock"), "post": working(home, "post"), "web": silent(home, "web")}
    supervising = FORK.Process(target=Supervisor(home, roles, PATIENCE).run)
    supervising.start()
    try:
        until(lambda: all(noted(home, name) for name in roles), 20)
        [first] = noted(home, "clock")
        os.kill(first, signal.SIGSTOP)
        until(lambda: len(noted(home, "clock")) == 2, 20)
        time.sleep(1.5)
        assert len(noted(home, "clock")) == 2
        assert len(noted(home, "post")) == len(noted(home, "web")) == 1
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
        assert watchfile.deaths_since(home, clock.now().replace(year=2000)) == {"clock": 1}
    finally:
        supervising.terminate()
        supervising.join(20)
    assert supervising.exitcode == 0


def test_one_that_is_asked_to_stop_while_a_child_is_stopped_kills_it_and_ends(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.jobs.serve.GRACE", 0.5)
    supervising = FORK.Process(target=Supervisor(home, {"clock": working(home, "clock")}, Patience()).run)
    supervising.start()
    until(lambda: noted(home, "clock"), 20)
    os.kill(noted(home, "clock")[0], signal.SIGSTOP)
    supervising.terminate()
    supervising.join(20)
    assert supervising.exitcode == 0
