"""What carries out the commands of playbooks: one file for each kind of command, and one line here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from incident.executors import http_api
from incident.executors.authentication import Secret
from incident.executors.command import Command, Ended, Executor
from incident.executors.demonstration import Demonstration
from incident.outgoing import Outgoing

__all__ = ["MAKERS", "Command", "Ended", "Executor", "Secret", "registry"]

MAKERS: tuple[Callable[[Outgoing, Secret], Executor], ...] = (http_api.make,)


def registry(outgoing: Outgoing, secret: Secret, is_demonstration: bool = False) -> Mapping[str, Executor]:
    """Every executor by the kind of command it carries out; in a demonstration they do nothing and succeed.

    `secret` gives the value of a stored secret by its name, None when there is none of that name.
    """
    executors = [make(outgoing, secret) for make in MAKERS]
    if is_demonstration:
        executors = [Demonstration(executor) for executor in executors]
    return MappingProxyType({executor.kind: executor for executor in executors})
