"""`incident serve` and `incident work` as processes: what they print, how they stop, what stands in their way."""

import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.stories.served import INCIDENT, Served, sink, wait_until

pytestmark = pytest.mark.slow


def test_an_empty_home_prints_a_set_up_link_until_somebody_administers(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    with served.serving():
        links = re.findall(rf"{served.url}/setup/[A-Za-z0-9_-]{{43}}", served.output)
        assert len(links) == 1
        page = served.session.get(links[0], timeout=10)
        assert page.status_code == 200
    words = ("person", "add", "--login", "li", "--name", "Li", "--role", "administrator", "--password-stdin")
    assert served.run(*words, given="correct horse battery\n").returncode == 0
    served.output = ""
    with served.serving():
        assert "/setup/" not in served.output
        assert served.url in served.output


def test_a_stop_lets_the_send_in_hand_end_and_leaves_with_zero(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    token = served.token()
    with sink() as slow:
        slow.pause = 1.5
        with served.serving():
            served.call("POST", "/departments", token, {"code": "net", "name": "Network"})
            contact = {"name": "hook", "channel": "webhook", "address": slow.url, "level": 1}
            assert served.call("POST", "/departments/net/contacts", token, contact).status_code == 201
            incident = served.call("POST", "/incidents", token, {"title": "x", "departments": ["net"]}).json()
            wait_until(lambda: slow.begun == 1, 10, "the send has begun")
            began = time.monotonic()
            assert served.stop() == 0
            assert time.monotonic() - began < 10
        assert len(slow.got) == 1
        with served.serving():
            time.sleep(1.5)
            shown = served.call("GET", f"/incidents/{incident['number']}/journal", token).json()["items"]
            assert [entry["verb"] for entry in shown].count("message.accepted") == 1
    assert len(slow.got) == 1


def test_a_port_that_is_taken_ends_the_program_and_says_so(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", served.port))
        taken.listen()
        ended = served.run("serve", "--port", str(served.port))
    assert ended.returncode == 1
    assert str(served.port) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_work_alone_sends_what_others_have_committed_and_stops_when_asked(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    assert served.run("demo").returncode == 0
    worker = subprocess.Popen([*INCIDENT, "work"], env=served.environ, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: list((served.home / "wake").glob("*.sock")), 20, "it listens")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(15) == 0
    finally:
        worker.kill()
    assert list((served.home / "wake").glob("*.sock")) == []
