"""Who performs a command, and what they receive (P10, P12)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from incident.core.cacao.checks.shapes import text_of
from incident.core.cacao.engine.effects import Noted, OpenTask, SendCommand, StepChanged
from incident.core.cacao.engine.ending import fail
from incident.core.cacao.engine.environment import typed_value, types_of
from incident.core.cacao.engine.run_builder import RunBuilder
from incident.core.cacao.model import Command, Definition, Playbook, Profile, Step
from incident.core.cacao.placing import Filled, fill_command, fill_definition, is_unfit
from incident.core.cacao.substitution import decoded
from incident.core.cacao.vocabulary import (
    AGENT_IS_PEOPLE,
    AUTHENTICATION_TYPES,
    COMMAND_TYPES,
    NO_EXECUTOR,
    PEOPLE,
    UNFIT_PLACE,
    UNKNOWN_AUTHENTICATION,
    UNKNOWN_COMMAND,
)

# The display order of an unknown command's properties; the others follow in their own order.
_READ_FIRST = ("type", "version", "command", "command_b64", "headers", "content", "content_b64")


def is_for_machine(playbook: Playbook, step: Step, command: Command, profile: Profile) -> bool:
    """Whether a machine performs a command: not manual, not by people, and of a supported kind (P10, P12)."""
    return command.kind != "manual" and reason_for_people(playbook, step, command, profile) is None


def reason_for_people(playbook: Playbook, step: Step, command: Command, profile: Profile) -> str | None:
    """Return why people perform a command: a code of `vocabulary.py`; None for manual ones and machines."""
    agent = playbook.agents.get(step.agent or "")
    if command.kind == "manual":
        return None
    if agent is not None and agent.type in PEOPLE:
        return AGENT_IS_PEOPLE
    if command.kind not in profile.executors:
        return NO_EXECUTOR if command.kind in COMMAND_TYPES else UNKNOWN_COMMAND
    goals = [playbook.targets.get(one) for one in step.targets] or [agent]
    types = {
        text_of(playbook.authentication.get(goal.authentication), "type")
        for goal in goals
        if goal and goal.authentication
    }
    if types - AUTHENTICATION_TYPES:
        return UNKNOWN_AUTHENTICATION
    named = command.names or any(goal.names for goal in goals if goal)
    bodies = [goal.body for goal in goals if goal]
    return UNFIT_PLACE if named and is_unfit(command.kind, command.body, bodies, step.unquoted) else None


def order_command(work: RunBuilder, key: str, step: Step, index: int, before: str | None) -> None:
    """Start a command of an action, by people or by a machine; `before` is the state last reported.

    A machine never receives a command with an unknown value in it, or with one that is unsafe in its place: the step
    fails (P16, P18). People see the placeholder.
    """
    record = work.amend(key, command=index)
    playbook = work.playbook(work.scopes[record.scope].prefix)
    command = step.commands[index]
    why = reason_for_people(playbook, step, command, work.profile)
    order = _Order(work, key, step, playbook, command, why)
    is_machine = command.kind != "manual" and why is None
    problem = order.problem
    state = "running" if is_machine and not problem else "waiting"
    work.amend(key, state=state)
    if before != state:
        work.emit(StepChanged(key, record.visit, before, state, record.reason if before is None else ""))
    if problem and (is_machine or problem == "variable_unknown"):
        work.emit(Noted(problem, {"step": key, "names": sorted(set(order.unknown or order.unfit))}))
    if not is_machine:
        work.emit(order.task())
    elif problem:
        fail(work, key, problem)
    else:
        work.in_flight.add(key)
        work.emit(order.sending())


def shown(body: Mapping[str, Any]) -> str:
    """Return a command as text to read and copy: decoded, with the headers and content of a request.

    One of an unknown type is shown whole: every property but its description, which is in the instructions.
    """
    if body["type"] not in COMMAND_TYPES:
        names = sorted(body, key=lambda name: _READ_FIRST.index(name) if name in _READ_FIRST else len(_READ_FIRST))
        return "\n".join(_property(name, body[name]) for name in names if name != "description")
    parts = [_part(body, "command")]
    headers = body.get("headers", {})
    parts += [f"{name}: {', '.join(map(str, values))}" for name, values in headers.items()]
    if content := _part(body, "content"):
        parts += ["", content]
    return "\n".join(parts)


class _Order:
    """A command with the variables put in, ready to send; `problem` is why a machine cannot receive it."""

    def __init__(
        self, work: RunBuilder, key: str, step: Step, playbook: Playbook, command: Command, why: str | None
    ) -> None:
        self._work = work
        self._key = key
        self._step = step
        self._playbook = playbook
        self._kind = command.kind
        self._why = why
        self._scope = work.steps[key].scope
        self._filled = Filled(lambda name: typed_value(work, self._scope, name), step.unquoted)
        self._body = fill_command(command.body, self._filled) if command.names else command.body
        self._agent = self._resolved(playbook.agents, (step.agent,))
        self._targets = self._resolved(playbook.targets, step.targets)

    @property
    def unknown(self) -> list[str]:
        return self._filled.unknown

    @property
    def unfit(self) -> list[str]:
        return self._filled.unfit

    @property
    def problem(self) -> str:
        """Why a machine cannot receive the command; "" when it can."""
        return "variable_unknown" if self.unknown else "variable_unfit" if self.unfit else ""

    def _resolved(self, known: Mapping[str, Definition], wanted: Iterable[str | None]) -> tuple[Mapping[str, Any], ...]:
        found = [known[one] for one in wanted if one is not None and one in known]
        return tuple(fill_definition(one.body, self._filled) if one.names else one.body for one in found)

    def _out_variables(self) -> dict[str, str]:
        return types_of(self._work, self._scope, self._step.out_args)

    def task(self) -> OpenTask:
        record = self._work.steps[self._key]
        return OpenTask(
            step=self._key,
            visit=record.visit,
            command=record.command,
            title=self._title(),
            instructions=self._instructions(),
            kind=self._kind,
            agent=self._agent[0] if self._agent else None,
            targets=self._targets,
            assignees=self._assignees(),
            shown_command=None if self._kind == "manual" else shown(self._body),
            why=self._why,
            out_variables={} if self._step.clock else self._out_variables(),
            due_at=record.due_at,
            clock=self._step.clock,
        )

    def sending(self) -> SendCommand:
        record = self._work.steps[self._key]
        return SendCommand(
            step=self._key,
            visit=record.visit,
            command=record.command,
            kind=self._kind,
            body=self._body,
            agent=self._agent[0] if self._agent else None,
            targets=self._targets,
            authentication=self._authentication(),
            out_variables=self._out_variables(),
            due_at=record.due_at,
        )

    def _title(self) -> str:
        step, record = self._step, self._work.steps[self._key]
        title = step.name or str(self._body.get("description") or "") or step.description or self._kind
        count = len(step.commands)
        return title if count == 1 else f"{title} ({record.command + 1}/{count})"

    def _instructions(self) -> str:
        said = [self._step.description, str(self._body.get("description") or "")]
        if self._kind == "manual":
            said.append(_part(self._body, "command"))
        return "\n\n".join(dict.fromkeys(part for part in said if part))

    def _assignees(self) -> tuple[Mapping[str, Any], ...]:
        """Return the people of P12: the agent's, else the targets'; none means the departments of the incident."""
        for group in (self._agent, self._targets):
            people = tuple(one for one in group if one["type"] in PEOPLE)
            if people:
                return people
        return ()

    def _authentication(self) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for one in (*self._agent, *self._targets):
            reference = str(one.get("authentication_info", ""))
            if reference in self._playbook.authentication:
                found[one["id"]] = self._playbook.authentication[reference]
        return found


def _part(body: Mapping[str, Any], name: str) -> str:
    if name in body:
        return str(body[name])
    encoded = body.get(f"{name}_b64")
    return (decoded(encoded) or encoded) if isinstance(encoded, str) else ""


def _property(name: str, value: Any) -> str:
    """Return a property as `name: value`, on lines of its own when it has several; base64 is decoded."""
    if name.endswith("_b64") and isinstance(value, str) and (text := decoded(value)) is not None:
        name, value = name.removesuffix("_b64"), text
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return f"{name}:\n{written}" if "\n" in written else f"{name}: {written}"
