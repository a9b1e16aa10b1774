"""The key ceremony, offline approvals and changes of the set at the console."""

import json
import re
import zipfile
from collections.abc import Iterator

import pytest

from incident import custodian_key
from incident.actions.directory.people import add_person
from incident.actions.reports import custodian_approvals, custodians
from incident.store.db.database import db
from incident.store.directory.people import person_by_login
from incident.store.reports.identities import ReportIdentity
from incident.store.reports.identity_requests import IdentityRequest
from tests.actions.reports.test_custodians import ask, passphrase, seal
from tests.test_cli_keys import Node
from tests.world import BY, World, only, rows

NAMES = ("ann", "bob", "cai")


@pytest.fixture
def node(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """A node where three people have become custodians at the console, of whom two are needed."""
    monkeypatch.setattr(custodian_key, "MEMORY_KIB", 64)
    monkeypatch.setattr(custodian_key, "PASSES", 1)
    node = Node(world.settings.home, world.settings.database_url)
    for name in NAMES:
        add_person(name, name, "reader", None, None, "en", BY, world.now)
        said = node.good("custodian", "add", name, given=f"{passphrase(name)}\n{passphrase(name)}\n")
        assert re.search(r"^([A-Z2-7]{4} ){13}[A-Z2-7]{4}$", said, re.MULTILINE)
        assert "envelope" in said
        assert "opened the test seal" in node.good("custodian", "test", name, given=f"{passphrase(name)}\n")
    custodians.propose_set(2, [1, 2, 3], BY, world.now)
    db.session.rollback()
    yield node
    db.session.rollback()


def test_a_custodian_is_removed_and_every_field_is_rewritten(node: Node, world: World) -> None:
    seal(world)
    typed = "".join(f"{name}\n{passphrase(name)}\n" for name in ("ann", "ann", "bob"))
    typed = typed.replace(f"ann\n{passphrase('ann')}\nann\n{passphrase('ann')}\n", f"ann\n{passphrase('ann')}\nann\n")
    said = node.good("custodian", "remove", "cai", given=typed)
    assert "one who has typed already" in said
    assert "4 fields rewritten, none is left." in said
    assert {row.custodian_set for row in rows(ReportIdentity)} == {2}
    assert "0 fields rewritten" in node.good("custodian", "rotate", given=typed)


def test_a_change_with_a_wrong_passphrase_changes_nothing(node: Node, world: World) -> None:
    seal(world)
    refused = node.type("custodian", "rotate", given="ann\nwrong\n")
    assert (refused.exit_code, "The passphrase is wrong." in refused.output) == (2, True)


def test_a_request_is_approved_offline(node: Node, world: World) -> None:
    asked = ask(world, seal(world))
    ann = person_by_login("ann")
    assert ann is not None
    by = f"person:{ann.id}:ann"
    file = node.home / "request.json"
    file.write_text(json.dumps(custodian_approvals.offline_request(only(IdentityRequest), by, world.now)))
    said = node.good("custodian", "approve", str(file), given=f"{passphrase('ann')}\n")
    assert "to call back" in said
    shares = json.loads(said[said.index('{"shares"') :])["shares"]
    custodian_approvals.approve_with_shares(asked.row.id, shares, by, world.now - world.now, world.now)
    assert node.type("custodian", "approve", str(file), given="wrong\n").exit_code == 1
    assert "letter is wrong" in node.type("custodian", "approve", str(file), "--paper", given="AAAA\n").output
    file.write_text("[]")
    assert "no request" in node.type("custodian", "approve", str(file), given="x\n").output


def test_the_key_of_identities_is_in_a_backup_with_keys_only(node: Node, world: World) -> None:
    seal(world)
    for options, is_there in ((), False), (("--with-keys",), True):
        file = node.home.parent / f"backup{len(options)}.zip"
        node.good("backup", str(file), *options)
        with zipfile.ZipFile(file) as backup:
            assert ("keys/identity.key" in backup.namelist()) is is_there


@pytest.mark.parametrize("words", [("test", "eve"), ("add", "eve"), ("remove", "eve")])
def test_people_who_are_not_there_are_named(node: Node, words: tuple[str, str]) -> None:
    refused = node.type("custodian", *words)
    assert (refused.exit_code, "eve" in refused.output) == (1, True)
