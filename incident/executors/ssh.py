"""The commands ssh and bash (CACAO 2.0 sections 5.13 and 5.3), executed by ssh on permitted targets."""

import shlex

from incident.core.cacao.substitution import decoded as from_base64
from incident.core.playbooks.ssh_target import SSH_KINDS, allowed_target, ssh_place
from incident.executors.command import Command, CommandResult, Definition, ExecutorContext
from incident.executors.deadline import Deadline
from incident.executors.results import decoded, missing, results
from incident.executors.ssh_session import OUTPUT_LIMIT, Output, SessionFailed, run_there

LONGEST = 3600.0
"""Time limit (s) of one command, however long its step has."""


class SshExecutor:
    """Executes one kind of command on each target in turn, without retries.

    Args:
        kind: `ssh`, or `bash` for a script that bash reads on the target.
        means: provides the permitted targets.
    """

    def __init__(self, kind: str, means: ExecutorContext) -> None:
        if kind not in SSH_KINDS:
            raise ValueError(f"{kind} is not carried out by ssh")
        self.kind = kind
        self._means = means

    def execute(self, command: Command) -> CommandResult:
        """Execute it on each target until one fails; a later target's variables replace an earlier one's."""
        text = _text(command.body)
        if not text.strip() or not command.places:
            return CommandResult("failed", {}, "the command says nothing, or not where")
        line = f"bash -c {shlex.quote(text)}" if self.kind == "bash" else text
        deadline = Deadline(command.limit)
        variables: dict[str, str] = {}
        details: list[str] = []
        for definition in command.places:
            ended = self._at(command, definition, line, deadline)
            variables.update(ended.variables)
            details.append(ended.detail)
            if ended.outcome == "failed":
                return CommandResult("failed", variables, "; ".join(details))
        return CommandResult("succeeded", variables, "; ".join(details))

    def is_repeatable(self, command: Command) -> bool:
        """Return whether it may be repeated when its execution is unknown: never (P14)."""
        return False

    def _at(self, command: Command, definition: Definition, line: str, deadline: Deadline) -> CommandResult:
        place = ssh_place(definition, command.authentication.get(str(definition.get("id"))))
        known = () if place is None else self._means.ssh_targets(place.host, place.port)
        target = allowed_target(place, known)
        if target is None:
            name = definition.get("name") or definition.get("id") or "the target"
            return CommandResult("failed", {}, f"{name} is not allowed for ssh: incident target allow HOST")
        where = f"{self.kind} {target.user}@{target.host}"
        if target.key is None:
            return CommandResult(
                "failed", {}, f"{where}: no key is deposited for it: incident secret list shows where each may be used"
            )
        left = deadline.left(LONGEST)
        if left <= 0:
            return CommandResult("failed", {}, f"{where}: not begun, the time of the step is over")
        try:
            return _ended(run_there(target, target.key, line, left), command.out, where)
        except SessionFailed as error:
            return CommandResult("failed", {}, f"{where}: {error}")


def make_ssh(means: ExecutorContext) -> SshExecutor:
    """Return the executor of ssh."""
    return SshExecutor("ssh", means)


def make_bash(means: ExecutorContext) -> SshExecutor:
    """Return the executor of bash."""
    return SshExecutor("bash", means)


def _text(body: Definition) -> str:
    encoded = body.get("command_b64")
    if body.get("command") is None and isinstance(encoded, str):
        return from_base64("".join(encoded.split())) or ""
    return str(body.get("command") or "")


def _ended(output: Output, out: tuple[str, ...], where: str) -> CommandResult:
    stdout, stderr = (decoded(content).rstrip("\n") for content in (output.stdout, output.stderr))
    own = {"__stdout__": stdout, "__stderr__": stderr}
    if output.status is not None:
        own["__exit_status__"] = str(output.status)
    variables = results(own, stdout, out)
    detail = (
        f"{where}: exit status {output.status}" if output.status is not None else f"{where}: ended by {_end(output)}"
    )
    if output.cut:
        detail += f", {' and '.join(output.cut)} cut at {OUTPUT_LIMIT >> 20} MiB"
    detail += missing(variables, out)
    return CommandResult("succeeded" if output.status == 0 else "failed", variables, detail)


def _end(output: Output) -> str:
    if output.status is not None:
        return f"exit status {output.status}"
    return f"ended by signal {output.signal}" if output.signal else "ended without an exit status"
