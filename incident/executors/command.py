"""The interface of all executors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Protocol

from incident.core.notifications.message import clean_detail
from incident.core.playbooks.ssh_target import SshTarget
from incident.outgoing import Outgoing

Definition = Mapping[str, Any]
Secret = Callable[[str, str], str]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class SecretRefused(Exception):
    """A secret that is not stored, or not permitted for this place; the text holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An automated command of a playbook with its variables inserted; the shape of the engine's `SendCommand`.

    Args:
        kind: the CACAO command type, such as `http-api`.
        body: the command object (CACAO 2.0 section 5).
        agent: the acting agent; its own address is used when there are no targets (P12).
        targets: the target objects, each with its `id`.
        authentication: the authentication-info object of each agent or target, by the id of that agent or target.
        out: the names of the variables that the command returns, as `__name__`.
        limit: the remaining time (s) of its step; None leaves only the executor's own limit.
    """

    kind: str
    body: Definition
    agent: Definition | None = None
    targets: tuple[Definition, ...] = ()
    authentication: Mapping[str, Definition] = field(default_factory=lambda: _NOTHING)
    out: tuple[str, ...] = ()
    limit: float | None = None

    @property
    def places(self) -> tuple[Definition, ...]:
        """Return where to execute it: its targets, else its agent (P12)."""
        return self.targets or ((self.agent,) if self.agent is not None else ())


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The outcome of a command: `variables` by name (`__name__`), `detail` a line for the journal without secrets."""

    outcome: Literal["succeeded", "failed"]
    variables: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    detail: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", clean_detail(self.detail))


@dataclass(frozen=True, slots=True)
class ExecutorContext:
    """Dependencies of executors.

    Args:
        outgoing: the HTTP client.
        secret: returns the value of a stored secret by its name and the origin it is for; raises SecretRefused.
        ssh_targets: returns the permitted ssh targets at a host and port, each with its key when one is stored for it.
    """

    outgoing: Outgoing
    secret: Secret
    ssh_targets: Callable[[str, int], Sequence[SshTarget]]


class Executor(Protocol):
    """Executes one kind of command; thread-safe."""

    @property
    def kind(self) -> str:
        """The CACAO command type."""

    def execute(self, command: Command) -> CommandResult:
        """Execute the command once; every fault is an outcome, none is raised."""

    def is_repeatable(self, command: Command) -> bool:
        """Return whether it may be repeated when a crash hides whether it was executed (P14)."""
