"""Retiring an old key: secrets encrypted again, verified, key removed; safe when killed at any point."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.actions.directory.departments import add_department
from incident.actions.operations import keys
from incident.actions.unit_of_work import (
    IdempotencyKeyReused,
    IdempotentRequest,
    ResponseReplay,
    StoredResponse,
    transaction,
)
from incident.keyring import KeyRing
from incident.store.db.database import Base, db
from incident.store.journal.journal import Entry
from incident.store.operations.instance import IdempotencyRecord
from incident.store.queries import sealed
from tests.test_cli_keys import Node
from tests.world import BY, World, only

KILLED = """
import os, signal, sys
from incident.actions.operations import keys
from incident.cli import main
from incident.keyring import KeyRing
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
WHERE = {"before": (keys.key_check, "drop_check"), "between": (KeyRing, "_write"), "after": (KeyRing, "_write")}
where = sys.argv.pop(1)
owner, name = WHERE[where]
real = getattr(owner, name)
def patched(*args, **more):
    if where == "after":
        real(*args, **more)
    kill()
setattr(owner, name, patched)
main(["keys", "retire", "1", "--yes"])
"""


def idempotency(world: World, request: bytes = b"POST /departments") -> IdempotentRequest:
    return IdempotentRequest("token:1", "k:1", request, lambda made: StoredResponse(201, made.code), world.ring)


@pytest.fixture
def node(world: World) -> Iterator[Node]:
    """A node with a secret, a contact and a stored response encrypted with key 1, on each database."""
    node = Node(world.settings.home, world.settings.database_url)
    net = world.department("net")
    world.contact(net, "hook", channel="webhook", address="https://h.test")
    node.good("secret", "set", "firewall", "--for", "https://wall.test", given="s3cret\n")
    add_department("web", "Web", None, BY, world.now, idempotency(world))
    db.session.rollback()
    yield node
    db.session.rollback()


def left(name: str) -> int:
    db.session.rollback()
    return sealed.left_under(db.session.connection(), name)


def test_a_key_is_retired_and_everything_opens_without_it(node: Node, world: World) -> None:
    assert left("1") == 4
    refused = node.type("keys", "retire", "1", "--yes")
    assert (refused.exit_code, "is the newest key, which is in use" in refused.output) == (2, True)
    KeyRing.load(node.keys).rotate()  # as after a rotation that was killed before it encrypted anything
    assert node.good("keys", "list").splitlines() == ["1  3 values", "2  0 values  current"]
    assert node.type("keys", "retire", "1", given="n\n").exit_code == 1
    assert "3 values were encrypted again, none is left" in node.good("keys", "retire", "1", "--yes")
    assert left("1") == 0
    assert set(json.loads(node.keys.read_text())["keys"]) == {"2"}
    assert sealed.key_checks(db.session.connection()).keys() == {"2"}
    assert node.starts()
    assert node.type("keys", "rotate").stdout.startswith("Key 3 is the current key")
    assert json.loads(only(Entry, event_type="keys.retired").detail) == {"sealed": 3, "current": "2"}
    for words in (("retire", "1", "--yes"), ("retire", "9", "--yes")):
        assert node.type("keys", *words).exit_code == 2


def test_the_same_request_still_gets_its_answer_and_another_is_still_refused(node: Node, world: World) -> None:
    node.good("keys", "rotate")
    node.good("keys", "retire", "1", "--yes")
    with pytest.raises(ResponseReplay):
        add_department("web", "Web", None, BY, world.now, idempotency(world))
    with pytest.raises(IdempotencyKeyReused):
        add_department("web", "Web", None, BY, world.now, idempotency(world, b"POST /other"))


@pytest.mark.parametrize(("where", "is_dropped"), [("before", False), ("between", True), ("after", True)])
def test_wherever_it_is_killed_everything_opens_and_it_can_be_done_again(
    node: Node, where: str, is_dropped: bool
) -> None:
    KeyRing.load(node.keys).rotate()
    assert node.starts()
    ended = subprocess.run([sys.executable, "-c", KILLED, where], env=node.environ, check=False, timeout=60)
    assert ended.returncode == -9
    assert (left("1") == 0) is is_dropped
    assert ("1" in json.loads(node.keys.read_text())["keys"]) is (where != "after")
    assert node.starts()
    again = node.type("keys", "retire", "1", "--yes")
    assert again.exit_code == (2 if where == "after" else 0), again.output
    assert left("1") == 0
    assert set(json.loads(node.keys.read_text())["keys"]) == {"2"}
    assert "The journal is intact" in node.good("journal", "verify")


def test_what_another_process_seals_with_it_meanwhile_brings_the_key_back(
    node: Node, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = KeyRing.parse(node.keys.read_text())
    world.ring.rotate()
    real = KeyRing.retire

    def retire(ring: KeyRing, name: str) -> None:
        real(ring, name)
        with transaction(BY, world.now):
            only(IdempotencyRecord).sealed_response = older.seal("x", "idempotency_keys:token:1:k:1:sealed_response")

    monkeypatch.setattr(KeyRing, "retire", retire)
    with pytest.raises(keys.StillInUse, match="1 values were sealed with key 1 meanwhile"):
        keys.retire(world.ring, "1", BY, world.now)
    assert set(json.loads(node.keys.read_text())["keys"]) == {"1", "2"}
    assert node.starts()
    monkeypatch.undo()
    assert keys.retire(world.ring, "1", BY, world.now) == 1


def test_a_value_that_does_not_open_stops_it_and_changes_nothing(node: Node, world: World) -> None:
    node.good("keys", "rotate")
    with transaction(BY, world.now):
        only(IdempotencyRecord).sealed_response = "1.broken"
    refused = node.type("keys", "retire", "1", "--yes")
    assert (refused.exit_code, "The key stays in the ring" in refused.output) == (2, True)
    assert set(json.loads(node.keys.read_text())["keys"]) == {"1", "2"}
    db.session.rollback()
    assert set(sealed.key_checks(db.session.connection())) == {"1", "2"}


def test_of_a_ring_in_the_environment_people_are_told_to_take_the_key_out(tmp_path: Path) -> None:
    first = KeyRing.load(tmp_path / "keys.json")
    first.create()
    node = Node(tmp_path / "home", f"sqlite:///{tmp_path / 'x.db'}", INCIDENT_KEYS=(tmp_path / "keys.json").read_text())
    node.good("secret", "set", "firewall", "--for", "ssh", given="s3cret\n")
    first.rotate()
    node.environ["INCIDENT_KEYS"] = (tmp_path / "keys.json").read_text()
    assert "Remove it from the ring on every node now" in node.good("keys", "retire", "1", "--yes")
    first.retire("1")
    node.environ["INCIDENT_KEYS"] = (tmp_path / "keys.json").read_text()
    assert node.starts()


NOT_OF_THE_RING = {"public_answers", "report_identities", "identity_requests", "custodians"}
"""Tables that other keys seal: those of requests of the public, of identities, and passphrases of custodians."""


def test_no_column_that_is_sealed_is_left_out() -> None:
    tables = [table for name, table in Base.metadata.tables.items() if name not in NOT_OF_THE_RING]
    found = {column for table in tables for column in table.columns if "sealed" in column.name}
    assert found == {one.property.columns[0] for one in sealed.SEALED}
