"""Stands before an executor while the program is only shown: nothing leaves the machine."""

from incident.executors.command import Command, CommandResult, Executor


class Demonstration:
    """Says that it succeeded, and does nothing."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.kind = executor.kind

    def carry_out(self, command: Command) -> CommandResult:
        """Succeed without results."""
        return CommandResult("succeeded", {}, "not sent: demonstration")

    def is_repeatable(self, command: Command) -> bool:
        """What is not done can be done again."""
        return True
