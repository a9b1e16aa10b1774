"""A failing provider is paused, its messages use another channel at once, and dead letters are retried manually."""

import datetime as dt
import json

import pytest

from incident.actions.delivery import dead_letters, deliver
from incident.actions.directory import departments
from incident.core.notifications.message import Accepted, DeliveryError
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.delivery.circuits import Circuit
from incident.store.directory.departments import Contact
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Delivery, Message
from tests.staff import notified, person, personal_contact, policy, rota
from tests.world import BY, World, only, rows

AWAY = DeliveryError("500 Internal Server Error", permanent=False)
FULL = DeliveryError("452 mailbox full", permanent=False, is_alive=True)
NO = DeliveryError("550 no such user", permanent=True)
GONE = DeliveryError("410 Gone", permanent=True, is_gone=True)
OK = Accepted("200 OK")
HOST = "https://a.test:443"


def hooked(world: World, *hosts: str) -> None:
    net = world.department("net")
    for place, host in enumerate(hosts):
        world.contact(net, f"hook {place}", channel="webhook", address=f"https://{host}/{place}")


def fail(world: World, times: int = 5) -> None:
    """Let messages to the provider fail one after the other."""
    for _ in range(times):
        incident = world.open("net")
        for sending in begin(world):
            world.finish(sending, AWAY)
        put_off(world, incident)


def put_off(world: World, incident: Incident) -> None:
    for row in rows(Message, incident_id=incident.id):
        row.next_attempt_at = world.now + dt.timedelta(days=1)
    db.session.commit()


def begin(world: World) -> list[deliver.OutgoingMessage]:
    return deliver.claim_due(world.now, 32, [], world.post)


def test_the_provider_of_each_contact_is_known(world: World) -> None:
    net = world.department("net", [("mail", 1)])
    world.contact(net, "hook", channel="webhook", address="http://Hooks.test:8080/x")
    world.contact(net, "phone", channel="sms", address="+8613800138000")
    world.contact(net, "inbox", channel="inbox")
    assert [contact.origin for contact in rows(Contact)] == ["smtp", "http://hooks.test:8080", "sms", None]


def test_a_provider_that_fails_five_times_is_left_alone_and_asked_once_when_its_pause_is_over(world: World) -> None:
    hooked(world, "a.test", "a.test", "b.test")
    fail(world, 3)
    opened = only(Entry, event_type="circuit.opened")
    assert json.loads(opened.detail)["origin"] == HOST
    world.open("net")
    assert [sending.message.address for sending in world.send()] == ["https://b.test/2"]
    world.forward(seconds=30)
    (probe,) = begin(world)
    assert begin(world) == []
    world.finish(probe, AWAY)
    world.forward(seconds=59)
    assert begin(world) == []
    world.forward(seconds=1)
    (probe,) = begin(world)
    world.finish(probe, OK)
    assert (rows(Circuit), len(rows(Entry, event_type="circuit.closed"))) == ([], 1)
    assert len(begin(world)) == 1


@pytest.mark.parametrize("outcome", [FULL, NO], ids=["full", "refused"])
def test_what_is_about_one_message_alone_leaves_nobody_alone(world: World, outcome: DeliveryError) -> None:
    world.department("net", [("duty", 1)])
    for _ in range(8):
        world.open("net")
        world.send(outcome)
        world.forward(seconds=7)
    assert rows(Circuit) == []


def test_an_exercise_says_nothing_of_a_provider_and_is_not_held_up_by_one(world: World) -> None:
    hooked(world, "a.test")
    fail(world)
    exercise = world.open("net")
    db.session.get_one(Incident, exercise.id).speed = 60
    db.session.commit()
    (sending,) = begin(world)
    world.finish(sending, OK)
    assert only(Circuit).opened_at is not None


def test_two_processes_make_one_probe(world: World) -> None:
    hooked(world, "a.test", "a.test", "a.test", "a.test")
    fail(world, 2)
    world.open("net")
    world.forward(seconds=30)
    done = world.at_once(*[lambda: begin(world)] * 3)
    assert sum(map(len, done)) == 1


def by_turns(world: World) -> None:
    """A person on duty with three contacts; the second follows after two minutes."""
    net = world.department("net")
    li = person(world, "li", net)
    for channel in ("email", "sms", "webhook"):
        personal_contact(world, net, li, channel)
    rota(net, "li")
    policy(world, net, [{"wait": "PT30M", "notify": ["duty"], "channels": ["email", "sms"], "in_turn": "PT2M"}])


def test_when_a_message_is_refused_the_next_turn_comes_at_once_and_then_an_unplanned_way(
    world: World,
) -> None:
    by_turns(world)
    world.open("net")
    world.send(NO)
    assert notified() == ["li email", "li sms", "li webhook"]
    assert [row.state for row in rows(Message)] == ["refused"] * 3
    assert [row.person_id for row in rows(Message)] == [1, 1, 1]
    ways = [json.loads(entry.detail)["to"] for entry in rows(Entry, event_type="message.passed_on")]
    assert ways == ["li sms", "li webhook"]


def test_what_waits_for_a_provider_that_is_left_alone_goes_the_next_way_at_once_and_stays(
    world: World,
) -> None:
    by_turns(world)
    for _ in range(5):
        world.forward(seconds=6)
        incident = world.open("net")
        (sending,) = begin(world)
        world.finish(sending, AWAY)
        put_off(world, incident)
    incident = world.open("net")
    assert [sending.message.contact for sending in begin(world)] == ["li sms"]
    mail = only(Message, incident_id=incident.id, turn=0)
    assert (mail.state, mail.passed_on_at) == ("pending", world.now)


def test_a_level_of_desks_has_no_other_way_when_all_of_them_were_told(world: World) -> None:
    hooked(world, "a.test", "b.test")
    world.open("net")
    world.send(GONE)
    assert len(rows(Message)) == 2
    assert rows(Entry, event_type="message.passed_on") == []


def test_a_dead_letter_is_sent_again_by_hand_under_its_name_and_for_another_day(world: World) -> None:
    hooked(world, "a.test")
    world.open("net")
    world.send(NO)
    row = only(Message)
    world.forward(days=3)
    dead_letters.resend(row.id, BY, world.now)
    (sending,) = world.send(AWAY)
    assert sending.message.webhook_id == row.webhook_id
    assert only(Message).next_attempt_at == world.now + dt.timedelta(seconds=2)
    world.forward(seconds=2)
    world.send(OK)
    assert (only(Message).state, len(rows(Delivery))) == ("sent", 3)
    assert only(Entry, event_type="message.resent").incident == "INC-2026-000001"


def test_only_a_dead_letter_to_a_living_contact_can_be_sent_again(world: World) -> None:
    hooked(world, "a.test")
    world.open("net")
    with pytest.raises(RuleError, match="not_dead"):
        dead_letters.resend(1, BY, world.now)
    world.send(NO)
    departments.remove_contact(1, "left", BY, world.now)
    with pytest.raises(RuleError, match="switched_off"):
        dead_letters.resend(1, BY, world.now)
    with pytest.raises(RuleError, match="unknown"):
        dead_letters.resend(99, BY, world.now)
