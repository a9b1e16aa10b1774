"""Protections that gunicorn's own worker lacks against a single client."""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from incident.jobs.serving.serve import INSTANCE, READS, STREAMS, Served, bound, run_web
from tests.jobs.running import until
from tests.stories.served import free_port

THREADS = 4


class Streams:
    """Replaces the event streams."""

    def fit(self, *_given: Any) -> None:
        """Count the call."""


def app_of(release: Path) -> Flask:
    """An application with a page that hangs until a file is there, and one that does not."""
    app = Flask(__name__)
    app.config["LARGEST_BODY"] = 1 << 20
    app.extensions[STREAMS] = Streams()
    app.extensions[READS] = SimpleNamespace(start=lambda: None)
    app.extensions[INSTANCE] = SimpleNamespace(settings=SimpleNamespace(home=release.parent))

    @app.get("/hang")
    def hang() -> str:
        until(release.exists, 60)
        return "done"

    @app.get("/healthz")
    @app.get("/readyz")
    @app.get("/page")
    def page() -> str:
        return "here"

    return app


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return tmp_path / "release"


@pytest.fixture
def port(release: Path) -> Iterator[int]:
    """A web server with one worker of few threads."""
    number = free_port()
    listening = bound("127.0.0.1", number)
    listening.listen()
    pid = os.fork()
    if pid == 0:
        sys.argv = ["incident"]
        with contextlib.suppress(SystemExit):
            run_web(app_of(release), Served(listening.fileno(), 1, threads=THREADS))
        os._exit(0)
    listening.close()
    try:
        until(lambda: is_there(number), 30)
        yield number
    finally:
        release.touch()
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def is_there(port: int) -> bool:
    try:
        ask(port, "/page").close()
    except OSError:
        return False
    return True


def ask(port: int, path: str, *more: str) -> socket.socket:
    """Send a request and do not wait for the answer."""
    opened = socket.create_connection(("127.0.0.1", port), 20)
    opened.sendall("\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *more, "", ""]).encode())
    return opened


def status(opened: socket.socket) -> int:
    """Read one complete response."""
    answer = HTTPResponse(opened)
    answer.begin()
    assert answer.read() in (b"here", b"done")
    return answer.status


def test_probes_are_answered_while_every_thread_is_taken_and_others_wait_their_turn(port: int, release: Path) -> None:
    hanging = [ask(port, "/hang") for _ in range(THREADS)]
    time.sleep(0.5)
    waiting = ask(port, "/page")
    kept = ask(port, "/healthz")
    assert status(kept) == 200
    for path in ("/readyz", "/healthz", "/readyz?verbose"):
        began = time.monotonic()
        assert status(ask(port, path, "Connection: close")) == 200
        assert time.monotonic() - began < 2
    kept.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")  # on a connection that is used again
    assert status(kept) == 200
    waiting.settimeout(0.3)
    with pytest.raises(TimeoutError):
        waiting.recv(1)
    waiting.settimeout(20)
    release.touch()
    assert [status(one) for one in hanging] == [200] * THREADS
    assert status(waiting) == 200


def test_a_request_that_comes_in_pieces_while_all_is_taken_is_answered(port: int, release: Path) -> None:
    hanging = [ask(port, "/hang") for _ in range(THREADS)]
    time.sleep(0.5)
    slow = socket.create_connection(("127.0.0.1", port), 20)
    probe = socket.create_connection(("127.0.0.1", port), 20)
    time.sleep(0.3)
    probe.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert status(probe) == 200
    slow.sendall(b"GET /page HT")
    release.touch()
    assert [status(one) for one in hanging] == [200] * THREADS
    slow.sendall(b"TP/1.1\r\nHost: x\r\n\r\n")
    assert status(slow) == 200


def test_clients_that_do_not_hang_up_keep_nobody_waiting(port: int) -> None:
    left = [ask(port, "/page", "Connection: close") for _ in range(12)]
    time.sleep(0.3)
    began = time.monotonic()
    assert status(ask(port, "/page")) == 200
    assert time.monotonic() - began < 2, "the loop waits for those who do not hang up"
    assert [status(one) for one in left] == [200] * 12


def test_who_still_sends_when_all_is_answered_can_read_the_answer(port: int) -> None:
    opened = ask(port, "/page", "Connection: close")
    sending = threading.Thread(target=opened.sendall, args=(b"x" * 160_000,), daemon=True)
    sending.start()
    sending.join(10)
    assert status(opened) == 200
