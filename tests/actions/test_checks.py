"""Checks of contacts: on a schedule, by one process, kept on the contact, and confirmed by people."""

import json
import re

import pytest

from incident.actions import checks, contacts
from incident.core.faults import RuleError
from incident.core.message import Accepted, DeliveryError, Message
from incident.store.departments import Contact, contacts_to_check
from incident.store.journal import Entry
from tests.world import BY, World, only, rows

OK = Accepted("200 OK")
AWAY = DeliveryError("500 away", permanent=False)
GONE = DeliveryError("410 gone", permanent=True, is_gone=True)


def hooked(world: World) -> None:
    net = world.department("net", [("duty", 1)])
    world.contact(net, "hook", channel="webhook", address="https://a.test/x")


def check(world: World, outcome: Accepted | DeliveryError = OK) -> list[Message]:
    found = [checks.begin_check(one, "msg_x", world.post, world.now) for one in contacts_to_check(world.now, 10)]
    sent = [message for message in found if message is not None]
    for message in sent:
        checks.enter_check(only(Contact, name=message.contact).id, outcome, world.now)
    return sent


def test_a_webhook_is_checked_each_day_and_people_only_when_somebody_wants_it(world: World) -> None:
    hooked(world)
    assert check(world) == []
    world.forward(hours=24)
    assert [message.contact for message in check(world)] == ["hook"]
    assert check(world) == []
    checks.change_contact(1, {"check_every": "P7D"}, BY, world.now)
    world.forward(days=7)
    assert {message.contact for message in check(world)} == {"hook", "duty"}
    checks.change_contact(1, {"check_every": None}, BY, world.now)
    world.forward(days=30)
    assert [message.contact for message in check(world)] == ["hook"]


def test_what_came_of_it_stands_on_the_contact_and_in_the_journal_when_it_changes(world: World) -> None:
    hooked(world)
    for outcome in (OK, OK, AWAY, AWAY, OK):
        world.forward(days=1)
        check(world, outcome)
    found = only(Contact, name="hook")
    assert (found.check_outcome, found.check_detail, found.checked_at) == ("accepted", "200 OK", world.now)
    after = [json.loads(entry.detail)["after"] for entry in rows(Entry, verb="contact.checked")]
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
    done = world.at_once(*[lambda: checks.begin_check(2, "msg_x", world.post, world.now)] * 3)
    assert [one is not None for one in done].count(True) == 1


def test_people_confirm_by_the_link_that_a_test_reached_them_and_machines_get_none(world: World) -> None:
    hooked(world)
    mail = contacts.write_test(1, "msg_x", world.post, world.now)
    [token] = set(re.findall(r"http://incident.test/reached/(\S+)", mail.text))
    assert mail.links[0].words == "This reached me"
    assert contacts.told_by_token(world.ring, token) == (1, world.now)
    assert contacts.told_by_token(world.ring, token.replace("1.", "2.", 1)) is None
    assert contacts.told_by_token(world.ring, "x") is None
    checks.confirm(1, world.now, world.forward(minutes=3))
    assert only(Contact, id=1).confirmed_at == world.now
    assert json.loads(only(Entry, verb="contact.confirmed").detail)["seconds"] == 180
    assert contacts.confirm_url(world.post, only(Contact, id=2), world.now) is None


@pytest.mark.parametrize("every", ["PT1M", "P1Y", "P91D", "daily"])
def test_a_contact_is_not_checked_too_often_or_never_again(world: World, every: str) -> None:
    hooked(world)
    with pytest.raises(RuleError):
        checks.change_contact(1, {"check_every": every}, BY, world.now)
    assert only(Contact, id=1).check_every is None


def test_a_limit_can_be_set_and_taken_away(world: World) -> None:
    hooked(world)
    checks.change_contact(2, {"limit_per_minute": 8}, BY, world.now)
    assert only(Contact, id=2).limit_per_minute == 8
    checks.change_contact(2, {"limit_per_minute": None}, BY, world.now)
    assert only(Contact, id=2).limit_per_minute is None
    assert len(rows(Entry, verb="contact.changed")) == 2
