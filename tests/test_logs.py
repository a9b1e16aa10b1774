"""Logging: it locates faults, contains no secrets, never raises, and counts repetitions."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from incident import config, logs
from incident.app import create_core
from incident.logs.repeats import WINDOW, Repeats
from incident.logs.streams import guarded


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


class Steady:
    """A steady clock that a test puts forward."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Steady:
    made = Steady()
    monkeypatch.setattr("incident.logs.Repeats", lambda tell: Repeats(tell, made))
    logs.configure()
    return made


def fail(secret: str, kind: type[Exception] = ValueError) -> None:
    try:
        raise kind("it failed", secret[:0], len(secret))
    except kind:
        structlog.get_logger().exception("a fault", length=len(secret))


def test_a_logged_fault_shows_its_place_and_no_local_variable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create_core(config.read({"INCIDENT_HOME": str(tmp_path / "home")}))
    fail("hunter2")
    notified = capsys.readouterr().err
    assert "ValueError: ('it failed'" in notified
    assert "test_logs.py" in notified
    assert "hunter2" not in notified


def test_a_thousand_tracebacks_in_five_minutes_are_one_and_a_count(
    steady: Steady, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(1_000):
        fail("x" * number)
        steady.seconds += 0.29
    first = capsys.readouterr().err
    assert first.count("Traceback") == first.count("a fault") == 1
    steady.seconds += WINDOW
    structlog.get_logger().info("something else")
    [counted, _else] = capsys.readouterr().err.strip().splitlines()
    assert "again=999" in counted
    assert "a fault" in counted
    fail("")
    assert capsys.readouterr().err.count("Traceback") == 1


def test_what_differs_is_written_each_time(steady: Steady, capsys: pytest.CaptureFixture[str]) -> None:
    fail("", ValueError)
    fail("", KeyError)
    for role in ("scheduler", "delivery", "scheduler"):
        structlog.get_logger().error("a process died and is restarted", role=role)
    notified = capsys.readouterr().err
    assert (notified.count("Traceback"), notified.count("a process died")) == (2, 2)


def test_a_count_is_told_although_nothing_more_is_logged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("incident.logs.repeats.WINDOW", 0.2)
    notified: list[tuple[str, int]] = []
    is_told = threading.Event()

    def tell(event: str, count: int, _seconds: float) -> None:
        notified.append((event, count))
        is_told.set()

    repeats = Repeats(tell)
    repeats(None, "error", {"event": "gone"})
    for _ in range(7):
        with pytest.raises(structlog.DropEvent):
            repeats(None, "error", {"event": "gone"})
    assert is_told.wait(10)
    assert notified == [("gone", 7)]


def test_many_different_lines_take_no_more_memory_than_some(monkeypatch: pytest.MonkeyPatch) -> None:
    repeats = Repeats(lambda *_: None)
    for number in range(2_000):
        repeats(None, "error", {"event": f"number {number}"})
    assert len(repeats._seen) <= 501


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("not even this")


def test_no_call_of_a_logger_raises_whatever_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    logs.configure()
    structlog.get_logger().error("odd", what=Unspeakable(), name="\udcff")

    class Broken:
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            raise OSError(28, "No space left on device")

        def isatty(self) -> bool:
            return False

    for stream in (Broken(), None):
        monkeypatch.setattr(sys, "stderr", stream)
        logs.configure()
        structlog.get_logger().error("lost")
        logs.flush()


def test_a_stream_that_takes_nothing_raises_nothing_and_says_later_how_much_is_lost(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        stream = guarded(full)
        for _ in range(3):
            print("lost", file=stream)
        stream.flush()
        descriptor = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
        os.dup2(descriptor, full.fileno())
        print("kept", file=stream)
    assert "(3 lines could not be written here)" in (tmp_path / "log").read_text()
    assert (tmp_path / "log").read_text().endswith("kept\n")


def test_a_reader_that_stops_to_read_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incident.logs.streams.PATIENCE", 0.1)
    read, write = os.pipe()
    with os.fdopen(write, "w") as pipe:
        stream = guarded(pipe)
        for _ in range(500):  # far more than a pipe holds
            print("x" * 1_000, file=stream)
        assert len(os.read(read, 1 << 20)) >= 4096
        for _ in range(3):
            print("again", file=stream)
        os.set_blocking(read, False)
        rest: Any = b""
        while True:
            try:
                rest += os.read(read, 1 << 20)
            except BlockingIOError:
                break
    os.close(read)
    assert b"could not be written here" in rest
    assert rest.endswith(b"again\n")


@pytest.mark.parametrize("ended", ["closed", "broken"])
def test_a_process_without_a_place_for_its_output_goes_on(ended: str) -> None:
    program = (
        "import os, sys; from incident import logs; logs.guard_output(); logs.configure();"
        "import structlog, logging, warnings; log = structlog.get_logger();"
        "[log.error('x', n=n) for n in range(9)]; logging.error('y'); warnings.warn('z'); print('w'); os._exit(7)"
    )
    if ended == "closed":
        command = f'exec "{sys.executable}" -c "{program}" >&- 2>&-'
        assert subprocess.run(["/bin/sh", "-c", command]).returncode == 7
        return
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.Popen([sys.executable, "-c", program], stdout=write, stderr=write)
    os.close(write)
    assert ran.wait(30) == 7
