"""Approval of a playbook on the command line, as the second person."""

from pathlib import Path

import pytest

from incident.actions.directory import people
from incident.actions.playbooks import approving, playbooks, runs, secrets
from incident.actions.playbooks.approval_status import bundle_hash
from incident.actions.playbooks.playbook_loader import bundle_for
from incident.store.playbooks.playbooks import current_version
from incident.store.playbooks.runs import Run
from tests.test_cli import Terminal
from tests.web.pages.playbooks.test_start_requests import machine_playbook
from tests.world import BY, World, rows

BLOCK = machine_playbook()


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str) -> Terminal:
    """A terminal at a home that has been migrated."""
    return Terminal(tmp_path / "home")


def test_the_console_shows_what_is_sent_and_gives_the_second_approval(terminal: Terminal, sqlite_world: World) -> None:
    world = sqlite_world
    secrets.set_secret("wall", "t0ken", ["https://wall.example.org"], world.ring, BY, world.now)
    playbooks.add_playbook(BLOCK, BY, world.now)
    version = current_version(BLOCK["id"])
    assert version is not None
    approving.approve_playbook(BLOCK["id"], bundle_hash(bundle_for(version)), BY, world.now)
    runs.start_run(world.open().id, BLOCK["id"], {}, BY, world.now)
    asked = terminal.type("playbook", "approve", BLOCK["id"], given="n\n")
    assert asked.exit_code == 1
    for text in ("Block the network, action: http-api to Firewall", "    POST /block HTTP/1.1", f"Approved by {BY}"):
        assert text in asked.output, text
    assert rows(Run) == []
    assert "Approved. The playbook may be started." in terminal.good("playbook", "approve", BLOCK["id"], given="y\n")
    assert len(rows(Run)) == 1
    again = terminal.type("playbook", "approve", BLOCK["id"], "--yes")
    assert (again.exit_code, "You have already approved this." in again.output) == (2, True)
    unknown = terminal.type("playbook", "approve", "playbook--x", "--yes")
    assert (unknown.exit_code, "no playbook has the ID" in unknown.output) == (2, True)


def test_the_check_says_when_only_one_person_may_approve(terminal: Terminal, sqlite_world: World) -> None:
    line = "Only one person may approve playbooks with commands for machines"
    assert line not in terminal.good("check")
    people.add_person("boss", "Li Wei", "administrator", None, None, "en", BY, sqlite_world.now)
    people.add_person("reader", "Wang", "reader", None, None, "en", BY, sqlite_world.now)
    assert line in terminal.good("check")
    people.add_person("second", "Zhang", "coordinator", None, None, "en", BY, sqlite_world.now)
    assert line not in terminal.good("check")
