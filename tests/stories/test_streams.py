"""Live streams of a real program: they hold no thread, are limited per session, and receive all changes."""

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.stories.served import Served, wait_until

pytestmark = pytest.mark.slow

PER_SESSION = 20


@contextmanager
def stream(
    served: Served, token: str, version: str = "1.1"
) -> Iterator[tuple[int, socket.socket, http.client.HTTPMessage]]:
    """Open a stream; return its status, its socket and the headers."""
    with socket.create_connection(("127.0.0.1", served.port), 30) as opened:
        asked = f"GET /live/incidents HTTP/{version}\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
        opened.sendall(asked.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += opened.recv(1)
        status_line, _, rest = head.partition(b"\r\n")
        headers = http.client.parse_headers(io.BytesIO(rest))
        yield int(status_line.split()[1]), opened, headers


def heard_news(opened: socket.socket, limit: float = 30) -> bool:
    opened.settimeout(limit)
    heard = b""
    while b"event: news" not in heard:
        chunk = opened.recv(1 << 12)
        if not chunk:
            return False
        heard += chunk
    return True


def test_hundreds_of_streams_hold_no_thread_and_are_told_at_once(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    served.arguments = ("--workers", "2")
    administrator = served.token()
    with served.serving(), ExitStack() as stack:
        tokens = [make_token(served, administrator) for _ in range(8)]
        opened = [stack.enter_context(stream(served, token)) for token in tokens for _ in range(PER_SESSION)]
        assert {status for status, _, _ in opened} == {200}
        began = time.monotonic()
        for number in range(10):
            made = served.call("POST", "/incidents", administrator, {"title": f"incident {number}"})
            assert made.status_code == 201
        assert all(heard_news(one) for _, one, _ in opened)
        assert time.monotonic() - began < 15
        with stream(served, tokens[0]) as (status, _, headers):
            assert (status, headers["Retry-After"], headers["Incident-Live"]) == (503, "5", "full")
        with stream(served, administrator) as (status, _, _):
            assert status == 200, "another session from the same address has its own"
        opened[0][1].close()
        wait_until(lambda: opens(served, tokens[0]), 20, "who has gone gives its place back")


def make_token(served: Served, administrator: str) -> str:
    made = served.call("POST", "/tokens", administrator, {"name": "reader", "role": "reader"})
    return str(made.json()["token"])


def opens(served: Served, token: str) -> bool:
    with stream(served, token) as (status, _, _):
        return status == 200


def test_a_stream_beats_and_ends_as_a_whole_answer_when_the_program_ends(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    served.arguments = ("--workers", "1")
    token = served.token("reader")
    served.start()
    try:
        with stream(served, token) as (_, chunked, headers), stream(served, token, "1.0") as (_, plain, _):
            assert headers["Transfer-Encoding"] == "chunked"
            time.sleep(4)
            served.stop()
            whole, rest = read_all(chunked), read_all(plain)
    finally:
        served.stop()
    assert b"event: beat" in whole
    assert whole.endswith(b"0\r\n\r\n")
    assert rest.endswith(b"event: beat\n\n")


def read_all(opened: socket.socket) -> bytes:
    found = b""
    while chunk := opened.recv(1 << 12):
        found += chunk
    return found
