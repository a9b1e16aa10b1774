"""Replaces an executor in a demonstration: nothing leaves the machine."""

from incident.executors.command import Command, CommandResult, Executor


class Demonstration:
    """Does nothing and reports success."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.kind = executor.kind

    def execute(self, command: Command) -> CommandResult:
        """Succeed without results."""
        return CommandResult("succeeded", {}, "not sent: demonstration")

    def is_repeatable(self, command: Command) -> bool:
        """An omitted command can be repeated."""
        return True
