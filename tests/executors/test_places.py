"""Hostile answers of a department in later commands, on a real sshd and web server (P18)."""

from __future__ import annotations

import json
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from incident.core.cacao import Profile
from incident.core.cacao.engine.effects import SendCommand
from incident.executors import Command, CommandResult, ExecutorContext, registry
from incident.outgoing import Outgoing
from tests.core.cacao.build import MACHINE_AGENT, Json, action, document, http, manual, of_kind, uid
from tests.core.cacao.story import Story
from tests.plugins.ssh_server import SshServer
from tests.receivers import receiver

KINDS = frozenset({"http-api", "openc2-http", "ssh", "bash"})
GATE = uid("ssh", "gate")


def answered(answer: str, command: Json, agent: Json, gate: Json) -> SendCommand:
    """Return the data sent after a department's answer."""
    goal = {} if command["type"] == "http-api" else {"targets": [GATE]}
    whole = document(
        {
            "ask": action("do", manual("which address?"), out_args=["__answer__"]),
            "do": action("e", command, agent=MACHINE_AGENT, out_args=["__stdout__"], **goal),
            "e": None,
        },
        playbook_variables={"__answer__": {"type": "string"}, "__stdout__": {"type": "string"}},
    )
    whole["agent_definitions"][MACHINE_AGENT] |= agent
    whole["target_definitions"] = {GATE: {key: value for key, value in gate.items() if key != "id"}}
    story = Story(whole, profile=Profile(executors=KINDS))
    [found] = of_kind(story.end("ask", __answer__=answer), SendCommand)
    return found


def carried_out(order: SendCommand, *targets: Any) -> CommandResult:
    means = ExecutorContext(Outgoing(allow_private=True), lambda name, place: "", lambda host, port: targets)
    known = registry(means)[order.kind]
    return known.execute(
        Command(
            kind=order.kind, body=order.body, agent=order.agent, targets=order.targets, out=tuple(order.out_variables)
        )
    )


@pytest.mark.parametrize("kind", ["ssh", "bash"])
@pytest.mark.parametrize(
    "form", ["x; touch {}", "$(touch {})", "`touch {}`", "x' ; touch {} #", "x\ntouch {}", "\\'; touch {} #"]
)
def test_an_answer_is_never_run_on_the_target(ssh_server: SshServer, tmp_path: Path, kind: str, form: str) -> None:
    mark = tmp_path / "ran"
    answer = form.format(mark)
    gate = ssh_server.definition()
    order = answered(answer, {"type": kind, "command": "printf %s __answer__:value"}, {}, gate)
    ended = carried_out(order, ssh_server.target())
    assert (ended.outcome, ended.variables["__stdout__"], mark.exists()) == ("succeeded", answer, False)


def asked(answer: str, command: Json) -> Any:
    with receiver() as server:
        order = answered(
            answer,
            command,
            {"address": {"url": [server.url]}},
            {"type": "ssh", "name": "n", "address": {"ipv4": ["192.0.2.1"]}},
        )
        assert carried_out(order).outcome == "succeeded"
        [came] = server.requests
        return came


def test_an_answer_is_one_segment_of_a_path() -> None:
    came = asked("../../admin?all=1#", http("DELETE /rules/__answer__:value HTTP/1.1"))
    assert came.path == "/rules/..%2F..%2Fadmin%3Fall%3D1%23"


def test_an_answer_is_one_field_of_a_form() -> None:
    headers = {"Content-Type": ["application/x-www-form-urlencoded"]}
    came = asked("1&role=admin", http(headers=headers, content="address=__answer__:value&minutes=60"))
    assert urllib.parse.parse_qs(came.body.decode()) == {"address": ["1&role=admin"], "minutes": ["60"]}


@pytest.mark.parametrize("place", ['"__answer__:value"', "__answer__:value"])
def test_an_answer_is_one_member_of_json(place: str) -> None:
    answer = '1","role":"admin","x":"'
    came = asked(answer, http(headers={"Content-Type": ["application/json"]}, content=f'{{"address": {place}}}'))
    assert json.loads(came.body) == {"address": answer}
