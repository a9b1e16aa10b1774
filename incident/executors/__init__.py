"""Executors of playbook commands: one file for each kind of command, and one line here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from incident.executors import http_api, openc2_http, ssh
from incident.executors.command import Command, CommandResult, Executor, ExecutorContext, Secret, SecretRefused
from incident.executors.demonstration import Demonstration

__all__ = ["MAKERS", "Command", "CommandResult", "Executor", "ExecutorContext", "Secret", "SecretRefused", "registry"]

MAKERS: tuple[Callable[[ExecutorContext], Executor], ...] = (
    http_api.make,
    openc2_http.make,
    ssh.make_ssh,
    ssh.make_bash,
)


def registry(means: ExecutorContext, is_demonstration: bool = False) -> Mapping[str, Executor]:
    """Every executor by the kind of command it executes; in a demonstration they do nothing and succeed."""
    executors = [make(means) for make in MAKERS]
    if is_demonstration:
        executors = [Demonstration(executor) for executor in executors]
    return MappingProxyType({executor.kind: executor for executor in executors})
