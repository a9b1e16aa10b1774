"""What every executor takes and gives."""

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
    """A secret that is not deposited, or not for the place where it is wanted; the text holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A playbook's command for a machine, with the variables put in; the shape of the engine's `SendCommand`.

    Args:
        kind: the CACAO command type, such as `http-api`.
        body: the command object (CACAO 2.0 section 5).
        agent: who acts; its own address is meant when there are no targets (P12).
        targets: the target objects, each with its `id`.
        authentication: the authentication-info object of each agent or target, by the id of that agent or target.
        out: the names of the variables that the command returns, as `__name__`.
        limit: seconds that are left of its step; None leaves only the executor's own limit.
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
        """Where it is to be carried out: its targets, else its agent (P12)."""
        return self.targets or ((self.agent,) if self.agent is not None else ())


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended: `variables` by name (`__name__`), `detail` a line for the journal that holds no secret."""

    outcome: Literal["succeeded", "failed"]
    variables: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    detail: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", clean_detail(self.detail))


@dataclass(frozen=True, slots=True)
class ExecutorContext:
    """What executors work with.

    Args:
        outgoing: the way out for requests.
        secret: gives the value of a stored secret by its name and the origin it is for; raises SecretRefused.
        ssh_targets: gives the targets at a host and port that are allowed for ssh, each with its key when that is
            deposited for it.
    """

    outgoing: Outgoing
    secret: Secret
    ssh_targets: Callable[[str, int], Sequence[SshTarget]]


class Executor(Protocol):
    """Carries out one kind of command; may be used by several threads at once."""

    @property
    def kind(self) -> str:
        """The CACAO command type."""

    def carry_out(self, command: Command) -> CommandResult:
        """Do it, once; every fault is an outcome, none is raised."""

    def is_repeatable(self, command: Command) -> bool:
        """Whether it may be done again when a crash hides whether it was done (P14)."""
