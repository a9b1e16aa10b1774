"""Devices of people: turned on and off, notified beside other channels, and gone."""

import json

import pytest

from incident.actions.delivery import contacts, deliver
from incident.actions.directory import devices, people
from incident.actions.operations import keys
from incident.channels.push import new_signing_key
from incident.core.delivery.push import KNOWN_HOSTS, MAX_DEVICES
from incident.core.notifications.message import DeliveryError
from incident.core.values.faults import RuleError
from incident.keyring import KeyRing, new_ring
from incident.store.db.database import db
from incident.store.delivery.attempts import MESSAGE_LOG
from incident.store.directory import contact_addresses
from incident.store.directory.departments import Contact, Department
from incident.store.directory.devices import PushDevice, PushKey
from incident.store.directory.people import Person
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.queries import sealed
from tests.device import Device
from tests.staff import person, personal_contact, policy, rota
from tests.world import BY, World, only, rows

ENDPOINT = "https://fcm.googleapis.com/fcm/send/"
GONE = DeliveryError("410 Gone", permanent=True, is_gone=True)
BUSY = DeliveryError("503", permanent=False)


def turn_on(world: World, owner: Person, name: str = "a", language: str = "en", replaced: str = "") -> None:
    """Turn notifications on for a device, as the account page does."""
    devices.signing_key(new_signing_key, world.ring, BY, world.now)
    device = Device()
    devices.turn_on(
        owner.id,
        ENDPOINT + name,
        device.point,
        device.auth,
        label="Chrome",
        language=language,
        hosts=KNOWN_HOSTS,
        ring=world.ring,
        by=BY,
        now=world.now,
        replaced=replaced and ENDPOINT + replaced,
    )


@pytest.fixture
def net(world: World) -> Department:
    """A department whose duty is Ann, by text message."""
    net = world.department("net")
    policy(world, net, [{"wait": "PT5M", "notify": ["duty"], "channels": ["sms"]}])
    personal_contact(world, net, person(world, "ann", net))
    rota(net, "ann")
    return net


@pytest.fixture
def ann(net: Department) -> Person:
    return only(Person, login="ann")


def begin(world: World) -> list[deliver.OutgoingMessage]:
    """Claim what is due without sending it."""
    return deliver.claim_due(world.now, 100, (), world.post)


def sent_to(world: World) -> dict[str, str]:
    """The subject of each message that is due, by its channel."""
    return {one.message.channel: one.message.subject for one in world.send()}


def test_a_notice_also_goes_to_the_device_which_shows_nothing_of_it(world: World, ann: Person) -> None:
    turn_on(world, ann, language="zh_Hans_CN")
    number = world.open("net", title="Payroll encrypted", grade=1).number
    found = {one.message.channel: one.message for one in world.send()}
    assert found.keys() == {"sms", "push"}
    message = found["push"]
    assert (message.subject, message.html) == ("您有新的通知", "")
    assert [link.url for link in message.links] == [f"http://incident.test/incidents/{number}"]
    assert message.text == f"您有新的通知\nhttp://incident.test/incidents/{number}\n"
    assert message.address == f"{ENDPOINT}a"
    assert json.loads(message.secret or "").keys() == {"point", "auth", "signing"}


def test_nothing_of_a_device_is_readable_in_the_database(world: World, ann: Person) -> None:
    turn_on(world, ann)
    contact, device = only(Contact, channel="push"), only(PushDevice)
    assert (contact.address, contact.origin) == (None, "https://fcm.googleapis.com:443")
    assert ENDPOINT not in device.sealed_endpoint + device.sealed_keys + json.dumps(
        [entry.detail for entry in rows(Entry)]
    )


def test_turning_on_twice_is_one_device_with_the_newer_keys(world: World, ann: Person) -> None:
    turn_on(world, ann)
    before = only(PushDevice).sealed_keys
    turn_on(world, ann)
    assert only(PushDevice).sealed_keys != before
    assert len(rows(Entry, event_type="device.added")) == 1


def test_a_device_whose_push_service_gave_it_another_address_is_still_one(
    world: World, net: Department, ann: Person
) -> None:
    other = person(world, "ben", net)
    for number in range(MAX_DEVICES):
        turn_on(world, ann, str(number))
    turn_on(world, other, "b")
    turn_on(world, ann, "new", replaced="0")
    turn_on(world, ann, "new", replaced="new")
    hashes = {one.endpoint_hash for one in rows(PushDevice) if one.person_id == ann.id}
    assert devices.hash_of_endpoint(f"{ENDPOINT}new") in hashes
    assert devices.hash_of_endpoint(f"{ENDPOINT}0") not in hashes
    assert len(hashes) == MAX_DEVICES
    turn_on(world, ann, "new", replaced="b")  # that of another person stays
    assert len(rows(PushDevice)) == MAX_DEVICES + 1


def test_a_device_that_another_person_turns_on_is_theirs(world: World, net: Department, ann: Person) -> None:
    turn_on(world, ann)
    bob = person(world, "bob", net)
    personal_contact(world, net, bob)
    turn_on(world, bob)
    assert only(PushDevice).person_id == bob.id
    world.open("net")
    assert sent_to(world).keys() == {"sms"}


def test_a_person_of_no_department_is_told_what_to_do(world: World) -> None:
    with pytest.raises(RuleError) as caught:
        turn_on(world, person(world, "cho"))
    assert caught.value.code == "push.no_department"


def test_a_person_has_a_limited_number_of_devices(world: World, ann: Person) -> None:
    for place in range(MAX_DEVICES):
        turn_on(world, ann, str(place))
    with pytest.raises(RuleError) as caught:
        turn_on(world, ann, "another")
    assert caught.value.code == "push.too_many"


def test_a_device_that_is_turned_off_gets_nothing(world: World, ann: Person) -> None:
    turn_on(world, ann)
    world.open("net")
    device_id = only(PushDevice).id
    devices.turn_off(ann.id + 1, device_id, BY, world.now)
    assert rows(PushDevice)
    for _ in range(2):
        devices.turn_off(ann.id, device_id, BY, world.now)
    assert sent_to(world).keys() == {"sms"}
    assert (rows(PushDevice), only(Contact, channel="push").switched_off_why) == ([], "turned off by its owner")
    assert len(rows(Entry, event_type="device.removed")) == 1


def test_the_devices_of_a_person_without_access_are_turned_off(world: World, ann: Person) -> None:
    turn_on(world, ann)
    people.add_person("boss", "Boss", "administrator", None, None, "en", BY, world.now)
    people.change_person(ann.id, {"is_active": False}, BY, world.now)
    assert rows(PushDevice) == []


def test_a_device_that_is_gone_is_deleted_and_the_journal_says_so(world: World, ann: Person) -> None:
    turn_on(world, ann)
    world.open("net")
    for one in begin(world):
        world.finish(one, GONE if one.message.channel == "push" else None)
    assert rows(PushDevice) == []
    assert json.loads(only(Entry, event_type="device.removed").detail)["why"] == "410 Gone"
    assert len(rows(Message)) == 2  # nothing else was tried in its place: the other channel was used anyway


def test_a_busy_service_is_tried_again(world: World, ann: Person) -> None:
    turn_on(world, ann)
    world.open("net")
    for one in begin(world):
        world.finish(one, BUSY if one.message.channel == "push" else None)
    assert sent_to(world) == {}
    world.forward(minutes=2)
    assert sent_to(world) == {"push": "New notice"}
    contact = only(Contact, channel="push")
    assert MESSAGE_LOG.tries_since(only(Message, contact_id=contact.id).id, world.now.replace(year=2000)) == 2


def test_the_device_of_a_person_who_is_the_contact_of_a_level_is_notified(world: World) -> None:
    web = world.department("web")
    owner = person(world, "eve", web)
    personal_contact(world, web, owner, "email", 1)
    turn_on(world, owner)
    here = only(Department, code="web")
    named = [one.channel for one in contact_addresses.contacts_at(here.id, 1)]
    assert named == ["email", "push"]
    assert [one.channel for one in contact_addresses.desks_of([here.id])[here.id, 1]] == ["email", "push"]
    assert [one.channel for one in contact_addresses.contacts_up_to(here.id, 1)] == ["email", "push"]
    assert contact_addresses.contacts_at(here.id, 2) == []


def test_a_person_with_nothing_but_a_device_is_reached(world: World, net: Department, ann: Person) -> None:
    turn_on(world, ann)
    db.session.get_one(Contact, only(Contact, channel="sms").id).switched_off_at = world.now
    db.session.commit()
    world.open("net")
    assert sent_to(world) == {"push": "New notice"}


def test_a_test_goes_to_the_device(world: World, ann: Person) -> None:
    turn_on(world, ann)
    message = contacts.write_test(only(Contact, channel="push").id, "msg_1", world.post, world.now)
    assert (message.subject, message.links[0].url) == ("Test notification", "http://incident.test/account")


def test_a_retired_key_opens_no_device_and_all_still_work(world: World, ann: Person) -> None:
    turn_on(world, ann)
    old = world.ring.current
    keys.rotate(world.ring, BY, world.now)
    keys.retire(world.ring, old, BY, world.now)
    assert sealed.left_under(db.session.connection(), old) == 0
    db.session.rollback()
    world.open("net")
    assert sent_to(world).keys() == {"sms", "push"}


def test_with_a_lost_ring_their_owners_turn_devices_on_again(world: World, ann: Person) -> None:
    turn_on(world, ann)
    lost = keys.accept(KeyRing.parse(new_ring()), lambda: "whsec_x", BY, world.now)
    assert lost.contacts == ["Ann: Chrome"]
    assert (rows(PushDevice), rows(PushKey)) == ([], [])
