"""Secrets of playbooks, and rotation of the key ring."""

import pytest

from incident.actions.directory import departments
from incident.actions.operations import keys
from incident.actions.playbooks import secrets
from incident.actions.unit_of_work import IdempotentRequest, ResponseReplay, StoredResponse
from incident.core.playbooks.secret_place import binding
from incident.keyring import SealBroken
from incident.store.directory.departments import Contact
from incident.store.journal.journal import Entry
from incident.store.operations.instance import IdempotencyRecord, Secret
from incident.store.operations.secrets import binding_of, secrets_by_name
from tests.world import BY, World, only, rows

WALL = "https://wall.test"


def test_a_secret_lies_sealed_in_its_place_and_the_journal_only_says_that_it_was_set(world: World) -> None:
    for value in ("first", "s3cret-of-firewall"):
        secrets.set_secret("firewall", value, [WALL], world.ring, BY, world.now)
    found = secrets_by_name(["firewall", "other"])
    assert list(found) == ["firewall"]
    sealed = found["firewall"].sealed
    assert world.ring.open(sealed, binding_of(found["firewall"])) == "s3cret-of-firewall"
    for elsewhere in (binding("other", WALL), binding("firewall", "http://evil.test"), binding("firewall", None)):
        with pytest.raises(SealBroken):
            world.ring.open(sealed, elsewhere)
    assert "s3cret" not in only(Secret).sealed + "".join(entry.detail for entry in rows(Entry))


def test_after_a_rotation_everything_is_sealed_under_the_new_key_and_opens(world: World) -> None:
    net = world.department("net")
    contact = world.contact(net, "hook", channel="webhook", address="https://h.test")
    secrets.set_secret("firewall", "s3cret", [WALL], world.ring, BY, world.now)
    idempotency = IdempotentRequest("token:1", "k:1", b"x", lambda made: StoredResponse(201, made.code), world.ring)
    departments.add_department("web", "Web", None, BY, world.now, idempotency)
    world.ring.rotate()
    assert keys.reseal_secrets(world.ring, BY, world.now) == 3
    sealed = [only(Contact).sealed_secret or "", only(Secret).sealed, only(IdempotencyRecord).sealed_response]
    assert {one.partition(".")[0] for one in sealed} == {"2"}
    assert world.ring.open(sealed[0], departments.secret_place(contact.id)) == "whsec_" + "A" * 32
    assert world.ring.open(sealed[1], binding("firewall", WALL)) == "s3cret"
    with pytest.raises(ResponseReplay):
        departments.add_department("web", "Web", None, BY, world.now, idempotency)


def test_a_seal_that_does_not_open_stops_the_rotation_and_changes_nothing(world: World) -> None:
    from incident.actions.unit_of_work import transaction
    from incident.store.db.database import db

    secrets.set_secret("a", "one", [WALL], world.ring, BY, world.now)
    secrets.set_secret("b", "two", [WALL], world.ring, BY, world.now)
    with transaction(BY, world.now):
        db.session.get_one(Secret, "b").sealed = db.session.get_one(Secret, "a").sealed
    world.ring.rotate()
    with pytest.raises(SealBroken):
        keys.reseal_secrets(world.ring, BY, world.now)
    assert {row.sealed.partition(".")[0] for row in rows(Secret)} == {"1"}
