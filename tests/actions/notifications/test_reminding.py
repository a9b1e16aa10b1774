"""Reminders to a department that accepted a notice and does nothing."""

import datetime as dt
import json
from typing import Any

from incident.actions.notifications import answers
from incident.actions.notifications.notice_events import AnswerSource
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.notifications.notice_events import NoticeEvent
from incident.store.notifications.notices import Notice
from incident.store.playbooks.timers import Timer
from tests.actions.notifications.test_notices import TWO_STEPS
from tests.staff import DUTY_FIRST, notified, person, personal_contact, policy, staffed
from tests.world import START, World, notice_of, only, rows

POLICY = {"reminder": "PT30M"}


def answer(world: World, notice: Notice, kind: Any, by: str = "person:1:Net-Duty", **more: Any) -> None:
    answers.answer_notice(notice.id, kind, by, AnswerSource("inbox", **more), world.now)


def reminded() -> list[str]:
    return [name for name, message in zip(notified(), rows(Message), strict=True) if message.type == "notice.reminder"]


def test_who_acknowledged_is_reminded_by_all_ways_and_then_again(world: World) -> None:
    net = staffed(world)
    stranger = person(world, "stranger", net)
    personal_contact(world, net, stranger, "email")
    personal_contact(world, net, stranger, "sms")
    policy(world, net, DUTY_FIRST, **POLICY)
    incident = world.open("net")
    answer(world, notice_of(incident, net), "acknowledged", f"person:{stranger.id}:Stranger")
    world.forward(minutes=29)
    assert world.fire() == 0
    world.after(minutes=1)
    assert reminded() == ["stranger email", "stranger sms"]
    entry = only(Entry, event_type="notice.reminded")
    assert json.loads(entry.detail) == {
        "count": 1,
        "people": ["Stranger"],
        "contacts": ["stranger email", "stranger sms"],
    }
    assert [fact.kind for fact in rows(NoticeEvent)] == ["acknowledged", "reminded"]
    world.after(minutes=30)
    assert len(reminded()) == 4


def test_after_ten_reminders_there_are_no_more(world: World) -> None:
    net = staffed(world)
    policy(world, net, DUTY_FIRST, **POLICY)
    answer(world, notice_of(world.open("net"), net), "acknowledged")
    for _ in range(12):
        world.forward(minutes=30)
        world.fire()
    assert len(rows(Entry, event_type="notice.reminded")) == 10
    assert rows(Timer, state="pending") == []


def test_done_or_a_task_that_was_ended_since_ends_the_reminders(world: World) -> None:
    net = staffed(world)
    policy(world, net, DUTY_FIRST, **POLICY)
    world.playbook(TWO_STEPS)
    working, done, closed = (world.open("net", playbook=one) for one in (TWO_STEPS["id"], None, None))
    for incident in (working, done, closed):
        answer(world, notice_of(incident, net), "acknowledged")
    world.forward(minutes=10)
    world.complete(1)
    answer(world, notice_of(done, net), "done")
    world.close(closed)
    world.after(hours=2)
    assert reminded() == []


def test_whose_link_was_used_is_reminded_by_that_contact(world: World) -> None:
    net = world.department("net", [("first", 1), ("second", 2)])
    policy(world, net, [{"wait": "PT5M"}, {"wait": "PT5M"}], **POLICY)
    incident = world.open("net")
    world.after(minutes=5)
    second = rows(Message)[1].contact_id
    answer(world, notice_of(incident, net), "acknowledged", "link:msg_1:second", contact_id=second)
    world.after(minutes=30)
    assert reminded() == ["second"]


def test_when_nobody_knows_who_answered_the_level_is_reminded(world: World) -> None:
    net = staffed(world)
    policy(world, net, DUTY_FIRST, **POLICY)
    incident = world.open("net")
    world.after(minutes=5)
    gone = person(world, "gone", net)
    answer(world, notice_of(incident, net), "acknowledged", f"person:{gone.id}:Gone")
    db.session.get_one(Person, gone.id).is_active = False
    db.session.commit()
    world.after(minutes=30)
    assert reminded() == ["net-deputy sms"]


def test_until_accepted_an_acknowledgement_stops_nothing_and_the_reminder_counts_from_the_acceptance(
    world: World,
) -> None:
    net = staffed(world)
    policy(world, net, DUTY_FIRST, until="accepted", **POLICY)
    incident = world.open("net")
    world.after(minutes=1)
    answer(world, notice_of(incident, net), "acknowledged")
    world.after(minutes=4)
    assert notified() == ["net-duty sms", "net-deputy sms"]
    assert notice_of(incident, net).state == "acknowledged"
    answer(world, notice_of(incident, net), "accepted")
    world.after(minutes=29)
    assert notified() == ["net-duty sms", "net-deputy sms"]
    world.after(minutes=1)
    assert len(reminded()) == 1


def test_in_a_drill_reminders_come_as_much_faster(world: World) -> None:
    net = staffed(world)
    policy(world, net, DUTY_FIRST, **POLICY)
    incident = world.open("net", speed=60)
    answer(world, notice_of(incident, net), "acknowledged")
    assert only(Timer, kind="remind").due_at == START + dt.timedelta(seconds=30)
