"""PostgreSQL dies silently under load: all requests get a response, probes respond in time, service recovers."""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import requests

from tests import postgres
from tests.silence import Proxy, frozen, passing
from tests.stories.served import Served, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

MANY = 500
"""More than the threads of all web workers together."""

PROBE_LIMIT = 2.0
LIMITS = {"CONNECT": "2", "LOCK": "2", "STATEMENT": "3", "ANSWER": "4"}
ENDED_WITHIN = 30.0
"""Limit (s): each thread may wait once for a response or for the pool; later requests do not wait."""


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    """A server that may be frozen: that of the other tests may not."""
    with postgres.running() as running:
        yield running


@pytest.fixture
def proxy(server: postgres.Server) -> Iterator[Proxy]:
    with passing(server.port) as made:
        yield made


@pytest.fixture
def served(server: postgres.Server, proxy: Proxy, tmp_path: Path) -> Iterator[Served]:
    server.create("silent")
    limits = {f"INCIDENT_DATABASE_{name}_TIMEOUT": seconds for name, seconds in LIMITS.items()}
    made = Served(tmp_path, proxy.url("silent"), **limits)
    try:
        with made.serving():
            yield made
    finally:
        server.drop("silent")


def ask_many(served: Served, token: str) -> list[socket.socket]:
    """Send many requests at once, and wait for no answer."""
    asked = f"GET /api/v1/incidents HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    opened = []
    for _ in range(MANY):
        one = socket.create_connection(("127.0.0.1", served.port), 5)
        one.sendall(asked)
        opened.append(one)
    return opened


def answers_of(opened: Sequence[socket.socket], limit: float) -> list[int]:
    """The statuses of all responses, in the order of arrival."""
    statuses: list[int] = []
    end = time.monotonic() + limit
    with selectors.DefaultSelector() as waiting:
        for one in opened:
            waiting.register(one, selectors.EVENT_READ)
        while waiting.get_map():
            assert time.monotonic() < end, f"{len(waiting.get_map())} of {len(opened)} without an answer"
            for key, _ in waiting.select(0.5):
                waiting.unregister(key.fileobj)
                assert isinstance(key.fileobj, socket.socket)
                statuses.append(int(key.fileobj.recv(4096).split()[1]))
                key.fileobj.close()
    return statuses


def probe(served: Served) -> int:
    """Ask whether it is ready, and how long that took."""
    began = time.monotonic()
    status = requests.get(f"{served.url}/readyz", timeout=10).status_code
    assert time.monotonic() - began < PROBE_LIMIT
    return status


def works(served: Served, token: str) -> bool:
    answer = served.call("POST", "/incidents", token, {"title": "A scan"})
    assert answer.status_code in (201, 503), answer.text
    return answer.status_code == 201


def test_a_frozen_database_gives_every_one_of_many_an_answer_and_probes_theirs_in_time(
    server: postgres.Server, served: Served
) -> None:
    token = served.token("coordinator")
    assert works(served, token)
    with frozen(server):
        began = time.monotonic()
        opened = ask_many(served, token)
        while time.monotonic() - began < 6:
            assert probe(served) == 503
            time.sleep(0.2)
        assert set(answers_of(opened, ENDED_WITHIN)) == {503}
        assert probe(served) == 503
        again = time.monotonic()
        assert not works(served, token)
        assert time.monotonic() - again < 5
    wait_until(lambda: works(served, token), 20, "incidents are opened again")
    wait_until(lambda: probe(served) == 200, 20, "it is ready again")


def test_connections_that_are_swallowed_are_replaced_and_nobody_gets_a_fault(proxy: Proxy, served: Served) -> None:
    token = served.token("coordinator")
    assert all(works(served, token) for _ in range(12))
    assert proxy.swallow() > 3
    for _ in range(8):
        began = time.monotonic()
        assert works(served, token)
        assert time.monotonic() - began < 6
    wait_until(lambda: probe(served) == 200, 20, "it is ready")
