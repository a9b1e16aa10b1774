"""Types outside the standard (5.2, 6.2): the command becomes a task that shows all of it (P10)."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.cacao import PlaybookBundle, Profile, check, parse, start, tasks_instead
from incident.core.cacao.engine.effects import OpenTask, SendCommand
from incident.core.cacao.engine.ordering import shown
from incident.core.cacao.vocabulary import (
    AGENT_IS_PEOPLE,
    NO_EXECUTOR,
    UNKNOWN_AUTHENTICATION,
    UNKNOWN_COMMAND,
)
from tests.core.cacao.build import (
    MACHINE_AGENT,
    NOW,
    PEOPLE_AGENT,
    Json,
    action,
    document,
    http,
    manual,
    of_kind,
    step_id,
    uid,
)

EXECUTORS = Profile(executors=frozenset({"http-api", "openc2-http", "ssh", "bash"}))
SECRET = uid("authentication-info", "secret")
VALUES = {"__ip__": {"type": "ipv4-addr", "value": "10.0.0.9"}}


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


OPENC2 = {
    "type": "openc2",
    "description": "Deny the connection.",
    "command": "POST post HTTP1.1",
    "content_b64": b64('{\n  "deny": "__ip__:value"\n}'),
    "actuator": {"profile": "slpf", "ports": [80, 443]},
    "headers": "X-Any: form",
}
WHOLE = """\
type: openc2
command: POST post HTTP1.1
headers: X-Any: form
content:
{
  "deny": "10.0.0.9"
}
actuator:
{
  "profile": "slpf",
  "ports": [
    80,
    443
  ]
}"""


def made(command: Json, agent: str = MACHINE_AGENT, **more: Any) -> Json:
    return document(
        {"a": action("e", command, agent=agent, name="Block it", **more), "e": None}, playbook_variables=VALUES
    )


def begun(playbook: Json) -> tuple[list[OpenTask], list[SendCommand]]:
    turn = start(PlaybookBundle(parse(playbook)), {}, NOW, EXECUTORS)
    return of_kind(turn, OpenTask), of_kind(turn, SendCommand)


def the_task(playbook: Json) -> OpenTask:
    ([task], []) = begun(playbook)
    return task


def test_a_command_of_an_unknown_type_becomes_a_task_that_shows_the_whole_command() -> None:
    task = the_task(made(OPENC2))
    assert (task.kind, task.why, task.shown_command) == ("openc2", UNKNOWN_COMMAND, WHOLE)
    assert (task.title, task.instructions) == ("Block it", "Deny the connection.")


def test_that_an_unknown_command_becomes_a_task_is_told_before_the_run_starts() -> None:
    playbook = made(OPENC2)
    found = tasks_instead(parse(playbook), EXECUTORS)
    assert [(one.code, one.pointer) for one in found] == [
        ("command_by_people", f"/workflow/{step_id(playbook, 'a')}/commands/0")
    ]


@pytest.mark.parametrize("is_target", [False, True])
def test_a_command_that_signs_in_by_an_unknown_type_becomes_a_task(is_target: bool) -> None:
    more: Json = {"targets": [MACHINE_AGENT]} if is_target else {}
    playbook = made(http("POST /block HTTP/1.1"), **more)
    playbook["authentication_info_definitions"] = {SECRET: {"type": "authentication-info", "username": "admin"}}
    firewall = playbook["agent_definitions"][MACHINE_AGENT]
    playbook["target_definitions"] = {MACHINE_AGENT: {**firewall, "authentication_info": SECRET}}
    if not is_target:
        firewall["authentication_info"] = SECRET
    task = the_task(playbook)
    assert (task.why, task.shown_command) == (UNKNOWN_AUTHENTICATION, "POST /block HTTP/1.1")


def test_a_known_way_to_sign_in_leaves_the_command_to_the_machine() -> None:
    playbook = made(http())
    playbook["authentication_info_definitions"] = {SECRET: {"type": "http-basic", "password": "__ip__:value"}}
    playbook["agent_definitions"][MACHINE_AGENT]["authentication_info"] = SECRET
    ([], [sent]) = begun(playbook)
    assert sent.authentication[MACHINE_AGENT]["type"] == "http-basic"


def test_every_task_that_stands_for_a_command_says_why_a_person_must_do_it() -> None:
    assert the_task(made({"type": "sigma", "command_b64": b64("title: x")})).why == NO_EXECUTOR
    assert the_task(made(http(), agent=PEOPLE_AGENT)).why == AGENT_IS_PEOPLE
    assert the_task(made(OPENC2, agent=PEOPLE_AGENT)).why == AGENT_IS_PEOPLE
    assert the_task(made(manual())).why is None
    assert the_task(made(manual(), agent=PEOPLE_AGENT)).why is None


words = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(words, st.dictionaries(st.text(max_size=12), values, max_size=4))
def test_no_property_of_an_unknown_command_raises(kind: str, rest: Json) -> None:
    command = {**rest, "type": kind}
    playbook = made(command)
    if not [fault for fault in check(playbook) if fault.is_error]:
        begun(playbook)
    assert kind in shown(command) or kind == "manual"


@given(values, values)
def test_no_type_of_a_command_or_of_authentication_raises(kind: Any, other: Any) -> None:
    playbook = made({"type": kind, "command": "x"})
    playbook["authentication_info_definitions"] = {SECRET: {"type": other}}
    if not isinstance(kind, str) or not isinstance(other, str) or not kind or not other:
        assert [fault for fault in check(playbook) if fault.is_error]
    else:
        check(playbook)
