"""The executor of a command and its instructions (P10, P12); the insertion of variables."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from incident.core.cacao import tasks_instead
from incident.core.cacao.engine.effects import OpenTask, SendCommand, effect_to_json
from incident.core.cacao.engine.events import CommandEnded
from tests.core.cacao.build import (
    MACHINE,
    MACHINE_AGENT,
    PEOPLE_AGENT,
    Json,
    action,
    begun,
    bundle,
    document,
    http,
    manual,
    of_kind,
    step_id,
    uid,
)
from tests.core.cacao.story import Story

ORGANIZATION = uid("organization", "o")
SERVER = uid("linux", "server")
SECRET = uid("http-basic", "secret")
VARIABLES = {
    "__ip__": {"type": "ipv4-addr", "value": "10.0.0.9"},
    "__team__": {"type": "string", "value": "night watch"},
    "__more__": {"type": "dictionary", "value": {"b": 1, "a": "x"}},
    "__unknown__": {"type": "string"},
}


def made(command: Json, **more: Any) -> Json:
    whole = document({"a": action("e", command, name="Block it", **more), "e": None}, playbook_variables=VARIABLES)
    whole["agent_definitions"][PEOPLE_AGENT]["name"] = "Team __team__:value"
    whole["agent_definitions"][MACHINE_AGENT]["authentication_info"] = SECRET
    whole["authentication_info_definitions"] = {
        SECRET: {"type": "http-basic", "kms": True, "kms_key_identifier": "firewall"}
    }
    whole["target_definitions"] = {
        SERVER: {"type": "linux", "name": "Server", "address": {"ipv4": ["__ip__:value"]}},
        ORGANIZATION: {"type": "organization", "name": "Hospital"},
    }
    return whole


def task(command: Json, **more: Any) -> OpenTask:
    [found] = of_kind(begun(made(command, **more)), OpenTask)
    return found


def test_a_manual_command_becomes_a_task_of_the_agents_people() -> None:
    opened = task(manual("Pull the plug of __ip__:value"), description="Stop it", targets=[SERVER])
    assert (opened.title, opened.instructions) == ("Block it", "Stop it\n\nPull the plug of 10.0.0.9")
    assert opened.assignees == ({"type": "group", "name": "Team night watch", "id": PEOPLE_AGENT},)
    assert opened.targets[0]["address"] == {"ipv4": ["10.0.0.9"]}
    assert opened.shown_command is None


def test_p12_a_manual_command_of_a_machine_goes_to_the_targets_people_else_to_nobody_in_particular() -> None:
    assert task(manual(), agent=MACHINE_AGENT, targets=[ORGANIZATION]).assignees[0]["name"] == "Hospital"
    assert task(manual(), agent=MACHINE_AGENT, targets=[SERVER]).assignees == ()


def test_p12_people_get_the_command_of_a_machine_as_a_task_that_shows_it() -> None:
    body = http(
        "POST /block/__ip__:value HTTP/1.1", headers={"X-Why": ["because", "now"]}, content_b64=b64("say __ip__:value")
    )
    opened = task(body)
    assert opened.shown_command == "POST /block/10.0.0.9 HTTP/1.1\nX-Why: because, now\n\nsay 10.0.0.9"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("kind", ["sigma", "yara", "kestrel", "jupyter", "elastic", "powershell", "caldera-cmd"])
def test_p10_a_command_without_an_executor_becomes_a_task_with_the_decoded_command(kind: str) -> None:
    opened = task({"type": kind, "command_b64": b64("rule x { __ip__:value }")}, agent=MACHINE_AGENT)
    assert (opened.kind, opened.shown_command) == (kind, "rule x { 10.0.0.9 }")


def test_p10_which_commands_become_tasks_is_known_before_the_run_starts() -> None:
    whole = made({"type": "yara", "command_b64": b64("rule")}, agent=MACHINE_AGENT)
    found = tasks_instead(bundle(whole).main, MACHINE)
    assert [(fault.code, fault.pointer) for fault in found] == [
        ("command_by_people", f"/workflow/{step_id(whole, 'a')}/commands/0")
    ]
    assert tasks_instead(bundle(made(http(), agent=MACHINE_AGENT)).main, MACHINE) == []
    assert tasks_instead(bundle(made(manual())).main, MACHINE) == []


def test_a_command_for_a_machine_is_sent_with_references_instead_of_secrets() -> None:
    turn = begun(
        made(
            http("GET /__ip__:value HTTP/1.1", content='{"x": __more__:value}'),
            agent=MACHINE_AGENT,
            out_args=["__ip__"],
        )
    )
    [sent] = of_kind(turn, SendCommand)
    assert sent.body == {"type": "http-api", "command": "GET /10.0.0.9 HTTP/1.1", "content": '{"x": {"a":"x","b":1}}'}
    assert sent.authentication == {MACHINE_AGENT: {"type": "http-basic", "kms": True, "kms_key_identifier": "firewall"}}
    assert (sent.targets, sent.out_variables) == ((), {"__ip__": "ipv4-addr"})
    assert turn.run.state == "running"
    assert effect_to_json(sent)["effect"] == "send_command"


def test_people_see_the_placeholder_of_a_value_that_is_unknown() -> None:
    assert task(manual("ask __unknown__:value")).instructions == "ask __unknown__:value"


def test_the_document_itself_is_never_changed() -> None:
    whole = made(http("GET /__ip__:value HTTP/1.1"), agent=MACHINE_AGENT, targets=[SERVER])
    story = Story(whole)
    before = story.bundle.main.content_hash
    story.send(CommandEnded(story.key("a"), 1, 0, "succeeded"))
    fresh = bundle(made(http("GET /__ip__:value HTTP/1.1"), agent=MACHINE_AGENT, targets=[SERVER]))
    assert before == fresh.main.content_hash
    assert story.bundle.main.document == fresh.main.document


def test_several_commands_of_a_step_are_counted_in_their_titles() -> None:
    whole = document({"a": action("e", manual("one"), manual("two"), name="Look"), "e": None})
    assert of_kind(begun(whole), OpenTask)[0].title == "Look (1/2)"
