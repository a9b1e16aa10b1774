"""Reload at SIGHUP: no client is refused, no work is lost, and a failing start is not made."""

import os
import pty
import select
import signal
import subprocess
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from incident import watchdog_state
from incident.clock import now
from tests.stories.served import INCIDENT, Served, children, members, sink, wait_until

pytestmark = pytest.mark.slow

ROLES = {"incident-web", "incident-scheduler", "incident-delivery", "incident-watchdog"}


class Load:
    """Clients that write and read without a pause, and their results."""

    def __init__(self, served: Served, token: str) -> None:
        self.outcomes: Counter[str] = Counter()
        self._is_over = threading.Event()
        self._headers = {"Authorization": f"Bearer {token}"}
        self._url = f"{served.url}/api/v1/incidents"
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(3)]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while not self._is_over.is_set():
            try:
                answer = requests.post(self._url, json={"title": "x"}, headers=self._headers, timeout=30)
                self.outcomes[str(answer.status_code)] += 1
            except requests.RequestException as error:
                self.outcomes[type(error).__name__] += 1

    def end(self) -> Counter[str]:
        self._is_over.set()
        for thread in self._threads:
            thread.join(40)
        return self.outcomes


def is_new(served: Served, before: dict[str, int]) -> bool:
    """Whether every process except the supervisor was replaced."""
    with suppress(FileNotFoundError):
        present = children(served.pid)
        return set(present) == ROLES and not set(present.values()) & set(before.values())
    return False


def reload(served: Served) -> None:
    before = children(served.pid)
    os.kill(served.pid, signal.SIGHUP)
    wait_until(lambda: is_new(served, before), 60, "other processes have taken over")
    wait_until(lambda: not set(before.values()) & set(members(served.pid)), 30, "the old ones have ended")


def test_a_reload_refuses_nobody_loses_nothing_in_hand_and_reads_the_files_of_the_home_anew(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    token = served.token()
    with sink() as slow, served.serving():
        served.call("POST", "/departments", token, {"code": "net", "name": "Network"})
        contact = {"name": "hook", "channel": "webhook", "address": slow.url, "level": 1}
        assert served.call("POST", "/departments/net/contacts", token, contact).status_code == 201
        slow.pause = 1.5
        pid = served.pid
        load = Load(served, token)
        wait_until(lambda: load.outcomes["201"] > 5, 30, "the load has begun")
        served.call("POST", "/incidents", token, {"title": "told", "departments": ["net"]})
        (served.home / "calendars").mkdir()
        (served.home / "calendars" / "broken.json").write_text("{")
        for _ in range(2):
            reload(served)
            assert served.pid == pid
            assert served.process is not None
            assert served.process.poll() is None
        outcomes = load.end()
        assert set(outcomes) == {"201"}, outcomes
        wait_until(lambda: slow.got, 20, "what was to be told is told")
        assert max(slow.counts().values()) == 1
        assert "a working calendar cannot be read" in served.output
        assert watchdog_state.deaths_since(served.home, now().replace(year=2000)) == {}
        listed = served.call("GET", "/incidents?limit=1", token)
        assert listed.status_code == 200
    assert served.process is not None
    assert served.process.returncode == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{served.url}/healthz", timeout=5)


def test_a_program_that_would_not_start_is_not_reloaded_and_says_why(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    token = served.token()
    with served.serving():
        before = children(served.pid)
        ring = (served.home / "keys.json").read_text()
        (served.home / "keys.json").write_text("{")
        os.kill(served.pid, signal.SIGHUP)
        wait_until(lambda: "the reload was refused" in served.output, 30, "it says that it goes on as it was")
        assert "key ring" in served.output
        assert "Traceback" not in served.output
        (served.home / "keys.json").write_text(ring)
        assert children(served.pid) == before
        assert served.call("GET", "/incidents", token).status_code == 200


def test_work_alone_is_reloaded_as_well(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    served.token()
    worker = subprocess.Popen([*INCIDENT, "work"], env=served.environ, start_new_session=True)
    try:
        roles = ROLES - {"incident-web"}
        wait_until(lambda: set(children(worker.pid)) == roles, 30, "it works")
        before = children(worker.pid)
        os.kill(worker.pid, signal.SIGHUP)
        wait_until(lambda: not set(before.values()) & set(members(worker.pid)), 60, "the old ones have ended")
        wait_until(lambda: set(children(worker.pid)) == roles, 30, "others work")
    finally:
        worker.terminate()
        assert worker.wait(20) == 0


def test_a_terminal_that_is_closed_ends_the_program(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    pid, terminal = pty.fork()
    if not pid:
        try:
            os.execve(INCIDENT[0], [*INCIDENT, "serve", "--port", str(served.port)], served.environ)
        finally:
            os._exit(127)
    try:
        wait_until(lambda: read(terminal) and answers(served), 60, "it serves")
        group = members(pid)
        os.close(terminal)  # the kernel signals this to the program with SIGHUP
        wait_until(lambda: os.waitpid(pid, os.WNOHANG) == (pid, 0), 30, "it has ended well")
        assert not set(group) & set(members(pid))
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def read(terminal: int) -> bool:
    """Drain the output of a program, so that it never waits for its terminal."""
    while select.select([terminal], [], [], 0)[0]:
        os.read(terminal, 4096)
    return True


def answers(served: Served) -> bool:
    with suppress(requests.RequestException):
        return requests.get(f"{served.url}/healthz", timeout=2).status_code == 200
    return False
