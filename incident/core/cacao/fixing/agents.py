"""Adds an agent to actions without one: this program, or people where a command has no destination (P12)."""

from __future__ import annotations

from typing import Any

from incident.core.cacao.checks.shapes import list_of, text_of
from incident.core.cacao.fixing.draft import Draft
from incident.core.cacao.vocabulary import ADDRESSED_COMMANDS

# Any agent that is not people means this program; this type needs no address and is in the vocabulary (7.11).
_PROGRAM = {"type": "security-category", "name": "This system / 本系统", "category": ["orchestrator"]}
_PEOPLE = {"type": "group", "name": "Responders / 处置人员"}


def add_agents(draft: Draft) -> None:
    """Give each action without an agent one that performs its commands at their destination."""
    made: dict[str, str] = {}
    if not isinstance(draft.document.get("agent_definitions", {}), dict):
        return
    for key, step in draft.workflow.items():
        if text_of(step, "type") != "action" or step.get("agent") not in (None, ""):
            continue
        agent = _PROGRAM if _has_address(step) else _PEOPLE
        if agent["type"] not in made:
            made[str(agent["type"])] = _define(draft, agent)
        step["agent"] = made[str(agent["type"])]
        draft.add_fix("fixed_agent", ("workflow", key, "agent"), step=key, agent=agent["name"])


def _has_address(step: Any) -> bool:
    """Whether the commands have a destination: the targets, or none is needed."""
    kinds = {text_of(command, "type") for command in list_of(step, "commands")}
    return bool(list_of(step, "targets")) or not kinds & ADDRESSED_COMMANDS


def _define(draft: Draft, body: dict[str, Any]) -> str:
    definitions = draft.document.setdefault("agent_definitions", {})
    known = next((key for key, one in definitions.items() if one == body), None)
    if known is not None:
        return str(known)
    key = f"{body['type']}--{draft.new_uuid()}"
    definitions[key] = dict(body)
    return key
