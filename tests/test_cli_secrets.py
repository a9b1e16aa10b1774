"""Stored secrets on the command line: where each may be used."""

from pathlib import Path

import pytest

from incident.store.db.database import db
from incident.store.operations.instance import Secret
from incident.store.operations.secrets import is_any_deposited
from tests.test_cli import Terminal
from tests.world import World, only


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str) -> Terminal:
    """A terminal at a home that has been migrated."""
    return Terminal(tmp_path / "home")


def test_a_new_secret_needs_a_place_and_keeps_it_when_it_is_set_again(terminal: Terminal, sqlite_world: World) -> None:
    refused = terminal.type("secret", "set", "wall", given="one\n")
    assert (refused.exit_code, "Enter where the secret may be used." in refused.output) == (2, True)
    assert not is_any_deposited()
    db.session.rollback()
    refused = terminal.type("secret", "set", "wall", "--for", "wall.test", "--for", "ssh", given="one\n")
    assert "error: /places/0: Enter where the secret may be used: an origin such as" in refused.output
    terminal.good(
        "secret", "set", "wall", "--for", "https://wall.test", "--for", "https://wall.test:444", given="one\n"
    )
    assert "set for https://wall.test, https://wall.test:444." in terminal.good("secret", "set", "wall", given="two\n")
    assert terminal.good("secret", "list") == "wall  https://wall.test, https://wall.test:444\n"
    assert is_any_deposited()


def test_a_secret_from_before_is_shown_as_used_nowhere_and_given_a_place(
    terminal: Terminal, sqlite_world: World
) -> None:
    sealed = sqlite_world.ring.seal("t0ken", "secrets:old:sealed")
    db.session.add(Secret(name="old", sealed=sealed, set_at=sqlite_world.now))
    db.session.commit()
    assert "used nowhere" in terminal.good("secret", "list")
    assert "Stored secrets without a place, which are used nowhere: old (" in terminal.good("check")
    assert terminal.type("secret", "set", "old", given="x\n").exit_code == 2
    assert terminal.type("secret", "place", "other", "--for", "ssh").exit_code == 2
    assert "may be used at ssh://gate.test:22." in terminal.good("secret", "place", "old", "--for", "ssh://Gate.test")
    assert terminal.good("secret", "list") == "old  ssh://gate.test:22\n"
    db.session.rollback()
    only(Secret).places = "ssh"
    db.session.commit()
    refused = terminal.type("secret", "place", "old", "--for", "ssh")
    assert (refused.exit_code, "The secret old cannot be read" in refused.output) == (2, True)
