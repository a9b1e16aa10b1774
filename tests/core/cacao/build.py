"""Builders of small playbooks for tests."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from incident.core.cacao import PlaybookBundle, Profile, Transition, parse, start
from incident.core.cacao.engine.effects import Effect
from incident.core.cacao.vocabulary import STEP_TYPES

E = TypeVar("E", bound=Effect)
Json = dict[str, Any]

NOW = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)
MACHINE = Profile(executors=frozenset({"http-api"}))
PEOPLE_AGENT = "group--11111111-1111-4111-8111-111111111111"
MACHINE_AGENT = "http-api--22222222-2222-4222-8222-222222222222"


def minutes(count: float) -> dt.timedelta:
    return dt.timedelta(minutes=count)


def uid(kind: str, name: str) -> str:
    """Return the same identifier for the same name, with a UUID of version 4."""
    raw = uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{name}")
    return f"{kind}--{uuid.UUID(bytes=raw.bytes, version=4)}"


def manual(text: str = "look into it", **more: Any) -> Json:
    return {"type": "manual", "command": text, **more}


def http(line: str = "POST /block HTTP/1.1", **more: Any) -> Json:
    return {"type": "http-api", "command": line, **more}


def action(then: str | None = None, *commands: Json, agent: str = PEOPLE_AGENT, **more: Any) -> Json:
    """Return an action; `then` is its on_completion, omitted if `more` has on_success."""
    step: Json = {"type": "action", "commands": list(commands) or [manual()], "agent": agent, **more}
    if then is not None:
        step["on_completion"] = then
    return step


def choice(condition: str, on_true: str, **more: Any) -> Json:
    """Return an if-condition."""
    return {"type": "if-condition", "condition": condition, "on_true": on_true, **more}


def document(steps: Mapping[str, Json | None], name: str = "Test", **more: Any) -> Json:
    """Return a complete playbook. Steps have free names, which become identifiers in references.

    A step named `start` is added, leading to the first step given; a step whose value is `None` is an end.
    """
    ids = {"start": uid("start", f"{name}/start")}
    for key, step in steps.items():
        ids[key] = uid(step["type"] if step else "end", f"{name}/{key}")
    workflow: Json = {}
    if not any(step and step["type"] == "start" for step in steps.values()):
        workflow[ids["start"]] = {"type": "start", "on_completion": ids[next(iter(steps))]}
    for key, step in steps.items():
        workflow[ids[key]] = _named(step or {"type": "end"}, ids)
    made: Json = {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": uid("playbook", name),
        "name": name,
        "created_by": uid("identity", "author"),
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-02T00:00:00.000Z",
        "workflow_start": ids["start"],
        "workflow": workflow,
        "agent_definitions": {
            PEOPLE_AGENT: {"type": "group", "name": "Response"},
            MACHINE_AGENT: {"type": "http-api", "name": "Firewall", "address": {"url": ["https://fw.example"]}},
        },
    }
    for key, value in more.items():
        made[key] = ids.get(value, value) if isinstance(value, str) else value
    return made


REFERENCES = ("on_completion", "on_success", "on_failure", "on_true", "on_false")


def _named(step: Json, ids: Mapping[str, str]) -> Json:
    named = dict(step)
    for name in REFERENCES:
        if name in named:
            named[name] = ids.get(named[name], named[name])
    if "next_steps" in named:
        named["next_steps"] = [ids.get(one, one) for one in named["next_steps"]]
    if "cases" in named:
        named["cases"] = {label: ids.get(one, one) for label, one in named["cases"].items()}
    return named


def step_id(made: Mapping[str, Any], key: str) -> str:
    """Return the identifier that a name got in a document."""
    for kind in sorted(STEP_TYPES):
        if (found := uid(kind, f"{made['name']}/{key}")) in made["workflow"]:
            return found
    raise KeyError(key)


def bundle(made: Json, *called: Json) -> PlaybookBundle:
    return PlaybookBundle(parse(made), {one["id"]: parse(one) for one in called})


def begun(made: Json, *called: Json, values: Mapping[str, object] | None = None) -> Transition:
    return start(bundle(made, *called), values or {}, NOW, MACHINE)


def of_kind(turn: Transition, kind: type[E]) -> list[E]:
    return [effect for effect in turn.effects if isinstance(effect, kind)]
