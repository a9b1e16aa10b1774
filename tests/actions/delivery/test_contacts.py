"""Contacts: changed secrets, and test messages."""

import json

import pytest

from incident.actions.delivery import contacts
from incident.actions.operations import keys
from incident.core.notifications.message import Accepted, DeliveryError
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.departments import Contact, Department
from incident.store.journal.journal import Entry
from tests.world import BY, World, only, rows

OLD, NEW = "whsec_" + "A" * 32, "whsec_" + "B" * 32


def hook(world: World) -> int:
    return world.contact(world.department("net"), "hook", channel="webhook", address="https://h.test").id


def test_both_secrets_sign_for_a_day_after_one_was_changed(world: World) -> None:
    contact_id = hook(world)
    contacts.change_secret(contact_id, NEW, world.ring, BY, world.now)
    world.open("net")
    [sending] = world.send()
    assert (sending.message.secret, sending.message.old_secret) == (NEW, OLD)
    contact = db.session.get_one(Contact, contact_id)
    assert contacts.valid_secrets(contact, world.ring, world.forward(hours=23)) == (NEW, OLD)
    assert contacts.valid_secrets(contact, world.ring, world.forward(hours=1)) == (NEW, None)


def test_a_changed_secret_lies_sealed_and_the_journal_says_until_when_the_old_one_counts(world: World) -> None:
    contacts.change_secret(hook(world), NEW, world.ring, BY, world.now)
    [entry] = rows(Entry, event_type="contact.secret_changed")
    assert json.loads(entry.detail) == {"name": "hook", "old_secret_ends_at": "2026-03-03T01:00:00+00:00"}
    assert "whsec_" not in " ".join(one.detail for one in rows(Entry))
    assert "whsec_" not in f"{only(Contact).sealed_secret} {only(Contact).old_sealed_secret}"


def test_both_secrets_open_after_the_keys_were_turned(world: World) -> None:
    contacts.change_secret(hook(world), NEW, world.ring, BY, world.now)
    world.ring.rotate()
    assert keys.reseal_secrets(world.ring, BY, world.now) == 2
    assert contacts.valid_secrets(only(Contact), world.ring, world.now) == (NEW, OLD)
    assert str(only(Contact).old_sealed_secret).startswith("2.")


def test_only_a_secret_that_is_there_can_be_changed(world: World) -> None:
    world.department("net", [("duty", 1)])
    for contact_id, code in ((1, "contact.has_no_secret"), (99, "contact.unknown")):
        with pytest.raises(RuleError) as raised:
            contacts.change_secret(contact_id, NEW, world.ring, BY, world.now)
        assert raised.value.code == code


def test_a_test_message_says_that_it_is_one_and_of_no_incident(world: World) -> None:
    message = contacts.write_test(hook(world), "msg_test", world.post, world.now)
    assert (message.type, message.thread, message.secret, message.links) == ("contact.test", None, OLD, ())
    assert (message.subject, message.asked) == ("", "")  # a machine reads no words
    mail = world.contact(db.session.get_one(Department, 1), "duty")
    written = contacts.write_test(mail.id, "msg_test", world.post, world.now)
    assert (written.subject, written.asked) == ("Test message for Department net", "Confirm that it reached you.")
    assert message.data["incident"] is None


def test_what_came_of_a_test_stands_in_the_journal(world: World) -> None:
    contact_id = hook(world)
    contacts.enter_test(contact_id, Accepted("200 ok"), True, BY, world.now)
    contacts.enter_test(contact_id, DeliveryError("404 not here", permanent=True), True, BY, world.now)
    details = [json.loads(entry.detail) for entry in rows(Entry, event_type="contact.tested")]
    assert [(one["is_accepted"], one["answer"]) for one in details] == [(True, "200 ok"), (False, "404 not here")]
    assert only(Contact).switched_off_at is None


def test_a_receiver_that_is_gone_when_it_is_tested_is_switched_off_and_not_tested_again(world: World) -> None:
    contact_id = hook(world)
    contacts.enter_test(contact_id, DeliveryError("410 gone", permanent=True, is_gone=True), True, BY, world.now)
    assert only(Contact).switched_off_why == "410 gone"
    with pytest.raises(RuleError) as raised:
        contacts.write_test(contact_id, "msg_test", world.post, world.now)
    assert (raised.value.code, raised.value.kind) == ("contact.switched_off", "conflict")
