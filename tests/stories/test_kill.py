"""kill -9 at any moment loses nothing; the port is free at once; what is sent again keeps its name."""

import random
import signal
import socket
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
import requests

from tests.stories.served import Served, members, sink, wait_until

pytestmark = pytest.mark.slow
KILLS = 10
IN_FLIGHT = 32


def test_ten_kills_under_load_lose_no_incident_no_notice_and_no_timer(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    token = served.token()
    dice = random.Random(7)
    opened: list[str] = []
    is_over = threading.Event()
    with sink() as first, sink() as second:
        served.start()
        try:
            assert served.call("POST", "/departments", token, {"code": "net", "name": "Network"}).status_code == 201
            for level, receiver in ((1, first), (2, second)):
                contact = {"name": f"hook {level}", "channel": "webhook", "address": receiver.url, "level": level}
                assert served.call("POST", "/departments/net/contacts", token, contact).status_code == 201
            policy = {"levels": [{"wait": "PT2S"}, {"wait": "PT1H"}], "repeat": 0}
            assert served.call("PUT", "/departments/net/policy", token, policy).status_code == 200
            load = threading.Thread(target=_open_incidents, args=(served, token, opened, is_over))
            load.start()
            for _ in range(KILLS):
                time.sleep(dice.uniform(0.3, 1.0))
                served.kill()
                served.start()
            time.sleep(0.5)
            is_over.set()
            load.join(30)
            assert len(opened) > KILLS
            numbers = set(_all_numbers(served, token))
            assert set(opened) <= numbers
            wait_until(lambda: _incidents(first.got) >= numbers, 60, "every department is told")
            wait_until(lambda: _incidents(second.got) >= numbers, 60, "every second level is told")
            assert _repeats(first.counts()) + _repeats(second.counts()) <= KILLS * IN_FLIGHT
            notices = served.call("GET", "/notices?department=net&limit=200", token).json()["items"]
            assert {notice["state"] for notice in notices} == {"open"}
        finally:
            is_over.set()
            served.stop()
    verified = served.run("journal", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def _open_incidents(served: Served, token: str, opened: list[str], is_over: threading.Event) -> None:
    """Open incidents until told to stop; what was answered 201 must never be lost."""
    count = 0
    while not is_over.is_set():
        count += 1
        body = {"title": f"incident {count}", "departments": ["net"]}
        try:
            answer = requests.post(
                f"{served.url}/api/v1/incidents",
                json=body,
                headers={"Authorization": f"Bearer {token}"},
                timeout=5,
            )
        except requests.RequestException:
            time.sleep(0.05)
            continue
        if answer.status_code == 201:
            opened.append(answer.json()["number"])


def _all_numbers(served: Served, token: str) -> list[str]:
    numbers: list[str] = []
    cursor = ""
    while True:
        page = served.call("GET", f"/incidents?limit=200{cursor}", token).json()
        numbers += [item["number"] for item in page["items"]]
        if page["next"] is None:
            return numbers
        cursor = f"&cursor={page['next']}"


def _incidents(got: list[tuple[str, dict]]) -> set[str]:
    return {body["data"]["incident"] for _, body in list(got)}


def _repeats(counts: Counter[str]) -> int:
    return sum(count - 1 for count in counts.values())


def test_killing_the_supervisor_frees_the_port_at_once(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    served.start()
    served.kill()
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", served.port))


@pytest.mark.parametrize("which", ["web", "clock"])
def test_a_child_that_dies_is_started_anew(tmp_path: Path, which: str) -> None:
    served = Served(tmp_path / "home")
    served.start()
    try:
        assert served.process is not None
        children = _children(served.process.pid)
        victim = children[0] if which == "web" else children[1]
        _kill(victim)
        wait_until(
            lambda: len(_children(served.process.pid)) == 2 and victim not in _children(served.process.pid),
            10,
            "two children again",
        )
        served.wait_ready()
    finally:
        served.stop()
    assert not members(served.process.pid)


def test_all_processes_stay_in_one_group(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    served.start()
    try:
        assert served.process is not None
        tree = _descendants(served.process.pid)
        assert len(tree) >= 4
        assert set(tree) <= set(members(served.process.pid))
    finally:
        served.stop()


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return sorted(int(child) for child in text.split())


def _descendants(pid: int) -> list[int]:
    found = []
    for child in _children(pid):
        found += [child, *_descendants(child)]
    return found


def _kill(pid: int) -> None:
    import os

    os.kill(pid, signal.SIGKILL)
