"""The key ring on the command line: foreign, missing and old rings are refused; several nodes."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from incident.actions.notifications import acknowledge_links
from incident.cli import main
from incident.keyring import KeyRing, new_ring
from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.store.journal.journal import Entry
from incident.store.operations.instance import InstanceSetting, Secret
from incident.store.queries import sealed
from tests.ring import KEYS
from tests.test_cli import on_free_port
from tests.world import World, only, rows

FOREIGN = json.dumps({"current": "1", "keys": {"1": "A" * 43 + "="}})


class Node:
    """A home on a database, and commands that are typed there."""

    def __init__(self, home: Path, url: str, **environ: str) -> None:
        self.home = home
        self.keys = home / "keys.json"
        self.environ = {
            "INCIDENT_HOME": str(home), "INCIDENT_DATABASE_URL": url, "INCIDENT_TIMEZONE": "UTC", **environ,
        }  # fmt: skip

    def type(self, *words: str, given: str = "") -> Result:
        return CliRunner().invoke(main, on_free_port(words), input=given, env=self.environ)

    def good(self, *words: str, given: str = "") -> str:
        result = self.type(*words, given=given)
        assert result.exit_code == 0, result.output
        return result.output

    def starts(self) -> bool:
        """Whether a command starts; when it does not it ends with status 1 and a hint, and is no traceback."""
        result = self.type("token", "create", "--name", "x", "--role", "reader")
        if result.exit_code == 0:
            return True
        assert (result.exit_code, type(result.exception)) == (1, SystemExit), result.output
        assert "hint: " in result.output
        return False


@pytest.fixture
def node(world: World) -> Iterator[Node]:
    """A node whose ring has encrypted a secret and a contact, on each kind of database."""
    node = Node(world.settings.home, world.settings.database_url)
    net = world.department("net")
    world.contact(net, "hook", channel="webhook", address="https://h.test")
    assert "set" in node.good("secret", "set", "firewall", "--for", "https://wall.test", given="s3cret\n")
    assert node.starts()
    db.session.rollback()
    yield node
    db.session.rollback()


def test_the_database_holds_a_check_value_and_no_key(node: Node) -> None:
    checks = sealed.key_checks(db.session.connection())
    assert checks == KeyRing.parse(KEYS).checks()
    assert json.loads(KEYS)["keys"]["1"] not in json.dumps([row.value for row in rows(InstanceSetting)])


def test_a_foreign_ring_is_refused_and_check_says_so_and_nothing_is_changed(node: Node) -> None:
    before = len(rows(Entry))
    node.keys.write_text(FOREIGN)
    assert not node.starts()
    checked = node.type("check")
    assert checked.exit_code == 1
    assert f"INCIDENT_HOME: the key ring {node.keys} is not the key ring of this database" in checked.output
    for words in (("serve",), ("work",), ("keys", "rotate"), ("secret", "set", "x")):
        refused = node.type(*words, given="x\n")
        assert (refused.exit_code, "is not the key ring" in refused.output) == (1, True), refused.output
    assert node.keys.read_text() == FOREIGN
    assert len(rows(Entry)) == before


def test_a_missing_ring_is_refused_and_not_made_anew(node: Node) -> None:
    node.keys.unlink()
    assert not node.starts()
    assert "is missing, and the database is in use" in node.type("check").output
    assert not node.keys.exists()


def test_the_journal_is_verified_without_the_ring(node: Node) -> None:
    node.keys.unlink()
    assert "The journal is intact" in node.good("journal", "verify")
    assert not node.keys.exists()


def test_a_copy_from_before_a_rotation_is_refused_and_the_newest_is_not(node: Node, tmp_path: Path) -> None:
    old = node.keys.read_text()
    assert "2 secrets were encrypted again" in node.good("keys", "rotate")
    assert node.starts()
    newest = node.keys.read_text()
    node.keys.write_text(old)
    assert not node.starts()
    assert "a copy from before a rotation" in node.type("check").output
    node.keys.write_text(newest)
    assert node.starts()


def test_a_rotation_that_was_broken_off_after_the_file_was_written_harms_nothing(node: Node) -> None:
    KeyRing.load(node.keys).rotate()
    assert node.starts()
    assert set(sealed.key_checks(db.session.connection())) == {"1", "2"}


def test_a_database_from_before_check_values_takes_the_ring_that_opens_its_secrets(node: Node) -> None:
    def forget() -> None:
        db.session.rollback()
        db.session.delete(db.session.get_one(InstanceSetting, sealed.KEY_CHECKS))
        db.session.commit()

    forget()
    node.keys.write_text(FOREIGN)
    assert not node.starts()
    node.keys.unlink()
    assert not node.starts()
    assert not node.keys.exists()
    node.keys.write_text(KEYS)
    assert node.starts()
    db.session.rollback()
    assert sealed.key_checks(db.session.connection())


@pytest.mark.parametrize("text", ["{}", "{", ""])
def test_a_broken_ring_is_refused_with_a_hint(node: Node, text: str) -> None:
    node.keys.write_text(text)
    assert not node.starts()
    assert "cannot be read as a key ring" in node.type("serve").output


def test_a_ring_is_made_for_an_empty_database_alone(tmp_path: Path) -> None:
    home = tmp_path / "first"
    first = Node(home, f"sqlite:///{home / 'incident.db'}")
    assert first.starts()
    assert first.keys.stat().st_mode & 0o777 == 0o600
    other = tmp_path / "other"
    shutil.copytree(home, other, ignore=shutil.ignore_patterns("keys.json"))
    assert not Node(other, f"sqlite:///{other / 'incident.db'}").starts(), "a restore without the ring"
    assert not (other / "keys.json").exists()


def test_a_second_node_with_a_home_of_its_own_needs_the_ring_of_the_first(postgres_url: str, tmp_path: Path) -> None:
    first, second = Node(tmp_path / "1", postgres_url), Node(tmp_path / "2", postgres_url)
    assert first.starts()
    assert not second.starts()
    shared = tmp_path / "shared.json"
    shared.write_text(first.keys.read_text())
    shared.chmod(0o640)
    by_file = Node(tmp_path / "3", postgres_url, INCIDENT_KEYS_FILE=str(shared))
    by_environment = Node(tmp_path / "4", postgres_url, INCIDENT_KEYS=shared.read_text())
    for node in (by_file, by_environment):
        assert node.starts()
        assert node.good("check").startswith("No faults found.")
        assert not node.keys.exists()


def test_what_one_node_seals_and_signs_another_with_the_same_ring_opens(tmp_path: Path) -> None:
    ring = new_ring()
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    named = tmp_path / "named.json"
    named.write_text(ring)
    named.chmod(0o600)
    nodes = Node(tmp_path / "1", url, INCIDENT_KEYS=ring), Node(tmp_path / "2", url, INCIDENT_KEYS_FILE=str(named))
    nodes[0].good("secret", "set", "firewall", "--for", "https://wall.test", given="s3cret\n")
    one, other = KeyRing.parse(ring), KeyRing.load(named)
    assert acknowledge_links.message_of_token(other, acknowledge_links.acknowledge_token(one, "msg_1")) == "msg_1"
    assert "1 secrets were encrypted again" in nodes[1].good("keys", "rotate")
    assert not nodes[0].starts(), "its ring lacks the new key"
    nodes[0].environ["INCIDENT_KEYS"] = named.read_text()
    assert nodes[0].starts()


def test_a_file_by_name_that_is_not_there_and_a_broken_environment_are_refused_even_for_an_empty_database(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    absent = Node(tmp_path / "1", url, INCIDENT_KEYS_FILE=str(tmp_path / "absent.json"))
    broken = Node(tmp_path / "2", url, INCIDENT_KEYS="nonsense")
    for node, name in ((absent, "INCIDENT_KEYS_FILE"), (broken, "INCIDENT_KEYS")):
        assert not node.starts()
        assert f"{name}: " in node.type("check").output
    assert not (tmp_path / "absent.json").exists()


def test_a_ring_of_the_environment_gets_no_key_here_but_its_current_one_seals_everything(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    one = json.loads(new_ring())
    node = Node(tmp_path / "home", url, INCIDENT_KEYS=json.dumps(one))
    node.good("secret", "set", "firewall", "--for", "https://wall.test", given="s3cret\n")
    one["keys"]["2"] = json.loads(new_ring())["keys"]["1"]
    before = node.environ["INCIDENT_KEYS"]
    node.environ["INCIDENT_KEYS"] = json.dumps(one)  # the new key is brought to every node before it seals
    assert node.starts()
    node.environ["INCIDENT_KEYS"] = before
    assert node.starts(), "the new key is not in use yet"
    node.environ["INCIDENT_KEYS"] = json.dumps(one | {"current": "2"})
    assert "Key 2 is the current key; 1 secrets" in node.good("keys", "rotate")
    node.environ["INCIDENT_KEYS"] = before
    assert not node.starts()


def test_nodes_sign_certificates_with_one_key_by_name(tmp_path: Path) -> None:
    first = Node(tmp_path / "1", f"sqlite:///{tmp_path / 'x.db'}")
    printed = first.good("certificate", "key")
    shared = tmp_path / "shared.key"
    second = Node(tmp_path / "2", f"sqlite:///{tmp_path / 'y.db'}", INCIDENT_CERTIFICATE_KEY_FILE=str(shared))
    assert "INCIDENT_CERTIFICATE_KEY_FILE" in second.type("check").output
    shutil.copy(first.home / "certificate.key", shared)
    assert second.good("certificate", "key") == printed
    second.good("check")


def test_a_ring_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_paths: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", link)
    refused = Node(tmp_path / "home", f"sqlite:///{tmp_path / 'x.db'}").type("secret", "set", "x", given="x\n")
    assert (refused.exit_code, type(refused.exception)) == (1, SystemExit)
    assert "keys.json cannot be written: No space left on device" in refused.output


def test_when_a_ring_is_lost_for_good_another_is_accepted_and_what_was_lost_is_named(node: Node, world: World) -> None:
    node.keys.write_text(new_ring())
    assert not node.starts()
    assert node.type("keys", "accept", given="n\n").exit_code == 1
    assert not node.starts()
    output = node.good("keys", "accept", "--yes")
    assert "(incident secret set): firewall" in output
    assert "pass it on to their receivers: hook" in output
    assert node.starts()
    assert node.good("check").startswith("No faults found.")
    assert "The journal is intact" in node.good("journal", "verify")
    db.session.rollback()
    assert rows(Secret) == []
    ring = KeyRing.load(node.keys)
    assert ring.open(only(Contact).sealed_secret or "", f"contacts:{only(Contact).id}:sealed_secret")
    assert only(Entry, event_type="keys.accepted").actor == "cli"


def test_there_must_be_a_ring_to_accept(node: Node) -> None:
    node.keys.unlink()
    assert node.type("keys", "accept", "--yes").exit_code == 2
