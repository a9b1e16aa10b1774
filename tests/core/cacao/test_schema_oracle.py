"""Our shapes and the JSON schemas of OASIS agree, except for a short list of known differences.

The schemas declare draft-07 and are read as such: `unevaluatedProperties` is unknown to it, so that neither side
refuses a property it does not know. They are reference data beside the project; without them these tests are skipped.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema_rs import Draft7Validator, Registry

from incident.core.cacao import check
from incident.core.cacao.checks import shape_tables as tables
from incident.core.cacao.checks.shapes import Shape
from tests.core.cacao.build import MACHINE_AGENT, Json
from tests.core.cacao.test_checks import sample

CACAO = Path(__file__).parents[4] / "shared" / "data" / "cacao"
SCHEMAS = CACAO / "oasis-schemas"
pytestmark = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="reference files are not beside the project")

UNSATISFIABLE = {"marking-iep"}
"""Each external reference has to be an object by one part of its schema, and a string by another."""

SHAPES: dict[str, Shape] = {
    **{f"workflows/{kind}": shape for kind, shape in tables.STEPS.items()},
    **{f"commands/{kind}": shape for kind, shape in tables.COMMANDS.items()},
    **{f"agent-target/{kind}": shape for kind, shape in tables.AGENTS.items()},
    **{f"authentication-info/{kind}": shape for kind, shape in tables.AUTHENTICATION.items()},
    **{f"data-markings/{kind}": shape for kind, shape in tables.MARKINGS.items() if kind not in UNSATISFIABLE},
    "extension-definition/extension-definition": tables.EXTENSION,
    "data-types/variable": tables.VARIABLE,
    "data-types/external-reference": tables.REFERENCE,
    "data-types/playbook-processing-summary": tables.SUMMARY,
    "playbook": tables.PLAYBOOK,
}
UUID = "11111111-1111-4111-8111-111111111111"
ID, AT = f"action--{UUID}", "2026-01-01T00:00:00.000Z"
DROP: Any = object()
VALUES: list[Any] = [
    *(DROP, None, True, -1, 0, 5, 101, 1.5, "", "x", ID, "action--1", AT, "2026-13-01T00:00:00Z"),
    *(
        [],
        ["x"],
        [1],
        [None],
        [{}],
        [ID],
        [ID, ID],
        [{"name": "r"}],
        [{"url": "u"}],
        [{"type": "manual", "command": "c"}],
    ),
    *(
        {},
        {"a": {}},
        {"a": 1},
        {"1": ID},
        {"1": "x"},
        {"X": ["v"]},
        {"X": "v"},
        {"ipv4": ["10.0.0.1"]},
        {"ipv4": "10.0.0.1"},
    ),
    *(
        {"__v__": {"type": "string"}},
        {"__v__": {}},
        {f"extension-definition--{UUID}": {}},
        {f"extension-definition--{UUID}": 1},
    ),
]
REQUIRED: dict[str, Any] = {
    "type": "x",
    "name": "n",
    "spec_version": "cacao-2.0",
    "tlpv2_level": "TLP:GREEN",
    "command": "c",
    "command_b64": "Yw==",
    "content_b64": "Yw==",
    "commands": [{"type": "manual", "command": "c"}],
    "next_steps": [ID, ID],
    "cases": {"1": ID},
    "workflow": {},
    "address": {"ipv4": ["10.0.0.1"]},
    "category": ["server"],
    "external_references": [{"name": "r"}],
    "created": AT,
    "modified": AT,
    **dict.fromkeys(("agent", "on_true", "playbook_id", "created_by", "id", "workflow_start"), ID),
}


class Difference(NamedTuple):
    """A known difference: which properties (`*`: all), which values, which side refuses."""

    why: str
    refused_by: str
    names: tuple[str, ...]
    is_meant: Callable[[str, Any], bool] = lambda _file, _value: True


def _is(*kinds: type) -> Callable[[str, Any], bool]:
    return lambda _file, value: isinstance(value, kinds)


def _equals(wanted: Any) -> Callable[[str, Any], bool]:
    return lambda _file, value: value is wanted or (type(value) is type(wanted) and value == wanted)


def _is_missing_in_a_marking(file: str, value: Any) -> bool:
    return value is DROP and file.startswith("data-markings/")


def _is_list_in_a_marking(file: str, value: Any) -> bool:
    return isinstance(value, list) and file.startswith("data-markings/")


def _leads_from_start_or_end(file: str, _value: Any) -> bool:
    return file in {"workflows/start", "workflows/end"}


SCHEMA, US = "schema", "us"
EXTENSIONS = (
    "step_extensions",
    "agent_target_extensions",
    "authentication_info_extensions",
    "marking_extensions",
    "playbook_extensions",
)
DEFINITIONS = ("agent_definitions", "target_definitions", "authentication_info_definitions")
NAMED = (*EXTENSIONS, *DEFINITIONS, "data_marking_definitions", "workflow", "step_variables", "playbook_variables")
LEADS = ("on_completion", "on_success", "on_failure")
DIFFERENCES = [
    Difference("an empty list is a warning", SCHEMA, ("*",), _equals([])),
    Difference("an empty object of extensions or definitions is harmless", SCHEMA, NAMED, _equals({})),
    Difference("a delay of 0 is no delay", SCHEMA, ("delay",), _equals(0)),
    Difference("outside 0 to 100 is a warning", SCHEMA, ("priority", "severity", "impact"), _is(int)),
    Difference("the type chooses the table", SCHEMA, ("type", "spec_version"), _is(str)),
    Difference("members are checked each by its own table", SCHEMA, ("commands",), _is(list)),
    Difference("where a start or an end leads is checked with the flow", SCHEMA, LEADS, _leads_from_start_or_end),
    Difference("extensions are checked with the whole document", SCHEMA, ("extension_definitions",), _is(dict)),
    Difference("levels of TLP are checked with the whole document", SCHEMA, ("tlpv2_level",), _is(str)),
    Difference("signatures are checked when they are verified", SCHEMA, ("signatures",), _is(list)),
    Difference("Base64 is checked when it is decoded", SCHEMA, ("command_b64", "content_b64"), _is(str)),
    Difference("the value of a variable is checked with its type", SCHEMA, ("value",)),
    Difference("a secret such as a token is never in a playbook", SCHEMA, ("oauth_header", "token"), _equals(DROP)),
    Difference("a sector may be described by its name", SCHEMA, ("sector",), _equals(DROP)),
    Difference("markings of other tools lack what nothing here reads", SCHEMA, ("*",), _is_missing_in_a_marking),
    Difference("references of markings are not read", SCHEMA, ("external_references",), _is_list_in_a_marking),
    Difference("draft-07 does not look at names of members", US, NAMED, _is(dict)),
    Difference("draft-07 does not look at unknown kinds of addresses", US, ("address",), _is(dict)),
    Difference("a time-out is not negative", US, ("timeout",), _equals(-1)),
    Difference("a command has a command, as section 5 says", US, ("command",), _equals(DROP)),
    Difference("the content of OpenC2 is text, as section 5.10 says", US, ("content",)),
]


@cache
def validator(file: str) -> Draft7Validator:
    resources = []
    for path in SCHEMAS.rglob("*.json"):
        name = f"https://schemas.invalid/{path.relative_to(SCHEMAS).as_posix()}"
        resources.append((name, json.loads(path.read_bytes()) | {"$id": name}))
    return Draft7Validator({"$ref": f"https://schemas.invalid/{file}.json"}, registry=Registry(resources))


@cache
def parts_of(file: str, part: str) -> frozenset[str]:
    """Return the names of `properties`, or those that are `required`, of a schema and of those it refers to."""

    def of(schema: Json, at: Path) -> frozenset[str]:
        found = frozenset(schema.get(part, ()))
        for one in (*schema.get("allOf", ()), *([schema] if "$ref" in schema else ())):
            if "$ref" in one:
                other = (at.parent / one["$ref"]).resolve()
                found |= of(json.loads(other.read_bytes()), other)
            else:
                found |= of(one, at)
        return found

    path = SCHEMAS / f"{file}.json"
    return of(json.loads(path.read_bytes()), path)


def good(file: str) -> Json:
    """Return an object of a kind with what both sides require."""
    shape, kind = SHAPES[file], file.rpartition("/")[2]
    names = {*shape.required, *parts_of(file, "required"), *(group[0] for group in shape.either)}
    made = {name: copy.deepcopy(REQUIRED.get(name, "x")) for name in sorted(names)}
    if "type" in names:
        made["type"] = kind
    if file.startswith("workflows/") and kind != "end":
        made["on_completion"] = ID
    return made


def is_refused(file: str, body: Json) -> bool:
    return any(fault.is_error for fault in SHAPES[file].faults(body, ()))


def changes(file: str) -> Iterator[tuple[str, Any, Json]]:
    """Yield a good object with each of its properties missing or of each other value."""
    for name in sorted(parts_of(file, "properties") | set(SHAPES[file].rules)):
        for value in VALUES:
            body = {**good(file), name: value}
            if value is DROP:
                del body[name]
            yield name, value, body


def differences(file: str, name: str, value: Any, refused_by: str) -> Iterator[Difference]:
    for one in DIFFERENCES:
        if one.refused_by == refused_by and ("*" in one.names or name in one.names) and one.is_meant(file, value):
            yield one


@pytest.mark.parametrize("file", SHAPES)
def test_both_accept_the_same_good_object(file: str) -> None:
    assert list(validator(file).iter_errors(good(file))) == []
    assert not is_refused(file, good(file))


@pytest.mark.parametrize("file", SHAPES)
def test_our_table_has_the_properties_of_the_schema(file: str) -> None:
    ours_only = {"commands/openc2-http": {"content"}}
    assert set(SHAPES[file].rules) == parts_of(file, "properties") | ours_only.get(file, set())


def test_each_property_that_is_missing_or_of_another_type_is_refused_by_both_or_is_a_known_difference() -> None:
    surprises, used = [], set()
    for file in SHAPES:
        for name, value, body in changes(file):
            by_schema, by_us = not validator(file).is_valid(body), is_refused(file, body)
            if by_schema != by_us:
                known = next(differences(file, name, value, SCHEMA if by_schema else US), None)
                used.add(known)
                if known is None:
                    surprises.append((file, name, "missing" if value is DROP else value, SCHEMA if by_schema else US))
    assert surprises == []
    assert used == set(DIFFERENCES)  # none is left that no longer differs


def objects_of(made: Json) -> Iterator[tuple[str, Json]]:
    """Yield the objects of a playbook with their schemas."""
    yield "playbook", made
    for folder, member in (
        ("workflows", "workflow"),
        ("agent-target", "agent_definitions"),
        ("agent-target", "target_definitions"),
        ("authentication-info", "authentication_info_definitions"),
        ("data-markings", "data_marking_definitions"),
    ):
        bodies = made.get(member)
        for body in bodies.values() if isinstance(bodies, dict) else ():
            if isinstance(body, dict) and isinstance(body.get("type"), str) and f"{folder}/{body['type']}" in SHAPES:
                yield f"{folder}/{body['type']}", body
                if folder == "workflows" and isinstance(body.get("commands"), list):
                    yield from _commands_of(body["commands"])
    variables = made.get("playbook_variables")
    for body in variables.values() if isinstance(variables, dict) else ():
        if isinstance(body, dict):
            yield "data-types/variable", body


def _commands_of(commands: list[Any]) -> Iterator[tuple[str, Json]]:
    for body in commands:
        if isinstance(body, dict) and isinstance(body.get("type"), str) and f"commands/{body['type']}" in SHAPES:
            yield f"commands/{body['type']}", body


SHAPE_CODES = {
    "missing_property",
    "wrong_type",
    "list_short",
    "bad_timestamp",
    "bad_identifier",
    "time_out_of_range",
}


HTTP_BASIC = {"type": "http-basic", "kms": True, "kms_key_identifier": "k"}


@cache
def playbooks() -> list[Json]:
    """Return playbooks without a fault: one of ours, with as much of the standard as possible, and those of others."""
    ours = sample()
    ours["agent_definitions"][MACHINE_AGENT]["address"] = {"ipv4": ["10.0.0.3"]}  # the schema's pattern fits few URLs
    ours["authentication_info_definitions"] = {
        f"http-basic--{UUID}": {"type": "http-basic", "kms": True, "kms_key_identifier": "k"}
    }
    ours["data_marking_definitions"] = {
        f"marking-statement--{UUID}": {**good("data-markings/marking-statement"), "id": f"marking-statement--{UUID}"}
    }
    ours["playbook_extensions"] = {f"extension-definition--{UUID}": {"a": 1}}
    others = [
        CACAO / "oasis-examples" / "basic-example-1.json",
        CACAO / "oasis-examples" / "spec-3.1-example.json",
        *(CACAO / "soarca-examples").glob("*-playbook.json"),
    ]
    return [ours, *(json.loads(file.read_bytes()) for file in others)]


def shape_errors(made: Json) -> list[str]:
    return [
        f"{fault.code} {fault.pointer}"
        for fault in check(made, is_lint=True)
        if fault.is_error and fault.code in SHAPE_CODES
    ]


def schema_errors(made: Json) -> list[str]:
    return [error.message for file, body in objects_of(made) for error in validator(file).iter_errors(body)]


def test_sample_playbooks_are_valid_for_both() -> None:
    for made in playbooks():
        assert (schema_errors(made), shape_errors(made)) == ([], [])


@given(st.data())
def test_a_changed_playbook_is_refused_by_both_or_by_neither(data: st.DataObject) -> None:
    made = copy.deepcopy(data.draw(st.sampled_from(playbooks())))
    for _ in range(data.draw(st.integers(1, 2))):
        file, body = data.draw(st.sampled_from(list(objects_of(made))))
        name = data.draw(st.sampled_from(sorted({*parts_of(file, "properties"), *body})))
        value = data.draw(st.sampled_from(VALUES))
        assume(not any(list(differences(file, name, value, side)) for side in (SCHEMA, US)))
        if value is DROP:
            body.pop(name, None)
        else:
            body[name] = value
    refused = schema_errors(made)
    if refused:  # ours may name the fault by its meaning, such as a reference that leads nowhere
        assert [fault for fault in check(made, is_lint=True) if fault.is_error], refused
    else:
        assert shape_errors(made) == []
