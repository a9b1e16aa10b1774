"""openc2-http commands against real servers."""

import base64
import json
from typing import Any

import pytest

from incident.executors import Command, CommandResult
from incident.executors.openc2_http import OpenC2Http
from incident.outgoing import Outgoing
from tests.receivers import receiver

DENY = {"action": "deny", "target": {"ipv4_net": "203.0.113.7/32"}, "args": {"response_requested": "complete"}}
ENCODED = base64.b64encode(json.dumps(DENY).encode()).decode()


def execute(url: str, **body: Any) -> CommandResult:
    given = {"type": "openc2-http", "command": "POST /openc2 HTTP/1.1", "content_b64": ENCODED} | body
    target = {"id": "http-api--1", "type": "http-api", "name": "wall", "address": {"url": [url]}}
    executor = OpenC2Http(Outgoing(allow_private=True), lambda name, place: "")
    return executor.execute(
        Command(kind="openc2-http", body=given, targets=(target,), out=("__http_status__", "__results__"))
    )


def test_the_openc2_command_is_posted_with_its_media_type() -> None:
    with receiver(body=b'{"status": 200, "results": {"rule": 7}}') as server:
        ended = execute(server.url)
    [came] = server.requests
    assert (came.method, came.path, json.loads(came.body)) == ("POST", "/openc2", DENY)
    assert came.headers["content-type"] == came.headers["accept"] == "application/openc2+json;version=1.0"
    assert ended.outcome == "succeeded"
    assert ended.variables == {"__http_status__": "200", "__results__": '{"rule":7}'}


def test_a_media_type_that_the_playbook_names_stands() -> None:
    with receiver() as server:
        execute(server.url, headers={"content-type": ["application/openc2-cmd+json;version=1.0"]})
    [came] = server.requests
    assert came.headers["content-type"] == "application/openc2-cmd+json;version=1.0"
    assert came.headers["accept"] == "application/openc2+json;version=1.0"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"command": "GET /openc2 HTTP/1.1"}, "an OpenC2 command is sent by POST"),
        ({"content_b64": ""}, "content_b64 holds no OpenC2 command"),
        ({"content_b64": "?"}, "content_b64 is not Base64"),
    ],
)
def test_what_is_no_openc2_command_is_not_sent(body: dict[str, str], detail: str) -> None:
    with receiver() as server:
        ended = execute(server.url, **body)
    assert (ended.outcome, ended.detail, server.requests) == ("failed", detail, [])


def test_an_actuator_that_refuses_fails_the_step_and_is_not_asked_twice() -> None:
    with receiver(status=501, body=b'{"status": 501}') as server:
        ended = execute(server.url)
    assert (ended.outcome, len(server.requests)) == ("failed", 1)
    assert not OpenC2Http(Outgoing(), lambda name, place: "").is_repeatable(
        Command(kind="openc2-http", body={"command": "POST / HTTP/1.1"})
    )
