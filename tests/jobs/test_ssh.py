"""An ssh command from the start of the run to a real sshd and back, with a running scheduler."""

from typing import Any

import pytest

from incident import clock
from incident.actions.playbooks import secrets, ssh_targets
from incident.store.playbooks.runs import Command, Run
from incident.store.playbooks.tasks import Task
from tests.core.cacao.build import action, document
from tests.jobs.running import running, until
from tests.plugins.ssh_server import SshServer
from tests.world import BY, World, only, rows

GATE = "ssh--33333333-3333-4333-8333-333333333333"


def shell(server: SshServer, command: str, **more: Any) -> dict[str, Any]:
    """A playbook of one command by ssh."""
    step = action("done", {"type": "ssh", "command": command}, agent=GATE, out_args=["__rules__"], **more)
    made = document(
        {"cut": step, "done": None},
        name="Cut",
        playbook_variables={
            "__rules__": {"type": "integer", "value": "0"},
            "__who__": {"type": "string", "value": "x"},
        },
    )
    made["agent_definitions"][GATE] = {k: v for k, v in server.definition().items() if k != "id"}
    return made


@pytest.fixture
def allowed(world: World, ssh_server: SshServer) -> World:
    """A world of this moment in which commands on the test's sshd are allowed."""
    world.now = clock.now()
    server = ssh_server
    ssh_targets.allow_target(server.host, server.port, server.user, "gate", server.host_key, BY, world.now)
    secrets.set_secret("gate", server.key, ["ssh"], world.ring, BY, world.now)
    return world


def test_a_command_is_carried_out_on_the_target_and_its_results_turn_the_run(
    allowed: World, ssh_server: SshServer
) -> None:
    made = shell(ssh_server, """echo '{"rules": 4}'""")
    allowed.playbook(made)
    allowed.approve(made)
    with running(allowed):
        allowed.open(playbook=made["id"])
        until(lambda: only(Run).state == "succeeded")
    assert only(Run).document["values"][""]["__rules__"] == "4"
    assert only(Command).detail == f"ssh {ssh_server.user}@127.0.0.1: exit status 0"
    assert rows(Task) == []


def test_a_command_that_hangs_ends_with_its_step_and_what_comes_later_changes_nothing(
    allowed: World, ssh_server: SshServer
) -> None:
    made = shell(ssh_server, "sleep 20", timeout=1_000)
    allowed.playbook(made)
    allowed.approve(made)
    with running(allowed) as run:
        allowed.open(playbook=made["id"])
        took = until(lambda: only(Run).state == "failed")
        until(lambda: not run.clock._commands._in_flight)
    assert took < 5
    states = [record[1] for record in only(Run).document["steps"].values()]
    assert "timed_out" in states
    # The outcome and the timer come at the same moment, in either order: the step has run out of time all the same.
    assert only(Command).state in ("cancelled", "ended")
