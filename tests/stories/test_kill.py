"""kill -9 at any moment loses nothing; the port is free at once; a repeated message has the same id."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.stories.served import Served, Sink, is_free, members, sink, title_of, wait_until

pytestmark = pytest.mark.slow
KILLS = 10
SLOTS_OF_A_CONTACT = 2
"""Messages in flight for one contact and process: a kill leaves these unknown, and they are sent again."""

WRITERS = 4
BETWEEN = 0.1
"""Pause (s) of a writer, so that incidents can be notified within the test."""


class Load:
    """Clients that open incidents without a pause; an incident answered with 201 must never be lost."""

    def __init__(self, servers: Sequence[Served], token: str) -> None:
        self.opened: list[str] = []
        self._servers = servers
        self._token = token
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._open, args=(number,)) for number in range(WRITERS)]

    def _open(self, number: int) -> None:
        count = 0
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {self._token}"
        while not self._is_over.is_set():
            count += 1
            server = self._servers[(number + count) % len(self._servers)]
            body = {"title": f"incident {number}/{count}", "departments": ["net"]}
            try:
                answer = session.post(f"{server.url}/api/v1/incidents", json=body, timeout=5)
            except requests.RequestException:
                continue
            finally:
                time.sleep(BETWEEN)
            if answer.status_code == 201:
                self.opened.append(answer.json()["number"])

    @contextmanager
    def running(self) -> Iterator[None]:
        """Open incidents for as long as the block runs."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for thread in self._threads:
                thread.join(30)


def set_up(served: Served, token: str, *levels: Sink) -> None:
    """A department whose levels are notified two seconds apart, each by its own webhook."""
    assert served.call("POST", "/departments", token, {"code": "net", "name": "Network"}).status_code == 201
    for level, receiver in enumerate(levels, start=1):
        contact = {"name": f"hook {level}", "channel": "webhook", "address": receiver.url, "level": level}
        assert served.call("POST", "/departments/net/contacts", token, contact).status_code == 201
    policy = {"levels": [{"wait": "PT2S"}, {"wait": "PT1H"}], "repeat": 0}
    assert served.call("PUT", "/departments/net/policy", token, policy).status_code == 200


def nothing_is_lost(served: Served, token: str, load: Load, levels: Sequence[Sink], kills: int) -> None:
    """Every acknowledged incident exists, and each level of its department got one message id."""
    numbers = set(every_number(served, token))
    assert len(load.opened) == len(set(load.opened)) > kills
    assert set(load.opened) <= numbers
    for level, receiver in enumerate(levels, start=1):
        notified = notified_by(receiver)
        wait_until(
            lambda notified=notified: set(notified()) >= numbers, 90, f"level {level} is told of every incident", 0.25
        )
        assert {len(names) for names in notified().values()} == {1}
    repeats = sum(count - 1 for receiver in levels for count in receiver.counts().values())
    assert repeats <= kills * len(levels) * SLOTS_OF_A_CONTACT
    open_notices = served.call("GET", "/notices?department=net&state=open&limit=200", token).json()["items"]
    assert len(open_notices) == min(200, len(numbers))


def notified_by(receiver: Sink) -> Callable[[], dict[str, Counter[str]]]:
    """The messages of a receiver: by incident, the count of each `webhook-id`."""

    def notified() -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {}
        for name, body in list(receiver.got):
            found.setdefault(body["data"]["incident"], Counter())[name] += 1
        return found

    return notified


def every_number(served: Served, token: str) -> Iterator[str]:
    """The numbers of all incidents, page by page."""
    cursor = ""
    while True:
        page = served.call("GET", f"/incidents?limit=200{cursor}", token).json()
        yield from (item["number"] for item in page["items"])
        if page["next"] is None:
            return
        cursor = f"&cursor={page['next']}"


def verify(served: Served) -> None:
    """The journal is intact."""
    verified = served.run("journal", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_ten_kills_under_load_lose_no_incident_no_notice_and_no_timer(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    token = served.token()
    dice = random.Random(7)
    load = Load([served], token)
    with sink() as first, sink() as second, served.serving():
        set_up(served, token, first, second)
        with load.running():
            for _ in range(KILLS):
                time.sleep(dice.uniform(0.3, 1.0))
                served.kill()
                served.start()
        nothing_is_lost(served, token, load, (first, second), KILLS)
    verify(served)


def test_two_serving_processes_on_postgresql_survive_each_other_and_act_once(tmp_path: Path, postgres_url: str) -> None:
    pair = [Served(tmp_path / "home", postgres_url) for _ in range(2)]
    token = pair[0].token()
    dice = random.Random(11)
    load = Load(pair, token)
    with sink() as first, sink() as second, pair[0].serving(), pair[1].serving():
        set_up(pair[0], token, first, second)
        with load.running():
            for kill in range(4):
                time.sleep(dice.uniform(0.5, 1.5))
                pair[kill % 2].kill()
                pair[kill % 2].start()
        nothing_is_lost(pair[0], token, load, (first, second), 4)
    verify(pair[0])


def test_killing_the_supervisor_frees_the_port_at_once(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    served.start()
    served.kill()
    wait_until(lambda: is_free(served.port), 2, "the port is free")  # its last process may still be ending


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A serving program whose supervisor the tests leave alive."""
    shared = Served(tmp_path_factory.mktemp("served") / "home")
    with shared.serving():
        yield shared
    assert not members(shared.pid)


@pytest.mark.parametrize("which", ["web", "scheduler", "delivery", "watchdog"])
def test_a_child_that_dies_is_started_anew(served: Served, which: str) -> None:
    victim = roles(served)[which]
    os.kill(victim, signal.SIGKILL)

    def is_replaced() -> bool:
        now = children(served.pid)
        return len(now) == 4 and victim not in now

    wait_until(is_replaced, 10, "four children again")
    wait_until(lambda: set(roles(served)) == {"web", "scheduler", "delivery", "watchdog"}, 20, "each is named")
    served.wait_ready()


def test_all_processes_stay_in_one_group(served: Served) -> None:
    tree = descendants(served.pid)
    assert len(tree) >= 4
    assert set(tree) <= set(members(served.pid))


def test_a_clock_that_stands_still_makes_the_program_unready_until_it_goes_on(served: Served) -> None:
    served.wait_ready()
    clock = roles(served)["scheduler"]
    token = served.token("monitor")

    def status() -> int:
        return requests.get(f"{served.url}/readyz", timeout=5).status_code

    os.kill(clock, signal.SIGSTOP)
    try:
        wait_until(lambda: status() == 503, 20, "not ready")
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(f"{served.url}/readyz", headers=headers, timeout=5).json()
        assert answer["clock"]["detail"] == "no tick for 10 s"
    finally:
        os.kill(clock, signal.SIGCONT)
    wait_until(lambda: status() == 200, 20, "ready again")


def roles(served: Served) -> dict[str, int]:
    """The children of the supervisor by role."""
    names = {pid: title_of(pid) for pid in children(served.pid)}
    return {name.removeprefix("incident-"): pid for pid, name in names.items()}


def children(pid: int) -> list[int]:
    """The children of a process."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def descendants(pid: int) -> list[int]:
    """A process's children, and theirs."""
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found
