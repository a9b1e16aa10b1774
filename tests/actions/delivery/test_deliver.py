"""Delivery: the attempt is recorded before the send, the result after it; at least once, one webhook id."""

import datetime as dt
import json
from functools import partial

import pytest

from incident.actions.delivery import deliver
from incident.actions.directory import departments
from incident.actions.notifications import acknowledge_links, outbox
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.delivery.slot_share import MAX_SILENT, TIGHT_FROM, Kind, Share
from incident.core.notifications.message import Accepted, DeliveryError
from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Delivery, Message
from incident.store.notifications.notices import Notice
from incident.store.operations import instance
from tests.world import BY, World, acknowledge_notice, notice_of, only, rows

AWAY = DeliveryError("500 Internal Server Error", permanent=False)
LATER = DeliveryError("429 Too Many Requests", permanent=False, is_alive=True)
NO = DeliveryError("400 Bad Request", permanent=True)
GONE = DeliveryError("410 Gone", permanent=True, is_gone=True)
OK = Accepted("200 OK")
LAST_TRIES = dt.timedelta(hours=23, minutes=54)


def hooked(world: World, contacts: int = 1) -> None:
    net = world.department("net")
    for number in range(contacts):
        world.contact(net, f"hook {number}", channel="webhook", address=f"https://h{number}.test/x")


def begin(world: World, limit: int = 32, in_flight: tuple[int, ...] = ()) -> list[deliver.OutgoingMessage]:
    return deliver.claim_due(world.now, limit, in_flight, world.post)


def test_a_message_that_is_accepted_is_sent_once_and_its_attempt_says_what_came_back(world: World) -> None:
    hooked(world)
    world.open("net")
    (sending,) = world.send(OK)
    assert world.after(days=2) == []
    row, attempt = only(Message), only(Delivery)
    assert (row.state, row.attempts, row.webhook_id) == ("sent", 1, sending.message.webhook_id)
    assert (attempt.outcome, attempt.detail) == ("accepted", "200 OK")
    assert only(Entry, event_type="message.accepted").incident == "INC-2026-000001"


def test_the_attempt_is_written_before_the_send(world: World) -> None:
    hooked(world)
    world.open("net")
    begin(world)
    assert (only(Message).state, only(Delivery).began_at, only(Delivery).ended_at) == ("sending", world.now, None)
    assert begin(world) == []


def test_what_ends_together_ends_each_in_its_own_way(world: World) -> None:
    hooked(world, contacts=5)
    world.open("net")
    outcomes: tuple[Accepted | DeliveryError, ...] = (OK, AWAY, NO, GONE, Accepted("200 OK", is_delivered=True))
    ended = [
        deliver.DeliveryResult(one.delivery_ids, said, 0.0, world.now)
        for one, said in zip(begin(world), outcomes, strict=True)
    ]
    deliver.record_results(ended, world.now)
    assert [row.state for row in rows(Message)] == ["sent", "pending", "refused", "refused", "sent"]
    assert [row.outcome for row in rows(Delivery)] == ["accepted", "failed", "failed", "failed", "delivered"]
    assert [row.switched_off_why for row in rows(Contact)] == [None, None, None, "410 Gone", None]
    entered = sorted((row.event_type, row.subject) for row in rows(Entry) if row.subject.startswith("message:"))
    names = [f"message:{row.webhook_id}" for row in rows(Message)]
    event_types = ["message.accepted", "message.failed", "message.refused", "message.refused", "message.accepted"]
    assert entered == sorted(zip(event_types, names, strict=True))


def test_an_attempt_that_was_overtaken_changes_nothing_but_itself(world: World) -> None:
    hooked(world)
    world.open("net")
    (first,) = begin(world)
    world.forward(seconds=31)
    (second,) = begin(world)
    ended = [
        deliver.DeliveryResult(first.delivery_ids, NO, 0.0, world.now),
        deliver.DeliveryResult(second.delivery_ids, OK, 0.0, world.now),
    ]
    deliver.record_results(ended, world.now)
    assert (only(Message).state, only(Message).attempts) == ("sent", 2)
    assert [row.outcome for row in rows(Delivery)] == ["failed", "accepted"]


def test_in_a_demonstration_nothing_leaves(world: World) -> None:
    hooked(world)
    world.open("net")
    with transaction(BY, world.now):
        instance.put_instance_setting("is_demonstration", True)
    assert [sending.is_leaving for sending in begin(world)] == [False]


def test_who_is_sure_that_messages_are_due_may_be_wrong(world: World) -> None:
    hooked(world)
    assert deliver.claim_due(world.now, 32, [], world.post, is_sure=True) == []
    world.open("net")
    assert len(deliver.claim_due(world.now, 32, [], world.post, is_sure=True)) == 1
    assert deliver.claim_due(world.now, 32, [], world.post, is_sure=True) == []


def test_a_message_says_everything_that_its_channel_needs(world: World) -> None:
    hooked(world)
    world.open("net", grade=2, title="Ransomware on the file server")
    (sending,) = begin(world)
    message = sending.message
    assert (message.type, message.channel, message.address) == ("notice.created", "webhook", "https://h0.test/x")
    assert message.secret == "whsec_" + "A" * 32
    assert message.data["title"] == "Ransomware on the file server"
    assert (message.data["notice"], message.data["grade"], message.data["level"]) == (1, 2, 1)
    url = message.data["acknowledge_url"]
    assert url.startswith("http://incident.test/acknowledge/")
    assert acknowledge_links.message_of_token(world.ring, url.rpartition("/")[2]) == message.webhook_id
    assert acknowledge_links.message_of_token(world.ring, url.rpartition("/")[2] + "x") is None
    assert acknowledge_links.message_of_token(world.ring, "nonsense") is None


def test_of_an_incident_of_tlp_red_no_title_leaves(world: World) -> None:
    hooked(world)
    world.open("net", tlp="red", title="Secret of the ministry")
    (sending,) = begin(world)
    shown = [
        sending.message.subject,
        sending.message.text,
        sending.message.html or "",
        json.dumps(dict(sending.message.data)),
    ]
    assert not [text for text in shown if "Secret" in text]
    assert sending.message.data["title"] == "TLP:RED, sign in to read"


def test_pauses_grow_up_to_five_minutes_for_a_day_under_the_same_name(world: World) -> None:
    hooked(world)
    world.open("net")
    acknowledge_notice(1, "x", "inbox", world.now)  # escalation has its own tests
    world.forward(seconds=1)
    world.open("net")
    opened = world.now
    pauses, names = [], set()
    while True:
        (sending,) = world.send(LATER)
        names.add(sending.message.webhook_id)
        row = only(Message, webhook_id=sending.message.webhook_id)
        if row.state != "pending":
            break
        pauses.append((row.next_attempt_at - world.now).total_seconds())
        is_still_early = len(pauses) < 11
        world.now = row.next_attempt_at if is_still_early else max(row.next_attempt_at, opened + LAST_TRIES)
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    assert (row.state, len(names), row.fault) == ("given_up", 1, "429 Too Many Requests")
    assert dt.timedelta(hours=23, minutes=55) < world.now - opened <= dt.timedelta(hours=24)
    event_types = [entry.event_type for entry in rows(Entry) if entry.subject == f"message:{row.webhook_id}"]
    assert event_types == ["message.failed", "message.given_up"]


def test_the_next_level_is_told_in_time_while_the_first_cannot_be_reached(world: World) -> None:
    net = world.department("net", waits=[5, 5])
    world.contact(net, "dead", channel="webhook", address="https://dead.test")
    world.contact(net, "second", level=2)
    incident = world.open("net")
    world.send(AWAY)
    world.forward(minutes=5)
    world.fire()
    assert notice_of(incident, net).level == 2
    assert {sending.message.contact for sending in world.send(AWAY)} >= {"second"}


def test_a_refusal_for_good_is_not_tried_again_and_the_incident_shows_it(world: World) -> None:
    hooked(world)
    world.open("net")
    world.send(NO)
    assert world.after(days=2) == []
    row = only(Message)
    assert (row.state, row.fault, only(Entry, event_type="message.refused").incident) == (
        "refused", "400 Bad Request", "INC-2026-000001",
    )  # fmt: skip


def test_a_receiver_that_is_gone_switches_its_contact_off(world: World) -> None:
    hooked(world)
    world.open("net")
    world.open("net")
    first, second = begin(world)
    world.finish(first, GONE)
    assert (only(Contact).switched_off_at, only(Contact).switched_off_why) == (world.now, "410 Gone")
    world.finish(second, AWAY)
    assert world.after(minutes=1) == []
    assert [message.state for message in rows(Message)] == ["refused", "cancelled"]


def test_a_retry_after_lengthens_the_pause(world: World) -> None:
    hooked(world)
    world.open("net")
    world.send(DeliveryError("429", permanent=False, retry_after=90))
    assert only(Message).next_attempt_at == world.now + dt.timedelta(seconds=90)


def test_an_attempt_left_by_a_process_that_died_is_made_again_under_its_name(world: World) -> None:
    hooked(world)
    world.open("net")
    (lost,) = begin(world)
    world.now += deliver.LEASE - dt.timedelta(seconds=1)
    assert begin(world) == []
    world.forward(seconds=1)
    (again,) = begin(world)
    assert again.message.webhook_id == lost.message.webhook_id
    assert [attempt.outcome for attempt in rows(Delivery)] == ["unknown", None]
    world.finish(again, OK)
    world.finish(lost, AWAY)
    assert only(Message).state == "sent"


def test_a_message_accepted_after_its_notice_was_acknowledged_counts_as_sent(world: World) -> None:
    hooked(world)
    world.open("net")
    (sending,) = begin(world)
    acknowledge_notice(1, "x", "inbox", world.now)
    world.finish(sending, OK)
    assert only(Message).state == "sent"


def test_a_failure_after_the_acknowledgement_is_not_tried_again(world: World) -> None:
    hooked(world)
    world.open("net")
    (sending,) = begin(world)
    acknowledge_notice(1, "x", "inbox", world.now)
    world.finish(sending, AWAY)
    assert (only(Message).state, world.after(hours=1)) == ("cancelled", [])


def test_one_contact_holds_two_slots_and_the_rest_are_for_others(world: World) -> None:
    hooked(world, contacts=2)
    for _ in range(20):
        world.open("net")
    begun = begin(world, limit=32)
    by_contact = [sending.contact_id for sending in begun]
    assert sorted(by_contact) == [1, 1, 2, 2]
    assert begin(world, limit=28, in_flight=tuple(by_contact)) == []
    assert [one.contact_id for one in begin(world, limit=31, in_flight=(1, 2, 2))] == [1]


def test_thousands_waiting_for_one_contact_do_not_hide_another(world: World) -> None:
    hooked(world)
    for _ in range(40):
        world.open("net")
    other = world.department("web")
    world.contact(other, "web hook", channel="webhook", address="https://w.test")
    world.forward(seconds=1)
    world.open("web")
    assert [one.contact_id for one in begin(world, limit=8)] == [1, 1, 2]


def test_no_more_are_begun_than_there_are_slots(world: World) -> None:
    hooked(world, contacts=6)
    world.open("net")
    assert len(begin(world, limit=4)) == 4
    assert begin(world, limit=0) == []
    assert len(begin(world, limit=28)) == 2


def test_a_message_that_cannot_be_written_holds_up_no_other_and_is_tried_again(world: World) -> None:
    hooked(world, contacts=3)
    with transaction(BY, world.now):
        broken = db.session.get_one(Contact, 2)
        broken.sealed_secret = db.session.get_one(Contact, 1).sealed_secret  # moved from its place
    world.open("net")
    assert [one.contact_id for one in begin(world)] == [1, 3]
    spoilt = only(Message, contact_id=2)
    assert (spoilt.state, spoilt.attempts) == ("pending", 1)
    assert "SealBroken" in (spoilt.fault or "")
    assert begin(world) == []


def test_two_processes_never_begin_the_same_message(world: World) -> None:
    hooked(world, contacts=10)
    for _ in range(4):
        world.open("net")
    done = world.at_once(*[partial(begin, world, 10)] * 4)
    begun = [sending.message.webhook_id for one in done for sending in one]
    assert len(begun) == len(set(begun)) == len(rows(Delivery))
    assert len(begun) >= 10


def test_where_mails_go_is_looked_up_at_each_attempt(world: World) -> None:
    hooked(world)
    world.open("net")
    world.send(AWAY)
    departments.remove_contact(1, "left", BY, world.now)
    assert world.after(minutes=1) == []
    assert (only(Message).state, only(Message).fault) == ("cancelled", "left")


@pytest.mark.parametrize(("level", "round", "words"), [(1, 1, "notice.created"), (2, 1, "notice.created")])
def test_a_webhook_is_told_the_same_type_at_every_level(world: World, level: int, round: int, words: str) -> None:
    net = world.department("net", waits=[5, 5])
    for number in (1, 2):
        world.contact(net, f"hook {number}", number, "webhook", f"https://h{number}.test")
    world.open("net")
    first = world.send()
    second = world.after(minutes=5)
    sent = {one.message.data["level"]: one.message for one in (*first, *second)}
    assert (sent[level].type, sent[level].data["level"]) == (words, level)


def add(uow: UnitOfWork, notice_id: int, contact_id: int) -> None:
    contact = db.session.get_one(Contact, contact_id)
    outbox.insert_message(uow, db.session.get_one(Notice, notice_id), contact, outbox.CREATED)


def test_a_message_waits_for_an_earlier_one_of_its_incident_to_its_contact_and_for_no_other(world: World) -> None:
    net = world.department("net")
    world.contact(net, "first", channel="webhook", address="https://a.test")
    world.contact(net, "second", level=2, channel="webhook", address="https://b.test")
    first, _ = world.open("net"), world.open("net")
    (ours, theirs) = begin(world)
    world.finish(ours, LATER)
    world.finish(theirs, LATER)
    with transaction(BY, world.now) as uow:  # such as a task opened in the meantime
        add(uow, 1, 1)
        add(uow, 2, 2)
    assert [one.message.contact for one in begin(world)] == ["second"]
    world.forward(seconds=2)
    again = begin(world)
    assert [one.message.webhook_id for one in again] == [ours.message.webhook_id, theirs.message.webhook_id]
    world.finish(again[0], OK)
    assert [one.message.data["incident"] for one in begin(world)] == [first.number]


def test_a_message_whose_time_is_still_to_come_holds_up_none_behind_it(world: World) -> None:
    hooked(world)
    world.open("net")
    with transaction(BY, world.now) as uow:
        db.session.get_one(Message, 1).next_attempt_at = world.now + dt.timedelta(minutes=2)
        add(uow, 1, 1)
    assert len(begin(world)) == 1


def test_an_attempt_that_was_not_made_is_undone_and_its_message_is_due_again(world: World) -> None:
    hooked(world, contacts=2)
    world.open("net")
    first, second = begin(world)
    world.forward(seconds=1)
    deliver.release_claims(first.delivery_ids, world.now)
    assert [(row.state, row.attempts, row.next_attempt_at == world.now) for row in rows(Message)] == [
        ("pending", 0, True), ("sending", 1, False),
    ]  # fmt: skip
    assert [row.id for row in rows(Delivery)] == list(second.delivery_ids)
    (again,) = begin(world)
    assert again.message.webhook_id == first.message.webhook_id
    assert only(Delivery, message_id=1).attempt == 1


def test_a_message_that_was_cancelled_meanwhile_stays_so(world: World) -> None:
    hooked(world)
    world.open("net")
    (sending,) = begin(world)
    acknowledge_notice(1, "x", "inbox", world.now)
    deliver.release_claims(sending.delivery_ids, world.now)
    assert only(Message).state == "cancelled"


def test_what_has_no_share_now_is_passed_over_for_what_has(world: World) -> None:
    hooked(world, contacts=3)
    world.open("net")
    origins = [f"https://h{number}.test:443" for number in range(3)]
    known: dict[str, Kind] = dict(zip(origins, ("silent", "answered", "silent"), strict=True))
    share = Share(origins[:1] * MAX_SILENT, origins[:1] * MAX_SILENT, known)
    got = deliver.claim_due(world.now, 32, [], world.post, share=share)
    assert [one.origin for one in got] == origins[1:2]


def test_what_came_last_need_not_wait_for_all_that_may_hang(world: World) -> None:
    hooked(world, contacts=30)
    world.open("net")
    hung = [f"https://hung{number}.test" for number in range(TIGHT_FROM)]
    share = Share(hung, hung, dict.fromkeys(hung, "silent"))
    got = deliver.claim_due(world.now, 24, [], world.post, share=share)
    assert sorted(one.message.contact for one in got) == sorted(f"hook {number}" for number in (0, 1, 28, 29))
    assert share.has_refused_others
