"""Tables of CACAO 2.0: sections 3 (playbook), 4 (steps), 5 (commands), 6 (authentication), 7 (agents), 8, 9, 10."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from incident.core.cacao.checks.shapes import (
    Path,
    Shape,
    anything,
    boolean,
    each,
    each_member,
    exact_timestamp,
    hundredth,
    identifier,
    length,
    string,
    thing,
    timestamp,
    whole,
    with_rules,
)
from incident.core.cacao.faults import Fault, error, pointer, warning
from incident.core.cacao.variables import NAME
from incident.core.cacao.vocabulary import CLOCK_EXTENSION, RETRY_EXTENSION, UNQUOTED_EXTENSION


def variable_name(name: Any, path: Path) -> Iterator[Fault]:
    """Require `__name__`."""
    if not NAME.match(name):
        yield error("bad_variable_name", pointer(*path), "CACAO 2.0 section 10.18", name=name[:100])


def address(value: Any, path: Path) -> Iterator[Fault]:
    """Require lists of addresses by their kind (CACAO 2.0 section 7)."""
    yield from each_member(each(anything, least=0))(value, path)
    if isinstance(value, dict):
        for kind in value:
            if kind not in ("dname", "ipv4", "ipv6", "l2mac", "vlan", "url"):
                yield warning("unknown_address", pointer(*path, kind), "CACAO 2.0 section 7", name=kind)


REFERENCE = Shape(
    "CACAO 2.0 section 10.9",
    dict.fromkeys(("name", "description", "source", "url", "external_id", "reference_id"), string),
    ("name",),
)
REFERENCES = each(REFERENCE.faults)
EXTENSIONS = each_member(thing, identifier)

VARIABLE = Shape(
    "CACAO 2.0 section 10.18.3",
    {"type": string, "description": string, "value": anything, "constant": boolean, "external": boolean},
    ("type",),
)
VARIABLES = each_member(VARIABLE.faults, variable_name)

_STEP = Shape(
    "CACAO 2.0 section 4.1",
    {
        "type": string,
        "name": string,
        "description": string,
        "external_references": REFERENCES,
        "delay": length,
        "timeout": length,
        "step_variables": VARIABLES,
        "owner": identifier,
        "on_completion": identifier,
        "on_success": identifier,
        "on_failure": identifier,
        "step_extensions": EXTENSIONS,
    },
    ("type",),
)
_ARGUMENTS = {"in_args": each(string), "out_args": each(string)}

STEPS: Mapping[str, Shape] = {
    "start": with_rules(_STEP, "CACAO 2.0 section 4.3", {}),
    "end": with_rules(_STEP, "CACAO 2.0 section 4.4", {}),
    "action": with_rules(
        _STEP,
        "CACAO 2.0 section 4.5",
        {"commands": each(thing), "agent": identifier, "targets": each(identifier), **_ARGUMENTS},
        "commands",
        "agent",
    ),
    "playbook-action": with_rules(
        _STEP,
        "CACAO 2.0 section 4.6",
        {"playbook_id": identifier, "playbook_version": timestamp, **_ARGUMENTS},
        "playbook_id",
    ),
    "parallel": with_rules(_STEP, "CACAO 2.0 section 4.7", {"next_steps": each(identifier, least=2)}, "next_steps"),
    "if-condition": with_rules(
        _STEP,
        "CACAO 2.0 section 4.8",
        {"condition": string, "on_true": identifier, "on_false": identifier},
        "condition",
        "on_true",
    ),
    "while-condition": with_rules(
        _STEP, "CACAO 2.0 section 4.9", {"condition": string, "on_true": identifier}, "condition", "on_true"
    ),
    "switch-condition": with_rules(
        _STEP,
        "CACAO 2.0 section 4.10",
        {"switch": string, "cases": each_member(identifier)},
        "switch",
        "cases",
    ),
}

_COMMAND = Shape(
    "CACAO 2.0 section 5.1",
    {
        "type": string,
        "description": string,
        "version": string,
        "playbook_activity": string,
        "external_references": REFERENCES,
    },
    ("type",),
)
_EITHER = (("command", "command_b64"),)
_PLAIN = {"command": string, "command_b64": string}
_HTTP = {"command": string, "headers": each_member(each(string)), "content": string, "content_b64": string}

COMMANDS: Mapping[str, Shape] = {
    **{
        kind: with_rules(_COMMAND, f"CACAO 2.0 section 5.{section}", _PLAIN, either=_EITHER)
        for kind, section in (("bash", 3), ("caldera-cmd", 4), ("manual", 9), ("powershell", 11), ("ssh", 13))
    },
    **{
        kind: with_rules(_COMMAND, f"CACAO 2.0 section 5.{section}", {"command_b64": string}, "command_b64")
        for kind, section in (("elastic", 5), ("jupyter", 7), ("kestrel", 8), ("sigma", 12), ("yara", 14))
    },
    "http-api": with_rules(_COMMAND, "CACAO 2.0 section 5.6", _HTTP, "command"),
    "openc2-http": with_rules(_COMMAND, "CACAO 2.0 section 5.10", _HTTP, "command", "content_b64"),
}
UNKNOWN_COMMAND = with_rules(_COMMAND, "CACAO 2.0 section 5.1", {})

_AGENT = Shape(
    "CACAO 2.0 section 7.1",
    {"type": string, "name": string, "description": string, "location": thing, "agent_target_extensions": EXTENSIONS},
    ("type", "name"),
)
_DEVICE = {"address": address, "authentication_info": identifier, "category": each(string)}

AGENTS: Mapping[str, Shape] = {
    "group": with_rules(_AGENT, "CACAO 2.0 section 7.3", {"contact": thing}),
    "individual": with_rules(_AGENT, "CACAO 2.0 section 7.4", {"contact": thing}),
    "location": with_rules(_AGENT, "CACAO 2.0 section 7.5", {"logical": each(string)}),
    "organization": with_rules(_AGENT, "CACAO 2.0 section 7.6", {"contact": thing}),
    "sector": with_rules(_AGENT, "CACAO 2.0 section 7.7", {"sector": string}),
    "http-api": with_rules(_AGENT, "CACAO 2.0 section 7.8", {**_DEVICE, "port": string}, "address"),
    "linux": with_rules(_AGENT, "CACAO 2.0 section 7.9", {**_DEVICE, "port": string}, "address"),
    "net-address": with_rules(_AGENT, "CACAO 2.0 section 7.10", _DEVICE, "address"),
    "security-category": with_rules(_AGENT, "CACAO 2.0 section 7.11", {"category": each(string)}, "category"),
    "ssh": with_rules(_AGENT, "CACAO 2.0 section 7.12", {**_DEVICE, "port": string}, "address"),
}
# An agent of an unknown type may have any property; the properties that rules read must have their form.
UNKNOWN_AGENT = {**_AGENT.rules, **_DEVICE, "port": anything}

_AUTHENTICATION = Shape(
    "CACAO 2.0 section 6.1",
    {
        "type": string,
        "name": string,
        "description": string,
        "authentication_info_extensions": EXTENSIONS,
        "kms": boolean,
        "kms_key_identifier": string,
    },
    ("type",),
)
AUTHENTICATION: Mapping[str, Shape] = {
    "http-basic": with_rules(_AUTHENTICATION, "CACAO 2.0 section 6.3", {"user_id": string, "password": string}),
    "oauth2": with_rules(_AUTHENTICATION, "CACAO 2.0 section 6.4", {"oauth_header": string, "token": string}),
    "user-auth": with_rules(_AUTHENTICATION, "CACAO 2.0 section 6.5", {"username": string, "password": string}),
}
UNKNOWN_AUTHENTICATION = with_rules(_AUTHENTICATION, "CACAO 2.0 section 6.1", {})

_MARKING = Shape(
    "CACAO 2.0 section 9.1",
    {
        "type": string,
        "id": identifier,
        "name": string,
        "description": string,
        "created_by": identifier,
        "created": timestamp,
        "revoked": boolean,
        "valid_from": timestamp,
        "valid_until": timestamp,
        "labels": each(string),
        "external_references": each(anything),
        "marking_extensions": EXTENSIONS,
    },
    ("type",),
)
_IEP = ("tlp", "start_date", "encrypt_in_transit", "permitted_actions", "affected_party_notifications")
MARKINGS: Mapping[str, Shape] = {
    "marking-statement": with_rules(_MARKING, "CACAO 2.0 section 9.3", {"statement": string}, "statement"),
    "marking-tlp": with_rules(_MARKING, "CACAO 2.0 section 9.4", {"tlpv2_level": string}, "tlpv2_level"),
    "marking-iep": with_rules(
        _MARKING,
        "CACAO 2.0 section 9.5",
        {
            **dict.fromkeys((*_IEP, "attribution", "unmodified_resale"), string),
            "iep_version": anything,
            "end_date": anything,
        },
        "tlp",
    ),
}

EXTENSION = Shape(
    "CACAO 2.0 section 8",
    {
        "type": string,
        "name": string,
        "description": string,
        "created_by": identifier,
        "schema": string,
        "version": string,
        "external_references": REFERENCES,
    },
    ("type", "name", "created_by", "schema", "version"),
)

SUMMARY_FEATURES = (
    "manual_playbook",
    "external_playbooks",
    "parallel_processing",
    "if_logic",
    "while_logic",
    "switch_logic",
    "temporal_logic",
    "data_markings",
    "digital_signatures",
    "countersigned_signatures",
    "extensions",
)
SUMMARY = Shape("CACAO 2.0 section 10.14", dict.fromkeys(SUMMARY_FEATURES, boolean))

UNQUOTED = Shape(
    f"docs/playbook-profile.md, {UNQUOTED_EXTENSION}", {"variables": each(string, least=1)}, ("variables",)
)
RETRY = Shape(
    f"docs/playbook-profile.md, {RETRY_EXTENSION}", {"retry_limit": whole, "retry_delay": length}, ("retry_limit",)
)

_CLOCK_CLAUSE = f"docs/playbook-profile.md, {CLOCK_EXTENSION}"
CLOCK = Shape(
    _CLOCK_CLAUSE,
    {"clock": Shape(_CLOCK_CLAUSE, {"regime": string, "stage": string}, ("regime", "stage")).faults},
    ("clock",),
)

PLAYBOOK = Shape(
    "CACAO 2.0 section 3.1",
    {
        "type": string,
        "spec_version": string,
        "id": identifier,
        "name": string,
        "description": string,
        "playbook_types": each(string, least=0),
        "playbook_activities": each(string),
        "playbook_processing_summary": SUMMARY.faults,
        "created_by": identifier,
        "created": exact_timestamp,
        "modified": exact_timestamp,
        "revoked": boolean,
        "valid_from": timestamp,
        "valid_until": timestamp,
        "derived_from": each(identifier),
        "related_to": each(identifier),
        "priority": hundredth,
        "severity": hundredth,
        "impact": hundredth,
        "industry_sectors": each(string),
        "labels": each(string),
        "external_references": REFERENCES,
        "markings": each(identifier),
        "playbook_variables": VARIABLES,
        "workflow_start": identifier,
        "workflow_exception": identifier,
        "workflow": thing,
        "playbook_extensions": EXTENSIONS,
        "authentication_info_definitions": thing,
        "agent_definitions": thing,
        "target_definitions": thing,
        "extension_definitions": thing,
        "data_marking_definitions": thing,
        "signatures": each(thing),
    },
    (
        "type",
        "spec_version",
        "id",
        "name",
        "created_by",
        "created",
        "modified",
        "workflow_start",
        "workflow",
    ),
)
