"""Checks of each step, its commands, and whether they fit agent and targets (sections 4, 5, 7, P12)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from incident.core.cacao.checks.places import place_faults, unquoted_names
from incident.core.cacao.checks.shape_tables import COMMANDS, RETRY, STEPS, UNKNOWN_COMMAND, UNQUOTED
from incident.core.cacao.checks.shapes import Path, identifier, list_of, object_of, text_of, texts_of
from incident.core.cacao.faults import Fault, error, pointer, warning
from incident.core.cacao.substitution import ENCODED, is_base64
from incident.core.cacao.values import Json
from incident.core.cacao.vocabulary import (
    ADDRESSED_COMMANDS,
    COMMAND_TYPES,
    HTTP_COMMANDS,
    MAX_RETRIES,
    PEOPLE,
    RETRY_EXTENSION,
    SHELL_COMMANDS,
    STEP_TYPES,
    TYPE_OF_ACTIVITY,
    UNQUOTED_EXTENSION,
    is_open_word,
)

_REQUEST_LINE = re.compile(r"[A-Z]+ \S+ HTTP/[0-9](?:\.[0-9])?\Z")
_MISFITS = {**{kind: {"ssh"} for kind in HTTP_COMMANDS}, **{kind: {"http-api"} for kind in SHELL_COMMANDS}}


def step_faults(document: Json) -> Iterator[Fault]:
    """Return the faults of the steps of a playbook, one by one."""
    for key, step in object_of(document, "workflow").items():
        path: Path = ("workflow", key)
        yield from identifier(key, path)
        kind = text_of(step, "type")
        if isinstance(step, dict) and kind is not None and kind not in STEP_TYPES:
            yield error("unknown_step", pointer(*path, "type"), "P5", found=kind[:60], known=sorted(STEP_TYPES))
            continue
        yield from STEPS[kind or "end"].faults(step, path)
        yield from _extension_faults(document, step, path)
        if kind == "action":
            yield from _action_faults(document, step, path)
        elif kind == "switch-condition" and step.get("cases") == {}:
            yield error("list_short", pointer(*path, "cases"), "CACAO 2.0 section 4.10", least=1, count=0)


def _extension_faults(document: Json, step: Any, path: Path) -> Iterator[Fault]:
    for key, body in object_of(step, "step_extensions").items():
        place = (*path, "step_extensions", key)
        if key not in object_of(document, "extension_definitions"):
            tell = error if key == UNQUOTED_EXTENSION else warning
            yield tell("extension_undefined", pointer(*place), "CACAO 2.0 section 8", id=key)
        if key == UNQUOTED_EXTENSION:
            yield from UNQUOTED.faults(body, place)
        if key != RETRY_EXTENSION:
            continue
        yield from RETRY.faults(body, place)
        limit = body.get("retry_limit") if isinstance(body, dict) else None
        if isinstance(limit, int) and not 1 <= limit <= MAX_RETRIES:
            yield error("retry_out_of_range", pointer(*place, "retry_limit"), "P13", limit=MAX_RETRIES)
        if text_of(step, "type") not in ("action", "playbook-action"):
            yield warning("retry_unused", pointer(*place), "P13")


def _action_faults(document: Json, step: Json, path: Path) -> Iterator[Fault]:
    agents, targets = object_of(document, "agent_definitions"), object_of(document, "target_definitions")
    agent = text_of(step, "agent")
    if agent is not None and agent not in agents:
        yield error("dangling_reference", pointer(*path, "agent"), "CACAO 2.0 section 4.5", id=agent)
    for index, target in texts_of(step, "targets"):
        if target not in targets:
            yield error("dangling_reference", pointer(*path, "targets", index), "CACAO 2.0 section 4.5", id=target)
    if step.get("commands") == []:
        yield error("list_short", pointer(*path, "commands"), "CACAO 2.0 section 4.5", least=1, count=0)
    goals = [targets.get(target) for _, target in texts_of(step, "targets")] or [agents.get(agent or "")]
    is_people = text_of(agents.get(agent or ""), "type") in PEOPLE
    for index, command in enumerate(list_of(step, "commands")):
        place = (*path, "commands", index)
        yield from _command_faults(command, place)
        if not is_people and isinstance(command, dict):
            yield from _fit_faults(command, goals, place)
    yield from place_faults(step, goals, is_people, unquoted_names(document, step), path)


def _command_faults(command: Any, path: Path) -> Iterator[Fault]:
    kind = text_of(command, "type")
    if kind is None or kind in COMMAND_TYPES:
        yield from COMMANDS[kind or "manual"].faults(command, path)
    else:
        yield from _unknown_command_faults(command, kind, path)
    activity = text_of(command, "playbook_activity")
    if activity is not None and activity not in TYPE_OF_ACTIVITY:
        place = pointer(*path, "playbook_activity")
        yield warning("unknown_activity", place, "CACAO 2.0 section 3.1.2", found=activity[:60])
    for name in ENCODED:
        encoded = text_of(command, name)
        if encoded is not None and not is_base64(encoded):
            yield error("bad_base64", pointer(*path, name), "RFC 4648 section 4", name=name)
    for plain in ("command", "content"):
        if isinstance(command, dict) and {plain, f"{plain}_b64"} <= command.keys():
            yield warning("said_twice", pointer(*path), "CACAO 2.0 section 5", name=plain)
    line = text_of(command, "command")
    if kind in HTTP_COMMANDS and line is not None and not _REQUEST_LINE.match(line):
        yield warning("request_line", pointer(*path, "command"), "CACAO 2.0 section 5.6", found=line[:100])


def _unknown_command_faults(command: Json, kind: str, path: Path) -> Iterator[Fault]:
    """Warn of unknown commands: the vocabulary is open, and people get them as tasks, shown whole (P10)."""
    clause = "CACAO 2.0 section 5.2"
    if is_open_word(kind):
        yield from UNKNOWN_COMMAND.faults(command, path, is_open=True)
        yield warning("unknown_command", pointer(*path, "type"), clause, found=kind)
    else:
        yield error("type_malformed", pointer(*path, "type"), clause, found=kind[:60])


def _fit_faults(command: Json, goals: list[Any], path: Path) -> Iterator[Fault]:
    """Yield automatic commands without a destination: the targets' address, else the agent's own (P12)."""
    kind = text_of(command, "type")
    if kind not in ADDRESSED_COMMANDS:
        return
    for goal in goals:
        goal_type = text_of(goal, "type")
        if goal_type in _MISFITS[kind]:
            yield error("command_misfit", pointer(*path), "P12", type=kind, goal=goal_type)
        elif goal is not None and not any(object_of(goal, "address").values()):
            yield error("no_address", pointer(*path), "P12", type=kind, goal=text_of(goal, "name") or goal_type)
