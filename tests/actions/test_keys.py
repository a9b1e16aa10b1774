"""Secrets of playbooks, and the turning of the key ring."""

import pytest

from incident.actions import departments, keys
from incident.actions.transaction import Answer, AnsweredBefore, Once
from incident.keyring import SealBroken
from incident.store.departments import Contact
from incident.store.instance import KeptAnswer, Secret
from incident.store.journal import Entry
from incident.store.secrets import sealed_by_name, secret_place
from tests.world import BY, World, only, rows


def test_a_secret_lies_sealed_in_its_place_and_the_journal_only_says_that_it_was_set(world: World) -> None:
    for value in ("first", "s3cret-of-firewall"):
        keys.set_secret("firewall", value, world.ring, BY, world.now)
    sealed = sealed_by_name(["firewall", "other"])
    assert list(sealed) == ["firewall"]
    assert world.ring.open(sealed["firewall"], secret_place("firewall")) == "s3cret-of-firewall"
    with pytest.raises(SealBroken):
        world.ring.open(sealed["firewall"], secret_place("other"))
    assert "s3cret" not in only(Secret).sealed + "".join(entry.detail for entry in rows(Entry))


def test_after_a_rotation_everything_is_sealed_under_the_new_key_and_opens(world: World) -> None:
    net = world.department("net")
    contact = world.contact(net, "hook", channel="webhook", address="https://h.test")
    keys.set_secret("firewall", "s3cret", world.ring, BY, world.now)
    once = Once("token:1", "k:1", b"x", lambda made: Answer(201, made.code), world.ring)
    departments.add_department("web", "Web", None, BY, world.now, once)
    world.ring.rotate()
    assert keys.seal_anew(world.ring, BY, world.now) == 3
    sealed = [only(Contact).sealed_secret or "", only(Secret).sealed, only(KeptAnswer).sealed_answer]
    assert {one.partition(".")[0] for one in sealed} == {"2"}
    assert world.ring.open(sealed[0], departments.secret_place(contact.id)) == "whsec_" + "A" * 32
    assert world.ring.open(sealed[1], secret_place("firewall")) == "s3cret"
    with pytest.raises(AnsweredBefore):
        departments.add_department("web", "Web", None, BY, world.now, once)


def test_a_seal_that_does_not_open_stops_the_rotation_and_changes_nothing(world: World) -> None:
    from incident.actions.transaction import transaction
    from incident.store.database import db

    keys.set_secret("a", "one", world.ring, BY, world.now)
    keys.set_secret("b", "two", world.ring, BY, world.now)
    with transaction(BY, world.now):
        db.session.get_one(Secret, "b").sealed = db.session.get_one(Secret, "a").sealed
    world.ring.rotate()
    with pytest.raises(SealBroken):
        keys.seal_anew(world.ring, BY, world.now)
    assert {row.sealed.partition(".")[0] for row in rows(Secret)} == {"1"}
