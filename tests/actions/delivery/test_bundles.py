"""Storms: messages to one reader are bundled, none is hidden, and no contact exceeds its limit."""

import re

from incident.actions.delivery import deliver
from incident.actions.notifications import acknowledge_links
from incident.core.notifications.message import Accepted, DeliveryError
from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.store.incidents.incidents import Incident
from incident.store.notifications.messages import Delivery, Message
from tests.world import World, acknowledge_notice, only, rows

AWAY = DeliveryError("421 not now", permanent=False)
NUMBER = re.compile(r"INC-2026-[0-9]{6}")


def storm(world: World, count: int, seconds: float) -> list[deliver.OutgoingMessage]:
    """Open incidents one by one while due messages are sent; return the sent ones."""
    sent = []
    for place in range(count):
        world.open("net", title=f"Host {place} encrypted", grade=1 + place % 4)
        world.forward(seconds=seconds / count)
        sent += world.send()
    return sent


def numbers_in(sending: deliver.OutgoingMessage) -> set[str]:
    return set(NUMBER.findall(f"{sending.message.subject} {sending.message.text}"))


def test_five_hundred_incidents_in_a_minute_make_few_mails_that_name_every_one(sqlite_world: World) -> None:
    world = sqlite_world
    world.department("net", [("duty", 1)])
    sent = storm(world, 500, 60)
    sent += world.after(seconds=10)
    assert len(sent) <= 12
    assert set.union(*map(numbers_in, sent)) == {f"INC-2026-{place:06}" for place in range(1, 501)}
    assert {row.state for row in rows(Message)} == {"sent"}
    assert len(rows(Delivery)) == 500


def test_a_webhook_gets_each_notice_of_a_storm_singly(world: World) -> None:
    net = world.department("net")
    world.contact(net, "machine", channel="webhook", address="https://a.test")
    sent = storm(world, 50, 5)
    assert len(sent) == 50
    assert {sending.message.type for sending in sent} == {"notice.created"}


def test_a_few_messages_stay_single(world: World) -> None:
    world.department("net", [("duty", 1)])
    for _ in range(4):
        world.open("net")
    sent = world.send()
    assert [len(one.delivery_ids) for one in sent] == [1, 1, 1, 1]
    assert len(only(Delivery, id=1).bundle_id or "") == 0


def bundle(world: World, count: int = 5, **facts: str) -> deliver.OutgoingMessage:
    for _ in range(count):
        world.open("net", **facts)
    (sending,) = deliver.claim_due(world.now, 32, [], world.post)
    return sending


def test_a_bundle_is_one_message_with_an_attempt_and_an_acknowledge_link_for_each(world: World) -> None:
    world.department("net", [("duty", 1)])
    sending = bundle(world)
    assert sending.message.subject.startswith("5 incidents: ")
    assert {row.bundle_id for row in rows(Delivery)} == {sending.message.webhook_id}
    tokens = re.findall(r"/acknowledge/(\S+)", sending.message.text)
    named = {acknowledge_links.message_of_token(world.ring, token) for token in tokens}
    assert named == {row.webhook_id for row in rows(Message)}
    assert set(tokens) == set(re.findall(r"/acknowledge/([^\"]+)", sending.message.html or ""))
    world.finish(sending, Accepted("250 OK"))
    assert {row.state for row in rows(Message)} == {"sent"}


def test_a_bundle_that_fails_is_tried_again_with_what_came_since_and_without_what_was_answered(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.finish(bundle(world), AWAY)
    acknowledge_notice(1, "x", "inbox", world.now)
    world.forward(seconds=11)
    world.open("net")
    (again,) = world.send()
    assert len(again.delivery_ids) == 5
    assert numbers_in(again) == {f"INC-2026-{place:06}" for place in range(2, 7)}


def test_of_tlp_red_a_bundle_tells_nothing_but_the_number(world: World) -> None:
    world.department("net", [("duty", 1)])
    message = bundle(world, title="Secret of the ministry", tlp="red").message
    shown = f"{message.subject} {message.text} {message.html} {message.asked}"
    assert "Secret" not in shown
    assert "TLP:RED, sign in to read" in shown
    assert "INC-2026-000005" in shown


def test_in_a_chat_the_gravest_are_named_and_the_rest_counted_with_the_way_to_the_inbox(world: World) -> None:
    net = world.department("net")
    world.contact(net, "group", channel="slack", address="https://hooks.slack.test/services/T/B/x")
    for place in range(30):
        world.open("net", title=f"Host {place}", grade=1 if place == 29 else 4)
    (sending,) = deliver.claim_due(world.now, 32, [], world.post)
    message = sending.message
    assert message.subject == "30 incidents: 1 of grade I; 29 of grade IV"
    assert message.asked.count("INC-2026-") == 10
    assert "INC-2026-000030, I Critical: Host 29" in message.asked
    assert "20 more are in the inbox." in message.asked
    assert message.links[0].url == "http://incident.test/inbox"


def test_a_contact_gets_no_more_than_its_own_limit(world: World) -> None:
    net = world.department("net")
    world.contact(net, "machine", channel="webhook", address="https://a.test")
    only(Contact).limit_per_minute = 8
    db.session.commit()
    for _ in range(20):
        world.open("net")
    assert len(world.send()) == 2
    counted = 0
    for _ in range(59):
        counted += len(world.after(seconds=1))
    assert counted == 5


def test_what_an_exercise_sends_is_never_bundled_or_held_back(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.finish(bundle(world), Accepted("250 OK"))
    exercises = [world.open("net") for _ in range(10)]
    for one in exercises:
        db.session.get_one(Incident, one.id).speed = 60
    db.session.commit()
    sent = world.send()
    assert [(len(one.delivery_ids), one.is_leaving) for one in sent] == [(1, False)] * 10
