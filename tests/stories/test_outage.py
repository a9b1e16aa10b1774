"""A database outage, stopped or frozen: no process ends, and service resumes at once."""

import contextlib
import socket
import threading
import time
from pathlib import Path

import pytest

from incident import watchdog_state
from incident.clock import machine
from tests import postgres, receivers
from tests.silence import frozen
from tests.stories.served import Served, children, wait_until

pytestmark = pytest.mark.slow

FROZEN_FOR = 33.0
"""Seconds: longer than a process may be silent."""

AWAY_FOR = 32.0

BACK_WITHIN = 5.0
"""Limit (s) for the first ping after an outage: the database is tested every second."""


class Door:
    """A gate before a database: open, or closed, which refuses and drops every connection."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._through: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.open()

    def open(self) -> None:
        if self._listening.fileno() < 0:
            self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def shut(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in self._through:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._through.clear()

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.create_connection(self._to)
                self._through += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(1 << 16):
                target.sendall(chunk)
            target.shutdown(socket.SHUT_WR)


def test_no_process_ends_while_the_database_is_frozen_or_away_and_the_outside_is_told_at_once_that_it_is_back(
    tmp_path: Path, postgres_server: postgres.Server, postgres_url: str
) -> None:
    door = Door(postgres_server.port)
    url = postgres_url.replace(f":{postgres_server.port}/", f":{door.port}/")
    with receivers.receiver() as outside:
        served = Served(tmp_path / "home", url, INCIDENT_PING_URL=f"{outside.url}/ping")
        token = served.token()
        with served.serving():
            wait_until(lambda: outside.requests, 30, "the outside is told that all is well")
            before = children(served.pid)
            with frozen(postgres_server):
                time.sleep(FROZEN_FOR)
            wait_until(lambda: is_ready(served), 20, "it is ready again")
            door.shut()
            time.sleep(AWAY_FOR)
            assert len(outside.requests) == 1
            door.open()
            wait_until(lambda: len(outside.requests) == 2, BACK_WITHIN + 10, "the outside is told")
            wait_until(lambda: is_ready(served), 20, "it is ready again")
            assert served.call("POST", "/incidents", token, {"title": "x"}).status_code == 201
            assert children(served.pid) == before
            assert watchdog_state.deaths_since(served.home, machine().replace(year=2000)) == {}
        assert "started anew" not in served.output
    door.shut()


def is_ready(served: Served) -> bool:
    with contextlib.suppress(OSError):
        return served.session.get(f"{served.url}/readyz", timeout=5).status_code == 200
    return False
