"""Subscriptions: what is queued, in which order it is delivered, and what becomes of failures, on both databases."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import pytest

from incident.actions.deadlines import grading
from incident.actions.delivery import event_delivery, event_queue, subscriptions
from incident.actions.delivery.event_delivery import EventResult, OutgoingEvent
from incident.actions.incidents import incidents
from incident.actions.operations import housekeeping, keys
from incident.actions.reports import reports
from incident.actions.unit_of_work import IdempotentRequest, StoredResponse
from incident.core.delivery.subscription import SubscriptionFilter
from incident.core.notifications.message import Accepted, DeliveryError
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.delivery.circuits import Circuit
from incident.store.delivery.subscriptions import EventAttempt, QueuedEvent, Subscription
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.queries.health import watchdog_measures
from tests.world import BY, World, only, rows

SECRET = "whsec_" + "A" * 32
OK = Accepted("200 ok", is_delivered=True)
DOWN = DeliveryError("503 down", permanent=False)
NO = DeliveryError("400 no", permanent=True)
GONE = DeliveryError("410 gone", permanent=True, is_gone=True)
URL = "https://hooks.example/in?key=verysecretkey"


def subscribe(world: World, events: Sequence[str] = ("*",), url: str = URL, **chosen: Any) -> int:
    given = {"name": "SOC", "url": url, "events": list(events), "filter": SubscriptionFilter(**chosen).to_json()}
    return subscriptions.add_subscription(given, SECRET, world.ring, BY, world.now).id


def queue(world: World) -> list[QueuedEvent]:
    while event_queue.queue_events("http://incident.test", world.now):
        pass
    return rows(QueuedEvent)


def claim(world: World, limit: int = 8, in_flight: Sequence[int] = ()) -> list[OutgoingEvent]:
    return event_delivery.claim_events(world.now, limit, in_flight, world.post)


def finish(world: World, claimed: Sequence[OutgoingEvent], outcome: Accepted | DeliveryError = OK) -> None:
    ended = [EventResult(one.attempt_id, outcome, 0.0, world.now) for one in claimed]
    event_delivery.record_event_results(ended, world.now)


def deliver(world: World, outcome: Accepted | DeliveryError = OK) -> list[str]:
    """Queue and deliver all that is due; return the types in order."""
    queue(world)
    sent = []
    while claimed := claim(world):
        finish(world, claimed, outcome)
        sent += [str(one.message.type) for one in claimed]
    return sent


def types(found: Sequence[QueuedEvent]) -> list[str]:
    return [one.type for one in found]


def test_only_what_happens_after_it_was_made_is_queued_once_and_in_the_order_of_the_journal(world: World) -> None:
    world.department("net", [("duty", 1)])
    before = world.open("net")
    subscribe(world, ["incident.*"])
    first = world.open("net", title="First")
    world.change(first, grade=1)
    world.close(before)
    found = queue(world)
    assert types(found) == ["incident.opened", "incident.changed", "incident.closed"]
    assert [one.seq for one in found] == sorted({one.seq for one in found})
    assert types(queue(world)) == types(found)
    assert only(Subscription).seq == max(entry.seq for entry in rows(Entry))


def test_an_event_names_the_facts_that_a_change_and_a_decision_on_the_grade_set(world: World) -> None:
    subscribe(world, ["incident.changed", "incident.grade_decided"])
    incident = world.open()
    world.change(incident, title="Another")
    grading.decide_grade(incident.id, 3, "known by phone", BY, world.now)
    assert [json.loads(one.data)["changed"] for one in queue(world)] == [["title"], ["grade"]]


def test_without_a_subscription_nothing_is_queued(world: World) -> None:
    world.open()
    assert queue(world) == []


def test_an_entry_whose_transaction_was_not_committed_leaves_nothing(world: World) -> None:
    subscribe(world, ["incident.*"])
    incident = world.open()
    with pytest.raises(RuleError):
        world.close(incident, reason="")
    assert types(queue(world)) == ["incident.opened"]


def test_a_process_that_dies_while_it_queues_loses_nothing_and_queues_nothing_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(world, ["incident.*"])
    world.open()
    with monkeypatch.context() as patched:

        def die(*_given: object) -> None:
            raise KeyboardInterrupt

        patched.setattr("incident.store.db.database.db.session.commit", die)
        with pytest.raises(KeyboardInterrupt):
            event_queue.queue_events("http://incident.test", world.now)
    db.session.remove()
    assert rows(QueuedEvent) == []
    assert types(queue(world)) == ["incident.opened"]


def test_several_processes_queue_each_entry_once(world: World) -> None:
    subscribe(world, ["incident.*"])
    for _ in range(5):
        world.open()
    world.at_once(*[lambda: event_queue.queue_events("http://incident.test", world.now)] * 4)
    assert len(queue(world)) == 5


def test_the_content_has_facts_of_the_incident_and_nothing_that_people_wrote_but_the_title(world: World) -> None:
    world.department("net", [("duty", 1)])
    subscribe(world, ["*"])
    told = reports.submit_report(reports.NewReport(text="I am Zhang San of Lane 5"), "ABCD-EFGH", world.now)
    incident = world.open(
        "net", title="Scan", description="words of the desk", grade=2, tlp="green", reports=(told.id,)
    )
    incidents.add_note(incident.id, "a note", BY, world.now)
    [opened] = [one for one in queue(world) if one.type == "incident.opened"]
    data = json.loads(opened.data)
    assert data["subject"] == f"incident:{incident.number}"
    assert data["actor"] == "person:1"
    assert (data["incident"]["number"], data["incident"]["grade"]) == (incident.number, 2)
    assert data["incident"]["departments"] == ["net"]
    everything = " ".join(one.data for one in rows(QueuedEvent))
    assert not [one for one in ("words of the desk", "Li Wei", "Zhang", "a note", "report") if one in everything]
    assert "report.linked" not in types(rows(QueuedEvent))


def test_what_the_limit_of_sharing_or_a_drill_withholds_is_not_queued(world: World) -> None:
    subscribe(world, ["incident.*"])
    world.open(tlp="red")
    world.open(tlp="amber+strict")
    amber = world.open(tlp="amber")
    drill = world.open()
    db.session.get_one(Incident, drill.id).speed = 60
    db.session.commit()
    assert [one.incident for one in queue(world)] == [amber.number]


def test_an_incident_that_becomes_red_while_its_event_waits_is_not_sent(world: World) -> None:
    subscribe(world, ["incident.opened"])
    incident = world.open(title="Secret matter")
    queue(world)
    world.change(incident, tlp="red")
    assert claim(world) == []
    event = only(QueuedEvent)
    assert (event.state, event.data) == ("cancelled", "{}")
    with pytest.raises(RuleError, match=r"delivery\.withheld"):
        subscriptions.resend_event(event.subscription_id, event.id, BY, world.now)


def test_a_filter_by_region_takes_what_lies_in_it(world: World) -> None:
    subscribe(world, ["incident.opened"], regions=("330000",))
    inside = world.open(region="330106")
    world.open(region="110101")
    world.open()
    assert [one.incident for one in queue(world)] == [inside.number]


def test_an_attempt_is_written_before_the_event_is_sent_and_ended_after(world: World) -> None:
    subscribe(world, ["incident.opened"])
    world.open()
    queue(world)
    [sending] = claim(world)
    assert (only(EventAttempt).outcome, only(QueuedEvent).state) == (None, "sending")
    assert claim(world) == []
    assert (sending.message.address, sending.message.secret) == (URL, SECRET)
    finish(world, [sending])
    assert (only(EventAttempt).outcome, only(QueuedEvent).state) == ("delivered", "sent")
    assert only(Subscription).delivered_at == world.now


def test_an_event_that_a_dead_process_left_is_sent_again_under_its_name(world: World) -> None:
    subscribe(world, ["incident.opened"])
    world.open()
    queue(world)
    [first] = claim(world)
    world.forward(seconds=31)
    [second] = claim(world)
    assert first.message.webhook_id == second.message.webhook_id
    assert first.message.data == second.message.data
    assert [one.outcome for one in rows(EventAttempt)] == ["unknown", None]
    finish(world, [first], NO)  # the answer to the first try comes late and decides nothing
    assert only(QueuedEvent).state == "sending"
    finish(world, [second])
    assert only(QueuedEvent).state == "sent"


def test_a_failed_event_is_retried_for_a_day_and_then_given_up(world: World) -> None:
    subscribe(world, ["incident.opened"])
    world.open()
    began = world.now
    deliver(world, DeliveryError("429 slow down", permanent=False, is_alive=True))
    assert only(QueuedEvent).next_attempt_at == began + dt.timedelta(seconds=2)
    while only(QueuedEvent).state == "pending":
        world.now = only(QueuedEvent).next_attempt_at
        deliver(world, DeliveryError("429 slow down", permanent=False, is_alive=True))
    assert only(QueuedEvent).state == "given_up"
    assert dt.timedelta(hours=23) < world.now - began <= dt.timedelta(hours=24)


def test_events_of_one_incident_wait_for_each_other_and_others_pass(world: World) -> None:
    subscribe(world, ["incident.*"])
    one = world.open(title="One")
    world.change(one, grade=1)
    two = world.open(title="Two")
    queue(world)
    claimed = claim(world)
    assert [(str(each.message.type), each.message.data["incident"]["number"]) for each in claimed] == [
        ("incident.opened", one.number),
        ("incident.opened", two.number),
    ]
    finish(world, claimed, DeliveryError("500", permanent=False, is_alive=True))
    assert claim(world) == []
    world.forward(seconds=5)
    assert deliver(world) == ["incident.opened", "incident.opened", "incident.changed"]


def test_a_subscription_uses_few_slots_and_leaves_some_to_others(world: World) -> None:
    first, second = subscribe(world), subscribe(world, url="https://other.example/")
    for _ in range(10):
        world.open()
    queue(world)
    claimed = claim(world, limit=6)
    assert {one.subscription_id: 0 for one in claimed}.keys() == {first, second}
    assert len(claimed) == 6
    assert claim(world, in_flight=[first] * 4 + [second] * 4) == []


def test_a_provider_that_fails_again_and_again_is_left_alone_and_then_probed_once(world: World) -> None:
    subscribe(world, ["incident.opened"])
    for _ in range(8):
        world.open()
    deliver(world, DOWN)
    assert only(Circuit).opened_at is not None
    assert claim(world) == []
    world.forward(seconds=31)
    claimed = claim(world)
    assert len(claimed) == 1
    finish(world, claimed)
    assert rows(Circuit) == []
    world.forward(minutes=5)
    assert len(deliver(world)) == 7


def test_a_receiver_that_is_gone_pauses_its_subscription_with_an_alarm_and_the_event_waits(world: World) -> None:
    subscription_id = subscribe(world, ["incident.opened"])
    world.open()
    deliver(world, GONE)
    row = only(Subscription)
    assert (row.state, row.paused_why, row.fault) == ("paused", "gone", "410 gone")
    assert watchdog_measures(world.now).paused_subscriptions == 1
    assert claim(world) == []
    world.open()
    assert len(queue(world)) == 1  # the position waits
    subscriptions.resume_subscription(subscription_id, BY, world.forward(days=9))
    assert deliver(world) == ["incident.opened", "incident.opened"]
    assert watchdog_measures(world.now).paused_subscriptions == 0


def test_a_receiver_that_fails_for_days_is_paused_and_gets_all_when_it_is_resumed(world: World) -> None:
    subscription_id = subscribe(world, ["incident.opened"])
    alive = DeliveryError("500", permanent=False, is_alive=True)
    world.open(title="first")
    while only(Subscription).state == "active":
        deliver(world, alive)
        world.forward(hours=7)
        world.open()
    assert only(Subscription).paused_why == "failing"
    assert {one.state for one in rows(QueuedEvent)} >= {"given_up", "pending"}
    opened = len(rows(Incident))
    subscriptions.resume_subscription(subscription_id, BY, world.now)
    assert len(deliver(world)) == opened


def test_who_resumes_may_leave_out_what_was_missed(world: World) -> None:
    subscription_id = subscribe(world, ["incident.opened"])
    world.open()
    queue(world)
    subscriptions.pause_subscription(subscription_id, BY, world.now)
    world.open()
    assert claim(world) == []
    subscriptions.resume_subscription(subscription_id, BY, world.now, skips_missed=True)
    assert deliver(world) == []
    world.open()
    assert deliver(world) == ["incident.opened"]
    with pytest.raises(RuleError, match=r"subscription\.active"):
        subscriptions.resume_subscription(subscription_id, BY, world.now)


def test_a_dead_event_is_sent_again_by_hand_under_its_name_with_its_content(world: World) -> None:
    subscription_id = subscribe(world, ["incident.opened"])
    world.open()
    deliver(world, NO)
    dead = only(QueuedEvent)
    assert (dead.state, dead.fault) == ("refused", "400 no")
    name, data = dead.webhook_id, dead.data
    subscriptions.resend_event(subscription_id, dead.id, BY, world.forward(days=3))
    with pytest.raises(RuleError, match=r"delivery\.waits"):
        subscriptions.resend_event(subscription_id, dead.id, BY, world.now)
    [again] = claim(world)
    assert (again.message.webhook_id, json.dumps(again.message.data, separators=(",", ":"))) == (name, data)
    with pytest.raises(RuleError, match=r"delivery\.unknown"):
        subscriptions.resend_event(subscribe(world), dead.id, BY, world.now)


def test_for_a_day_after_it_was_changed_both_secrets_sign_and_both_outlive_a_rotation_of_keys(world: World) -> None:
    subscription_id, new = subscribe(world, ["incident.opened"]), "whsec_" + "B" * 32
    asked = IdempotentRequest("o", None, b"", lambda _row: StoredResponse(201, ""), world.ring)
    subscriptions.rotate_subscription_secret(subscription_id, new, world.ring, BY, world.now, asked)
    world.ring.rotate()
    assert keys.reseal_secrets(world.ring, BY, world.now) == 2
    world.open()
    queue(world)
    [sending] = claim(world)
    assert (sending.message.secret, sending.message.old_secret) == (new, SECRET)
    world.forward(hours=24)
    [later] = claim(world)
    assert (later.message.secret, later.message.old_secret) == (new, None)


def test_the_journal_has_each_change_and_neither_secret_nor_address(world: World) -> None:
    subscription_id = subscribe(world)
    subscriptions.change_subscription(subscription_id, {"name": "SIEM", "events": ["run.*"]}, BY, world.now)
    subscriptions.pause_subscription(subscription_id, BY, world.now)
    subscriptions.record_subscription_test(subscription_id, OK, True, BY, world.now)
    subscriptions.remove_subscription(subscription_id, BY, world.now)
    said = [one.event_type for one in rows(Entry)]
    assert said == [f"subscription.{one}" for one in ("added", "changed", "paused", "tested", "removed")]
    kept = " ".join(one.detail for one in rows(Entry))
    assert "whsec_" not in kept
    assert "verysecretkey" not in kept
    assert "https://hooks.example" in kept
    assert rows(Subscription) == []


def test_a_stale_change_and_one_too_many_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    subscription_id = subscribe(world)
    with pytest.raises(RuleError, match=r"version\.stale"):
        subscriptions.change_subscription(subscription_id, {"name": "x"}, BY, world.now, version=7)
    monkeypatch.setattr(subscriptions, "MAX_SUBSCRIPTIONS", 1)
    with pytest.raises(RuleError, match=r"subscription\.too_many"):
        subscribe(world)


def test_a_subscription_removed_while_an_event_is_sent_leaves_nothing(world: World) -> None:
    subscription_id = subscribe(world)
    world.open()
    queue(world)
    claimed = claim(world)
    subscriptions.remove_subscription(subscription_id, BY, world.now)
    finish(world, claimed)
    assert (rows(Subscription), rows(QueuedEvent), rows(EventAttempt)) == ([], [], [])


def test_ended_events_are_forgotten_after_thirty_days_and_waiting_ones_are_not(world: World) -> None:
    subscribe(world, ["incident.opened"])
    world.open()
    deliver(world)
    world.open()
    queue(world)
    housekeeping.run_housekeeping(world.forward(days=31))
    assert [one.state for one in rows(QueuedEvent)] == ["pending"]
    assert rows(EventAttempt) == []


def test_in_a_demonstration_nothing_leaves(world: World) -> None:
    subscribe(world, ["incident.opened"])
    housekeeping.set_demonstration(world.now)
    world.open()
    queue(world)
    assert [one.is_leaving for one in claim(world)] == [False]
