"""Checks of contacts: scheduled, run by one process, stored on the contact, confirmed by people."""

import datetime as dt
import json
import re

import pytest

from incident.actions.delivery import contact_checks, contacts
from incident.actions.directory import departments
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.core.values.faults import RuleError
from incident.store.directory.departments import Contact, contacts_to_check
from incident.store.journal.journal import Entry
from incident.store.queries import health
from tests.world import BY, World, only, rows

OK = Accepted("200 OK")
AWAY = DeliveryError("500 away", permanent=False)
GONE = DeliveryError("410 gone", permanent=True, is_gone=True)


def hooked(world: World) -> None:
    net = world.department("net", [("duty", 1)])
    world.contact(net, "hook", channel="webhook", address="https://a.test/x")


def check(world: World, outcome: Accepted | DeliveryError = OK) -> list[Message]:
    found = [
        contact_checks.begin_check(one, "msg_x", world.post, world.now) for one in contacts_to_check(world.now, 10)
    ]
    sent = [message for message in found if message is not None]
    for message in sent:
        contact_checks.enter_check(only(Contact, name=message.contact).id, outcome, world.now)
    return sent


def test_a_webhook_is_checked_each_day_and_people_only_when_somebody_wants_it(world: World) -> None:
    hooked(world)
    assert check(world) == []
    world.forward(hours=24)
    assert [message.contact for message in check(world)] == ["hook"]
    assert check(world) == []
    contact_checks.change_contact(1, {"check_every": "P7D"}, world.post.delivery_profiles, BY, world.now)
    world.forward(days=7)
    assert {message.contact for message in check(world)} == {"hook", "duty"}
    contact_checks.change_contact(1, {"check_every": None}, world.post.delivery_profiles, BY, world.now)
    world.forward(days=30)
    assert [message.contact for message in check(world)] == ["hook"]


def test_what_came_of_it_stands_on_the_contact_and_in_the_journal_when_it_changes(world: World) -> None:
    hooked(world)
    for outcome in (OK, OK, AWAY, AWAY, OK):
        world.forward(days=1)
        check(world, outcome)
    found = only(Contact, name="hook")
    assert (found.check_outcome, found.check_detail, found.checked_at) == ("accepted", "200 OK", world.now)
    after = [json.loads(entry.detail)["after"] for entry in rows(Entry, event_type="contact.checked")]
    assert after == ["accepted", "failed", "accepted"]


def test_a_receiver_that_is_gone_is_switched_off_and_not_checked_again(world: World) -> None:
    hooked(world)
    world.forward(days=1)
    check(world, GONE)
    assert only(Contact, name="hook").switched_off_at == world.now
    world.forward(days=9)
    assert check(world) == []


def test_two_processes_check_a_contact_once(world: World) -> None:
    hooked(world)
    world.forward(days=1)
    done = world.at_once(*[lambda: contact_checks.begin_check(2, "msg_x", world.post, world.now)] * 3)
    assert [one is not None for one in done].count(True) == 1


def test_people_confirm_by_the_link_that_a_test_reached_them_and_machines_get_none(world: World) -> None:
    hooked(world)
    mail = contacts.write_test(1, "msg_x", world.post, world.now)
    [token] = set(re.findall(r"http://incident.test/reached/(\S+)", mail.text))
    assert mail.links[0].words == "I received this"
    assert contacts.read_confirmation_token(world.ring, token) == (1, world.now)
    assert contacts.read_confirmation_token(world.ring, token.replace("1.", "2.", 1)) is None
    assert contacts.read_confirmation_token(world.ring, "x") is None
    contact_checks.confirm(1, world.now, world.forward(minutes=3))
    assert only(Contact, id=1).confirmed_at == world.now
    assert json.loads(only(Entry, event_type="contact.confirmed").detail)["seconds"] == 180
    assert contacts.confirm_url(world.post, only(Contact, id=2), world.now) is None


@pytest.mark.parametrize("every", ["PT1M", "P1Y", "P91D", "daily"])
def test_a_contact_is_not_checked_too_often_or_never_again(world: World, every: str) -> None:
    hooked(world)
    with pytest.raises(RuleError):
        contact_checks.change_contact(1, {"check_every": every}, world.post.delivery_profiles, BY, world.now)
    assert only(Contact, id=1).check_every is None


def test_a_limit_can_be_set_and_taken_away(world: World) -> None:
    hooked(world)
    contact_checks.change_contact(2, {"limit_per_minute": 8}, world.post.delivery_profiles, BY, world.now)
    assert only(Contact, id=2).limit_per_minute == 8
    contact_checks.change_contact(2, {"limit_per_minute": None}, world.post.delivery_profiles, BY, world.now)
    assert only(Contact, id=2).limit_per_minute is None
    assert len(rows(Entry, event_type="contact.changed")) == 2


def ask_for_confirmation(world: World, within: str = "PT12H") -> Contact:
    hooked(world)
    changes = {"check_every": "P1D", "confirm_within": within}
    return contact_checks.change_contact(1, changes, world.post.delivery_profiles, BY, world.now)


def unconfirmed(world: World) -> list[str]:
    return [one.name for one in health.unconfirmed_now(world.now)]


def test_a_check_that_nobody_confirms_in_time_is_known_until_somebody_confirms_one(world: World) -> None:
    duty = ask_for_confirmation(world)
    sent_at = world.forward(days=1, milliseconds=300)
    check(world)
    assert only(Contact, id=duty.id).confirm_due_at == sent_at.replace(microsecond=0) + dt.timedelta(hours=12)
    world.forward(hours=11)
    assert unconfirmed(world) == []
    world.forward(hours=1)
    assert unconfirmed(world) == ["duty"]
    world.forward(days=1)
    check(world)
    assert only(Contact, id=duty.id).confirm_due_at == sent_at.replace(microsecond=0) + dt.timedelta(hours=12)
    contact_checks.confirm(duty.id, sent_at.replace(microsecond=0), world.now)
    assert unconfirmed(world) == []
    assert only(Contact, id=duty.id).confirm_due_at is None


def test_an_older_test_that_is_confirmed_says_nothing_of_a_later_one(world: World) -> None:
    duty = ask_for_confirmation(world)
    before = world.now
    world.forward(days=1)
    check(world)
    contact_checks.confirm(duty.id, before, world.forward(hours=1))
    world.forward(hours=12)
    assert unconfirmed(world) == ["duty"]


def test_what_is_set_again_as_it_was_begins_nothing_anew(world: World) -> None:
    duty = ask_for_confirmation(world)
    same = {"limit_per_minute": 8, "check_every": "P1D", "confirm_within": "PT12H"}
    world.forward(hours=23)
    contact_checks.change_contact(duty.id, same, world.post.delivery_profiles, BY, world.now)
    world.forward(hours=1)
    assert [message.contact for message in check(world)] == ["duty", "hook"]
    world.forward(hours=13)
    contact_checks.change_contact(duty.id, same, world.post.delivery_profiles, BY, world.now)
    assert unconfirmed(world) == ["duty"]


def test_who_is_asked_no_more_or_switched_off_is_not_late(world: World) -> None:
    duty = ask_for_confirmation(world)
    world.forward(days=1)
    check(world)
    world.forward(hours=13)
    contact_checks.change_contact(duty.id, {"confirm_within": None}, world.post.delivery_profiles, BY, world.now)
    assert unconfirmed(world) == []
    contact_checks.change_contact(duty.id, {"confirm_within": "PT1H"}, world.post.delivery_profiles, BY, world.now)
    world.forward(days=1)
    check(world)
    departments.remove_contact(duty.id, "left", BY, world.forward(hours=2))
    assert unconfirmed(world) == []


@pytest.mark.parametrize(
    ("contact", "within", "code"),
    [(1, "PT1M", "contact.confirm_within"), (1, "soon", "duration.malformed"), (2, "PT1H", "contact.confirms_nothing")],
)
def test_only_what_people_read_is_confirmed_and_within_a_time_that_makes_sense(
    world: World, contact: int, within: str, code: str
) -> None:
    hooked(world)
    with pytest.raises(RuleError) as fault:
        contact_checks.change_contact(contact, {"confirm_within": within}, world.post.delivery_profiles, BY, world.now)
    assert (fault.value.code, fault.value.pointer) == (code, "/confirm_within")
    assert only(Contact, id=contact).confirm_within is None
