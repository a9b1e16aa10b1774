"""Effects that the engine requests; each effect names its step and the visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from incident.core.cacao.engine.events import TimerKind
from incident.core.cacao.model import ClockReference
from incident.core.cacao.values import Json, Value

Definition = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task for people.

    `instructions` is Markdown with the variables put in; `agent` and `targets` are the resolved definitions, each with
    its `id`; `assignees` are those of them who are people, by P12 (empty: the departments of the incident);
    `shown_command` is the decoded command when a machine's command becomes a task (P10, P12), with its `kind`; `why` is
    the reason in that case, a code of `vocabulary.py`, None for a manual command; `out_variables` maps each variable
    that the task returns to its type; `due_at` is when the step times out; `clock` is what people must file instead of
    answering (P19).
    """

    step: str
    visit: int
    command: int
    title: str
    instructions: str
    kind: str
    agent: Definition | None
    targets: tuple[Definition, ...]
    assignees: tuple[Definition, ...]
    shown_command: str | None
    why: str | None
    out_variables: Mapping[str, str]
    due_at: datetime | None
    clock: ClockReference | None = None


@dataclass(frozen=True, slots=True)
class CancelTask:
    """A task is no longer needed."""

    step: str
    visit: int
    command: int


@dataclass(frozen=True, slots=True)
class SendCommand:
    """A command for a machine.

    `body` is the command object with the variables put in; `targets` is empty when the agent's own address is meant
    (P12); `authentication` maps the id of each agent or target to its authentication-info object: references, never
    secrets; `out_variables` maps each variable that the command returns to its type.
    """

    step: str
    visit: int
    command: int
    kind: str
    body: Definition
    agent: Definition | None
    targets: tuple[Definition, ...]
    authentication: Mapping[str, Definition]
    out_variables: Mapping[str, str]
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class CancelCommand:
    """A command in flight is no longer needed; its outcome will be ignored."""

    step: str
    visit: int
    command: int


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Request `TimerPassed` of the same kind, step and visit at `due_at`; replaces a timer of the same three."""

    kind: TimerKind
    step: str
    visit: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """A timer is no longer needed."""

    kind: TimerKind
    step: str
    visit: int


@dataclass(frozen=True, slots=True)
class StepChanged:
    """A step changed its state; `before` is None on entry, `reason` is a code, or a person's text."""

    step: str
    visit: int
    before: str | None
    after: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunChanged:
    """The run changed its state; `before` is None at its start."""

    before: str | None
    after: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VariableSet:
    """A variable got a value; `scope` is the key of the step that declares it, "" for the playbook's own."""

    scope: str
    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Noted:
    """An event for the journal (such as P16); the text of `code` is in `words.py`."""

    code: str
    args: Mapping[str, Any] = field(default_factory=dict)


Effect = (
    OpenTask
    | CancelTask
    | SendCommand
    | CancelCommand
    | SetTimer
    | CancelTimer
    | StepChanged
    | RunChanged
    | VariableSet
    | Noted
)

_WORDS = {
    OpenTask: "open_task",
    CancelTask: "cancel_task",
    SendCommand: "send_command",
    CancelCommand: "cancel_command",
    SetTimer: "set_timer",
    CancelTimer: "cancel_timer",
    StepChanged: "step_changed",
    RunChanged: "run_changed",
    VariableSet: "variable_set",
    Noted: "noted",
}


def effect_to_json(effect: Effect) -> Json:
    """Return an effect as plain JSON, with its kind under `effect`; moments become RFC 3339 text."""
    written: Json = {"effect": _WORDS[type(effect)]}
    for part in fields(effect):
        value = getattr(effect, part.name)
        written[part.name] = _plain(value)
    return written


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return asdict(value) if isinstance(value, ClockReference) else value
