"""A full disk: reads continue, writes wait, no process ends, and service recovers soon after."""

import os
import signal
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.disks import Disk, small_disk
from tests.stories.served import INCIDENT, Served, children, sink, wait_until

pytestmark = pytest.mark.slow

AFTER_SPACE = 10.0
"""Limit (s) for a successful write after space was freed."""

ROLES = {"incident-web", "incident-scheduler", "incident-delivery", "incident-watchdog"}


class Desk:
    """A client that writes and reads while the disk fills."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.token = served.token()
        self.accepted: list[str] = []

    def write(self) -> Any:
        answer = self.served.call("POST", "/incidents", self.token, {"title": "A full disk", "description": "x " * 400})
        if answer.status_code == 201:
            self.accepted.append(answer.json()["number"])
        return answer

    def write_until_refused(self) -> Any:
        for _ in range(300):
            answer = self.write()
            if answer.status_code != 201:
                return answer
        raise AssertionError("every write was taken")

    def reads(self) -> bool:
        with suppress(requests.ConnectionError):  # the web server was killed a moment ago
            return self._has_read()
        return False

    def _has_read(self) -> bool:
        listed = self.served.call("GET", "/incidents", self.token)
        return listed.status_code == 200 and self.served.session.get(f"{self.served.url}/sign-in").status_code == 200

    def writes_within(self, limit: float) -> None:
        wait_until(lambda: self.write().status_code == 201, limit, "a write is taken")

    def assert_all_is_kept(self) -> None:
        verified = self.served.run("journal", "verify")
        assert "The journal is intact" in verified.stdout, verified.stdout + verified.stderr
        for number in self.accepted[-40:]:
            assert self.served.call("GET", f"/incidents/{number}", self.token).status_code == 200


def kill_children(served: Served, *names: str) -> None:
    """Kill some of the processes with -9, and wait for their replacements."""
    before = children(served.pid)
    assert set(before) == ROLES
    for name in names:
        os.kill(before[name], signal.SIGKILL)

    def is_new() -> bool:
        now = children(served.pid)
        return set(now) == ROLES and all(now[name] != before[name] for name in names)

    wait_until(is_new, 20, f"{names} are started anew")


def assert_full(desk: Desk) -> None:
    refused = desk.write_until_refused()
    assert refused.status_code == 503, refused.text
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json()["code"] == "storage.full"
    for _ in range(5):
        assert desk.write().status_code in {201, 503}
        assert desk.reads()


def test_with_home_and_log_on_one_full_disk_reading_goes_on_and_writing_soon_after_there_is_room(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        served = Served(disk.folder / "home")
        desk = Desk(served)
        served.log = disk.folder / "log"
        with served.serving():
            assert desk.write().status_code == 201
            disk.fill()
            assert_full(desk)
            time.sleep(12)  # longer than a clock may be silent
            assert_full(desk)
            kill_children(served, *ROLES)
            wait_until(desk.reads, 30, "somebody answers again")
            assert_full(desk)
            disk.free()
            desk.writes_within(AFTER_SPACE)
            wait_until(lambda: ready(served), AFTER_SPACE, "the clock ticks")
            desk.assert_all_is_kept()
        assert served.process is not None
        assert served.process.returncode == 0


def ready(served: Served) -> bool:
    return served.session.get(f"{served.url}/readyz", timeout=5).status_code == 200


def test_with_home_and_log_on_two_disks_each_may_be_full_alone(tmp_path: Path) -> None:
    with ExitStack() as stack:
        home: Disk = stack.enter_context(small_disk(tmp_path / "home"))
        log: Disk = stack.enter_context(small_disk(tmp_path / "log"))
        served = Served(home.folder / "here")
        desk = Desk(served)
        served.log = log.folder / "log"
        receiver = stack.enter_context(sink())
        with served.serving():
            served.call("POST", "/departments", desk.token, {"code": "net", "name": "Network"})
            contact = {"name": "hook", "channel": "webhook", "address": receiver.url, "level": 1}
            assert served.call("POST", "/departments/net/contacts", desk.token, contact).status_code == 201
            log.fill()
            kill_children(served, "incident-scheduler", "incident-watchdog")
            for _ in range(5):
                assert desk.write().status_code == 201
            assert desk.reads()
            opened = served.call("POST", "/incidents", desk.token, {"title": "told", "departments": ["net"]})
            assert opened.status_code == 201
            wait_until(lambda: receiver.got, 20, "what is to be told is told without a log")
            log.free()
            kill_children(served, "incident-scheduler")
            wait_until(lambda: b"died" in served.log.read_bytes(), 10, "the log goes on when there is room")
            home.fill()
            assert_full(desk)
            home.free()
            desk.writes_within(AFTER_SPACE)
            desk.assert_all_is_kept()
        assert "Traceback" not in served.log.read_text().replace("Traceback (most recent call last)", "", 4)


def test_a_log_that_takes_nothing_ends_nothing(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    desk = Desk(served)
    with Path("/dev/full").open("w") as full:
        served.process = subprocess.Popen(
            [*INCIDENT, "serve", "--port", str(served.port)],
            env=served.environ,
            stdout=full,
            stderr=full,
            text=True,
            start_new_session=True,
        )
    try:
        served.wait_ready()
        for name in sorted(ROLES):
            kill_children(served, name)
        wait_until(lambda: desk.reads() and ready(served), 30, "it answers again")
        desk.writes_within(AFTER_SPACE)
        desk.assert_all_is_kept()
    finally:
        assert served.stop() == 0
