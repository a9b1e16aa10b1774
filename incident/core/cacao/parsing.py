"""Converts a document into the playbook that the engine runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from incident.core.cacao.checks.check import check
from incident.core.cacao.checks.places import unquoted_names
from incident.core.cacao.engine.conditions import parse_condition
from incident.core.cacao.faults import PlaybookRefused
from incident.core.cacao.model import Branch, ClockReference, Command, Definition, Playbook, Retry, Step, Variable
from incident.core.cacao.substitution import names_in
from incident.core.cacao.text.moments import moment
from incident.core.cacao.values import Json
from incident.core.cacao.variables import conform
from incident.core.cacao.vocabulary import CLOCK_EXTENSION, RETRY_EXTENSION


def parse(document: Json, is_checked: bool = False) -> Playbook:
    """Create a playbook from a document; raises PlaybookRefused with all faults when the check finds an error.

    `is_checked` skips the check, for a stored document that has passed it before.
    """
    if not is_checked:
        faults = check(document)
        if any(fault.is_error for fault in faults):
            raise PlaybookRefused(faults)
    return Playbook(
        document=document,
        id=document["id"],
        name=document["name"],
        created=_moment(document["created"]),
        modified=_moment(document["modified"]),
        is_revoked=document.get("revoked", False),
        valid_from=moment(document.get("valid_from")),
        valid_until=moment(document.get("valid_until")),
        start=document["workflow_start"],
        exception=document.get("workflow_exception"),
        steps={key: _step(document, key, body) for key, body in document["workflow"].items()},
        variables=_variables(document.get("playbook_variables", {})),
        agents=_definitions(document.get("agent_definitions", {})),
        targets=_definitions(document.get("target_definitions", {})),
        authentication=document.get("authentication_info_definitions", {}),
    )


def _moment(text: str) -> datetime:
    found = moment(text)
    if found is None:
        raise ValueError(f"{text} is not a timestamp")
    return found


def _variables(declared: Mapping[str, Any]) -> dict[str, Variable]:
    return {name: _variable(name, body) for name, body in declared.items()}


def _variable(name: str, body: Mapping[str, Any]) -> Variable:
    return Variable(
        name=name,
        type=body["type"],
        value=conform(body["type"], body.get("value")),
        is_constant=body.get("constant", False),
        is_external=body.get("external", False),
        description=body.get("description", ""),
    )


def _definitions(defined: Mapping[str, Any]) -> dict[str, Definition]:
    return {
        key: Definition(key, body["type"], {**body, "id": key}, names_in(body), body.get("authentication_info"))
        for key, body in defined.items()
    }


def _step(document: Json, key: str, body: Mapping[str, Any]) -> Step:
    """Read the properties that all steps share, and those of the step's own type."""
    shared: dict[str, Any] = {
        "id": key,
        "type": body["type"],
        "name": body.get("name", ""),
        "description": body.get("description", ""),
        "delay": _length(body.get("delay")),
        "timeout": _length(body.get("timeout")),
        "on_success": body.get("on_completion") or body.get("on_success"),
        "on_failure": body.get("on_failure"),
        "variables": _variables(body.get("step_variables", {})),
        "unquoted": unquoted_names(document, body),
    }
    return Step(**shared, **_OWN.get(body["type"], _nothing)(body))


def _nothing(body: Mapping[str, Any]) -> Json:
    return {}


def _action(body: Mapping[str, Any]) -> Json:
    return {
        "commands": tuple(Command(one["type"], one, names_in(one)) for one in body["commands"]),
        "agent": body["agent"],
        "targets": tuple(body.get("targets", ())),
        "clock": _clock(body.get("step_extensions", {}).get(CLOCK_EXTENSION)),
        **_arguments(body),
    }


def _call(body: Mapping[str, Any]) -> Json:
    version = body.get("playbook_version", "")
    return {"playbook_id": body["playbook_id"], "playbook_version": version, **_arguments(body)}


def _arguments(body: Mapping[str, Any]) -> Json:
    return {
        "in_args": tuple(body.get("in_args", ())),
        "out_args": tuple(body.get("out_args", ())),
        "retry": _retry(body.get("step_extensions", {}).get(RETRY_EXTENSION)),
    }


def _parallel(body: Mapping[str, Any]) -> Json:
    return {"branches": tuple(Branch(str(index), head) for index, head in enumerate(body["next_steps"]))}


def _conditional(body: Mapping[str, Any]) -> Json:
    branches = [Branch("true", body["on_true"])]
    if body["type"] == "if-condition" and "on_false" in body:
        branches.append(Branch("false", body["on_false"]))
    return {"branches": tuple(branches), "condition": parse_condition(body["condition"])}


def _switch(body: Mapping[str, Any]) -> Json:
    cases = tuple(Branch(label, head) for label, head in body["cases"].items())
    return {"branches": cases, "switch": body["switch"].removesuffix(":value")}


_OWN: Mapping[str, Callable[[Mapping[str, Any]], Json]] = {
    "action": _action,
    "playbook-action": _call,
    "parallel": _parallel,
    "if-condition": _conditional,
    "while-condition": _conditional,
    "switch-condition": _switch,
}


def _length(milliseconds: int | None) -> timedelta | None:
    return None if milliseconds is None else timedelta(milliseconds=milliseconds)


def _retry(extension: Mapping[str, Any] | None) -> Retry | None:
    if extension is None:
        return None
    return Retry(extension["retry_limit"], timedelta(milliseconds=extension.get("retry_delay", 0)))


def _clock(extension: Mapping[str, Any] | None) -> ClockReference | None:
    return None if extension is None else ClockReference(extension["clock"]["regime"], extension["clock"]["stage"])
