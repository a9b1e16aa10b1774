"""`incident serve` and `incident work` as processes: output, stop, and faults that prevent the start."""

import http.client
import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from tests.disks import spoil
from tests.stories.served import INCIDENT, NewHome, Served, sink, wait_until

pytestmark = pytest.mark.slow


def test_an_empty_home_prints_a_set_up_link_until_somebody_administers(tmp_path: Path) -> None:
    served = NewHome(tmp_path / "home")
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


@pytest.mark.parametrize(
    ("request_line", "fields", "status"),
    [
        (f"GET /api/v1/incidents?q={'x' * 9_000} HTTP/1.1", "Host: x", 414),
        ("GET /api/v1/incidents HTTP/1.1", f"Host: x\r\nX-Long: {'x' * 9_000}", 431),
        ("NONSENSE", "Host: x", 400),
    ],
)
def test_what_is_refused_before_it_is_read_is_told_as_problem_details(
    serving: Served, request_line: str, fields: str, status: int
) -> None:
    with socket.create_connection(("127.0.0.1", serving.port), 10) as connection:
        connection.sendall(f"{request_line}\r\n{fields}\r\n\r\n".encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        problem = json.loads(answer.read())
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (problem["status"], problem["code"], problem["title"]) == (
        status,
        f"http.{status}",
        HTTPStatus(status).phrase,
    )
    assert problem["detail"].endswith(".")
    assert "xxxx" not in json.dumps(problem)


def test_five_hundred_chinese_characters_are_searched_for(serving: Served) -> None:
    answer = serving.call("GET", f"/incidents?q={quote('网' * 500)}", serving.token())
    assert (answer.status_code, answer.json()["items"]) == (200, [])
    assert serving.call("GET", f"/incidents?q={quote('网' * 501)}", serving.token()).status_code == 422


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An instance that is served for all tests that only ask it."""
    served = Served(tmp_path_factory.mktemp("served") / "home")
    with served.serving():
        yield served


def test_a_damaged_database_is_told_alarmed_and_answered_with_503(tmp_path: Path) -> None:
    with sink() as alarmed:
        served = Served(tmp_path / "home", INCIDENT_ALARM_TO=alarmed.url)
        token = served.token()
        spoil(served.home)
        process = subprocess.Popen(
            [*INCIDENT, "serve", "--port", str(served.port)],
            env=served.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        served.process = process
        try:
            wait_until(lambda: answers(served.url), 60, "it answers")
            answer = served.call("GET", "/incidents", token)
            assert (answer.status_code, answer.json()["code"]) == (503, "storage.damaged")
            assert answer.headers["Retry-After"]
            assert served.session.get(f"{served.url}/readyz", timeout=10).status_code == 503
            wait_until(lambda: alarmed.got, 60, "somebody is alarmed")
            assert alarmed.got[0][1]["data"]["standing"][0]["code"] == "database.damaged"
        finally:
            assert served.stop() == 0
        assert process.stderr is not None
        said = process.stderr.read()
        assert "INCIDENT_DATABASE_URL: the database is damaged" in said
        assert "hint: Stop everything that uses it" in said
        assert "Traceback" not in said


def answers(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(f"{url}/healthz", timeout=2).status_code == 200
    return False
