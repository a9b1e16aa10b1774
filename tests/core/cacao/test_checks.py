"""Every fault of the playbook check, each with its location (P5, P15, P17)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from incident.core.cacao import Fault, PlaybookRefused, check, parse
from incident.core.cacao.vocabulary import MAX_FAULTS, MAX_STEPS, RETRY_EXTENSION
from tests.core.cacao.build import (
    MACHINE_AGENT,
    PEOPLE_AGENT,
    Json,
    action,
    choice,
    document,
    http,
    manual,
    step_id,
    uid,
)

TARGET = uid("linux", "target")
VARIABLES = {"__n__": {"type": "integer", "value": "1"}, "__ip__": {"type": "ipv4-addr", "value": "10.0.0.1"}}


def sample() -> Json:
    """Return a playbook without a fault that uses most of the standard."""
    steps: dict[str, Json | None] = {
        "a": action("if", manual("look at __ip__:value", playbook_activity="identify-indicators")),
        "if": choice("__n__:value > 0", "b", on_false="be2", on_completion="w"),
        "b": action(None, http(), agent=MACHINE_AGENT, on_success="be", on_failure="be", out_args=["__n__"]),
        "be": None,
        "be2": None,
        "w": {"type": "while-condition", "condition": "__n__:value < 3", "on_true": "we", "on_completion": "p"},
        "we": None,
        "p": {"type": "parallel", "next_steps": ["c", "pe2"], "on_completion": "s"},
        "c": action("pe"),
        "pe": None,
        "pe2": None,
        "s": {"type": "switch-condition", "switch": "__n__:value", "cases": {"1": "d", "2": "d"}, "on_completion": "e"},
        "d": action("de"),
        "de": None,
        "e": None,
    }
    return document(
        steps,
        playbook_variables=copy.deepcopy(VARIABLES),
        playbook_types=["investigation"],
        playbook_activities=["identify-indicators"],
        workflow_exception="e",
        target_definitions={TARGET: {"type": "linux", "name": "Server", "address": {"ipv4": ["10.0.0.2"]}}},
    )


def step(made: Json, name: str) -> Json:
    found: Json = made["workflow"][step_id(made, name)]
    return found


def test_a_good_playbook_has_no_fault() -> None:
    assert check(sample()) == []


def to(path: str, value: Any) -> Callable[[Json], None]:
    """Return a change that sets a property; the first part may be the name of a step after `@`."""

    def change(made: Json) -> None:
        *holders, last = path.split(".")
        at = made
        for holder in holders:
            at = step(made, holder[1:]) if holder.startswith("@") else at[_index(holder)]
        if value is DROP:
            del at[last]
        else:
            at[last] = value

    return change


def _index(part: str) -> Any:
    return int(part) if part.isdecimal() else part


DROP = object()
STEP_ID, IF_ID = step_id(sample(), "a"), step_id(sample(), "if")
DANGLING = uid("action", "nowhere")
SECRET = uid("http-basic", "secret")
MARKING = uid("marking-tlp", "marking")
CONTACT, AT_CONTACT = f"agent_definitions.{PEOPLE_AGENT}.contact", f"agent_definitions/{PEOPLE_AGENT}/contact"


def declared_earlier(made: Json) -> None:
    step(made, "a")["step_variables"] = {"__own__": {"type": "string", "value": "x"}}
    step(made, "c")["commands"] = [manual("__own__:value")]


def never_valid(made: Json) -> None:
    made.update(valid_from="2026-01-02T00:00:00Z", valid_until="2026-01-01T00:00:00Z")


ERRORS: list[tuple[str, Callable[[Json], None], str]] = [
    ("missing_property", to("name", DROP), ""),
    ("missing_property", to("created", DROP), ""),
    ("missing_property", to("@a.commands", DROP), f"/workflow/{STEP_ID}"),
    ("missing_property", to("@a.agent", DROP), f"/workflow/{STEP_ID}"),
    ("missing_one_of", to("@a.commands", [{"type": "manual"}]), f"/workflow/{STEP_ID}/commands/0"),
    ("wrong_type", to("name", 5), "/name"),
    ("wrong_type", to("@a.delay", "soon"), f"/workflow/{STEP_ID}/delay"),
    ("wrong_type", to("@a.delay", True), f"/workflow/{STEP_ID}/delay"),
    ("wrong_type", to("workflow", []), "/workflow"),
    ("wrong_type", to("@a.commands", ["x"]), f"/workflow/{STEP_ID}/commands/0"),
    ("time_out_of_range", to("@a.timeout", -1), f"/workflow/{STEP_ID}/timeout"),
    ("time_out_of_range", to("@a.timeout", 2**53 - 1), f"/workflow/{STEP_ID}/timeout"),
    ("unknown_type", to("type", "runbook"), "/type"),
    ("unknown_spec_version", to("spec_version", "cacao-3.0"), "/spec_version"),
    ("bad_identifier", to("id", "playbook-1"), "/id"),
    ("bad_timestamp", to("modified", "yesterday"), "/modified"),
    ("bad_timestamp", to("created", "2026-02-30T00:00:00.000Z"), "/created"),
    ("modified_before_created", to("modified", "2025-01-01T00:00:00.000Z"), "/modified"),
    ("dangling_reference", to("@a.agent", uid("group", "none")), f"/workflow/{STEP_ID}/agent"),
    ("dangling_reference", to("@a.targets", [uid("group", "none")]), f"/workflow/{STEP_ID}/targets/0"),
    ("dangling_reference", to("markings", [MARKING]), "/markings/0"),
    ("unknown_tlp", to("data_marking_definitions", {MARKING: {"type": "marking-tlp", "tlpv2_level": "RED"}}), ""),
    ("unknown_marking", to("data_marking_definitions", {MARKING: {"type": "marking-blue"}}), ""),
    ("start_of_other_type", to("workflow_start", STEP_ID), "/workflow_start"),
    ("dangling_step", to("workflow_start", uid("start", "none")), "/workflow_start"),
    ("dangling_step", to("workflow_exception", DANGLING), "/workflow_exception"),
    ("dangling_step", to("@a.on_completion", DANGLING), f"/workflow/{STEP_ID}/on_completion"),
    ("dangling_step", to("@p.next_steps", [DANGLING, DANGLING]), ""),
    ("dangling_step", to("@s.cases", {"1": DANGLING}), ""),
    ("several_starts", to(f"workflow.{uid('start', 'two')}", {"type": "start", "on_completion": STEP_ID}), ""),
    ("unreachable_step", to(f"workflow.{DANGLING}", action(STEP_ID)), f"/workflow/{DANGLING}"),
    ("start_referenced", to("@d.on_completion", sample()["workflow_start"]), ""),
    ("cycle", to("@d.on_completion", STEP_ID), ""),
    ("cycle", to("@a.on_completion", STEP_ID), f"/workflow/{STEP_ID}/on_completion"),
    ("no_way_on", to("@a.on_completion", DROP), f"/workflow/{STEP_ID}"),
    ("no_way_on", to("@b.on_success", DROP), ""),
    ("no_way_on", to(f"workflow.{uid('start', 'Test/start')}.on_completion", DROP), ""),
    ("no_way_on", to(f"workflow.{STEP_ID}", {"type": "playbook-action", "playbook_id": uid("playbook", "x")}), ""),
    ("completion_mixed", to("@a.on_failure", step_id(sample(), "if")), f"/workflow/{STEP_ID}"),
    ("end_leads_on", to("@e.on_completion", step_id(sample(), "be")), ""),
    ("end_shared", to("@c.on_completion", step_id(sample(), "pe2")), ""),
    ("end_shared", to("@b.on_success", step_id(sample(), "e")), ""),
    ("step_shared", to("@if.on_false", step_id(sample(), "c")), ""),
    ("branch_twice", to("@p.next_steps", [step_id(sample(), "c")] * 2), ""),
    ("list_short", to("@p.next_steps", [step_id(sample(), "c")]), ""),
    ("list_short", to("@a.commands", []), f"/workflow/{STEP_ID}/commands"),
    ("list_short", to("@s.cases", {}), ""),
    ("unknown_step", to("@a.type", "manual-action"), f"/workflow/{STEP_ID}/type"),
    ("type_malformed", to("@a.commands.0.type", ""), f"/workflow/{STEP_ID}/commands/0/type"),
    ("type_malformed", to("@a.commands.0.type", "rm -rf"), f"/workflow/{STEP_ID}/commands/0/type"),
    ("type_malformed", to("@a.commands.0.type", "x" * 101), f"/workflow/{STEP_ID}/commands/0/type"),
    ("wrong_type", to("@a.commands.0.type", 5), f"/workflow/{STEP_ID}/commands/0/type"),
    ("wrong_type", to("@a.commands.0.type", None), f"/workflow/{STEP_ID}/commands/0/type"),
    ("missing_property", to("@a.commands", [{"command": "x"}]), f"/workflow/{STEP_ID}/commands/0"),
    ("wrong_type", to("@a.commands", [{"type": "openc2", "description": 5}]), ""),
    (
        "bad_base64",
        to("@a.commands", [{"type": "manual", "command_b64": "?"}]),
        f"/workflow/{STEP_ID}/commands/0/command_b64",
    ),
    ("no_address", to(f"agent_definitions.{MACHINE_AGENT}.address", {"url": []}), ""),
    ("command_misfit", to("@b.commands", [{"type": "ssh", "command": "ls"}]), ""),
    ("variable_undeclared", to("@a.commands.0.command", "__nope__:value"), f"/workflow/{STEP_ID}/commands/0"),
    ("variable_undeclared", to("@b.out_args", ["__nope__"]), ""),
    ("variable_undeclared", to("@s.switch", "__nope__:value"), ""),
    ("variable_undeclared", to("@if.condition", "__nope__:value = 1"), ""),
    ("variable_undeclared", to(f"agent_definitions.{PEOPLE_AGENT}.name", "Team __nope__:value"), ""),
    ("bad_variable_name", to("playbook_variables.nope", {"type": "string"}), "/playbook_variables/nope"),
    ("bad_variable_name", to("@b.out_args", ["n"]), ""),
    ("constant_assigned", to("playbook_variables.__n__.constant", True), ""),
    ("value_mistyped", to("playbook_variables.__n__.value", "one"), "/playbook_variables/__n__/value"),
    ("condition_operand", to("@if.condition", "__n__:value ="), ""),
    ("condition_literal", to("@if.condition", "__n__:value = 'many'"), ""),
    ("condition_unordered", to("playbook_variables.__n__", {"type": "bool"}), ""),
    ("inline_secret", to("authentication_info_definitions", {SECRET: {"type": "http-basic", "password": "x"}}), ""),
    ("key_missing", to("authentication_info_definitions", {SECRET: {"type": "http-basic", "kms": True}}), ""),
    ("type_malformed", to("authentication_info_definitions", {SECRET: {"type": "", "token": ""}}), ""),
    ("type_malformed", to("authentication_info_definitions", {SECRET: {"type": "my own", "token": ""}}), ""),
    ("wrong_type", to("authentication_info_definitions", {SECRET: {"type": 5, "token": ""}}), ""),
    ("missing_property", to("authentication_info_definitions", {SECRET: {"token": ""}}), ""),
    ("inline_secret", to("authentication_info_definitions", {SECRET: {"type": "basic", "password": "x"}}), ""),
    ("inline_secret", to("authentication_info_definitions", {SECRET: {"type": "key", "api_key": "x"}}), ""),
    ("retry_out_of_range", to("@a.step_extensions", {RETRY_EXTENSION: {"retry_limit": 0}}), ""),
    ("missing_property", to("@a.step_extensions", {RETRY_EXTENSION: {}}), ""),
    ("duplicate_id", to(f"workflow.end--{STEP_ID.partition('--')[2]}", {"type": "end"}), ""),
    ("no_start", to("workflow", {uid("end", "e"): {"type": "end"}}), "/workflow"),
    ("no_end", to("workflow", {uid("start", "s"): {"type": "start"}}), "/workflow"),
    ("valid_until_before_from", never_valid, "/valid_until"),
]

WARNINGS: list[tuple[str, Callable[[Json], None], str]] = [
    ("unknown_property", to("colour", "red"), "/colour"),
    ("timestamp_precision", to("modified", "2026-01-02T00:00:00Z"), "/modified"),
    ("out_of_hundred", to("priority", 101), "/priority"),
    ("activities_missing", to("playbook_activities", DROP), "/playbook_activities"),
    ("activity_of_other_type", to("playbook_types", ["prevention"]), "/playbook_activities/0"),
    (
        "activity_not_done",
        to("playbook_activities", ["identify-indicators", "analyze-collected-data"]),
        "/playbook_activities/1",
    ),
    ("unknown_activity", to("@a.commands.0.playbook_activity", "dance"), ""),
    ("condition_quoted", to("@if.condition", "'__ip__:value' = '10.0.0.1'"), f"/workflow/{IF_ID}/condition"),
    ("condition_quoted", to("@if.condition", "__ip__:value = '10.0.0.1' OR \"__n__:value\" = 'x'"), ""),
    ("condition_quoted", to("@if.condition", "'a' IN ('b', 'about __ip__:value')"), ""),
    ("condition_quoted", to("@if.condition", "'x' LIKE '%__nope__:value'"), ""),
    ("unknown_command", to("@a.commands.0.type", "telnet"), f"/workflow/{STEP_ID}/commands/0/type"),
    ("unknown_command", to("@b.commands", [{"type": "openc2", "target": {"file": 1}}]), ""),
    ("unknown_authentication", to("authentication_info_definitions", {SECRET: {"type": "authentication-info"}}), ""),
    ("contact_malformed", to(CONTACT, {"email": {"work": "duty@example.org;`rm -r`"}}), f"/{AT_CONTACT}/email/work"),
    ("contact_malformed", to(CONTACT, {"phone": {"duty": "ask the porter"}}), f"/{AT_CONTACT}/phone/duty"),
    ("contact_wrong_type", to(CONTACT, {"email": "duty@example.org"}), f"/{AT_CONTACT}/email"),
    ("contact_wrong_type", to(CONTACT, {"phone": {"duty": 110}}), f"/{AT_CONTACT}/phone/duty"),
    ("contact_wrong_type", to(CONTACT, {"contact_details": []}), f"/{AT_CONTACT}/contact_details"),
    ("unknown_property", to(CONTACT, {"fax": {"work": "1"}}), f"/{AT_CONTACT}/fax"),
    ("unknown_authentication", to("authentication_info_definitions", {SECRET: {"type": "x", "token_url": "y"}}), ""),
    ("unknown_agent", to(f"agent_definitions.{MACHINE_AGENT}.type", "orchestrator"), ""),
    ("id_of_other_type", to(f"agent_definitions.{MACHINE_AGENT}.type", "net-address"), ""),
    (
        "uuid_version",
        to(f"agent_definitions.group--{'1' * 8}-1111-1111-8111-{'1' * 12}", {"type": "group", "name": "x"}),
        "",
    ),
    ("duplicate_id", to(f"agent_definitions.group--{STEP_ID.partition('--')[2]}", {"type": "group", "name": "x"}), ""),
    ("summary_differs", to("playbook_processing_summary", {"while_logic": False}), ""),
    ("request_line", to("@b.commands.0.command", "GET /x"), ""),
    ("said_twice", to("@a.commands.0.command_b64", "eA=="), ""),
    ("value_not_string", to("playbook_variables.__n__.value", 5), ""),
    ("unknown_variable_type", to("playbook_variables.__ip__.type", "address"), ""),
    ("external_in_step", to("@a.step_variables", {"__own__": {"type": "string", "external": True}}), ""),
    ("variable_from_earlier", declared_earlier, ""),
    ("case_mistyped", to("@s.cases.many", step_id(sample(), "d")), ""),
    ("extension_undefined", to("@a.step_extensions", {uid("extension-definition", "x"): {}}), ""),
    ("retry_unused", to("@p.step_extensions", {RETRY_EXTENSION: {"retry_limit": 1}}), ""),
    ("unknown_address", to(f"agent_definitions.{MACHINE_AGENT}.address.phone", ["1"]), ""),
    (
        "kms_not_true",
        to("authentication_info_definitions", {SECRET: {"type": "http-basic", "kms_key_identifier": "k"}}),
        "",
    ),
    ("list_short", to("labels", []), "/labels"),
]


@pytest.mark.parametrize(("code", "change", "place"), ERRORS, ids=[f"{one[0]}-{at}" for at, one in enumerate(ERRORS)])
def test_an_error_refuses_and_names_its_place(code: str, change: Callable[[Json], None], place: str) -> None:
    made = sample()
    change(made)
    faults = [fault for fault in check(made) if fault.code == code and fault.is_error]
    assert faults, [(fault.code, fault.pointer) for fault in check(made)]
    assert not place or place in [fault.pointer for fault in faults]
    with pytest.raises(PlaybookRefused) as refused:
        parse(made)
    assert refused.value.faults == tuple(check(made))


@pytest.mark.parametrize(("code", "change", "place"), WARNINGS, ids=[code for code, _, _ in WARNINGS])
def test_p17_a_warning_is_told_and_does_not_refuse(code: str, change: Callable[[Json], None], place: str) -> None:
    made = sample()
    change(made)
    faults = check(made)
    assert code in [fault.code for fault in faults if not fault.is_error]
    assert not [fault for fault in faults if fault.is_error]
    assert not place or place in [fault.pointer for fault in faults if fault.code == code]
    parse(made)


def _codes(faults: list[Fault]) -> list[str]:
    return [fault.code for fault in faults]


def test_all_faults_are_told_at_once_errors_first() -> None:
    made = sample()
    for change in (
        to("created", DROP),
        to("colour", "red"),
        to("@a.on_completion", DANGLING),
        to("@a.agent", uid("group", "x")),
    ):
        change(made)
    faults = check(made)
    assert {"missing_property", "unknown_property", "dangling_step", "dangling_reference"} <= {
        one.code for one in faults
    }
    assert [fault.is_error for fault in faults] == sorted((fault.is_error for fault in faults), reverse=True)


def test_a_secret_written_into_a_playbook_is_only_a_warning_to_whoever_looks() -> None:
    made = sample()
    made["authentication_info_definitions"] = {SECRET: {"type": "http-basic", "user_id": "u", "password": "x"}}
    assert [fault.severity for fault in check(made)] == ["error"]
    assert [fault.severity for fault in check(made, is_lint=True)] == ["warning"]
    made["authentication_info_definitions"][SECRET]["password"] = "__ip__:value"
    assert check(made) == []


@pytest.mark.parametrize(
    "contact",
    [
        {"email": {"work": "duty@example.org", "home": "li.wei+night@mail.example.cn", "same": "root@localhost"}},
        {"email": {"work": "值班@网安.中国"}},
        {
            "phone": {
                "duty": "110",
                "work": "+86 (0)10 8888-0000 转 12",
                "far": "tel:+1-201-555-0123",
                "x": "010/1234 x9",
            }
        },
        {"email": {"work": "__ip__:value@example.org", "any": "__ip__:value"}, "phone": {"duty": "+86 __n__:value"}},
        {"contact_details": "Knock twice."},
        {},
    ],
)
def test_addresses_that_reach_somebody_earn_no_warning(contact: Json) -> None:
    made = sample()
    made["agent_definitions"][PEOPLE_AGENT]["contact"] = contact
    assert check(made) == []


def test_the_contact_of_a_target_and_of_an_agent_of_another_tool_is_looked_at_too() -> None:
    made = sample()
    wrong = {"email": {"work": "nobody"}}
    target, robot = uid("individual", "t"), uid("soarca", "r")
    made["target_definitions"][target] = {"type": "individual", "name": "Li", "contact": wrong}
    made["agent_definitions"][robot] = {"type": "soarca", "name": "robot", "contact": wrong}
    found = {fault.pointer for fault in check(made) if fault.code == "contact_malformed"}
    assert found == {
        f"/target_definitions/{target}/contact/email/work",
        f"/agent_definitions/{robot}/contact/email/work",
    }


def test_a_quoted_variable_is_told_with_its_column_and_one_without_quotes_is_not() -> None:
    made = sample()
    step(made, "if")["condition"] = "__n__:value > 0 AND '__ip__:value' = '10.0.0.1'"
    [found] = check(made)
    assert (found.code, found.args) == ("condition_quoted", {"column": 21, "found": "__ip__:value"})
    step(made, "if")["condition"] = "__n__:value > 0 AND __ip__:value = '10.0.0.1' OR __ip__:value = 'value'"
    assert "condition_quoted" not in [fault.code for fault in check(made)]


def test_p2_the_exception_may_use_the_main_end_step_and_no_other_step_of_the_main_line() -> None:
    made = sample()
    made["workflow_exception"] = STEP_ID
    assert "step_shared" in [fault.code for fault in check(made)]


def test_an_earlier_version_is_refused_with_what_to_change() -> None:
    made = sample()
    made["spec_version"] = "1.1"
    made["features"] = {}
    made["workflow"]["step--1"] = {"type": "single", "on_true": ["x"], "target": "y", "step_variables": {"$$a$$": {}}}
    found = {(fault.code, fault.pointer) for fault in check(made)}
    assert found == {
        ("earlier_version", "/spec_version"),
        ("earlier_name", "/features"),
        ("earlier_step", "/workflow/step--1/type"),
        ("earlier_id", "/workflow/step--1"),
        ("earlier_list", "/workflow/step--1/on_true"),
        ("earlier_name", "/workflow/step--1/target"),
        ("earlier_name", "/workflow/step--1/step_variables/$$a$$"),
    }


def test_what_is_no_object_is_no_playbook() -> None:
    things: list[object] = [None, [], "x", 5, True]
    for thing in things:
        assert [fault.code for fault in check(thing)] == ["not_an_object"]


def test_more_faults_than_anybody_reads_are_cut() -> None:
    made = sample()
    made["labels"] = list(range(MAX_FAULTS * 2))
    faults = check(made)
    assert len(faults) == MAX_FAULTS + 1
    assert "more_faults" in [fault.code for fault in faults]


def test_too_many_steps_are_refused_by_a_stated_limit() -> None:
    made = sample()
    made["workflow"] = {str(index): None for index in range(MAX_STEPS + 1)}
    assert [(fault.code, fault.args["limit"]) for fault in check(made)] == [("too_many_steps", MAX_STEPS)]


def test_a_fault_can_be_written_as_json() -> None:
    made = sample()
    for _, change, _ in ERRORS:
        change(made := sample())
        json.dumps([dict(fault.args) for fault in check(made)])
