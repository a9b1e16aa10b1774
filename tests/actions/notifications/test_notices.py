"""Notices to departments, their times, and the effects of answers."""

import datetime as dt
import json
from functools import partial

import pytest

from incident.actions.directory import departments
from incident.actions.incidents import incidents
from incident.core.notifications.policy import Policy
from incident.core.values.faults import RuleError
from incident.store.directory.departments import contacts_of
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks.timers import Timer
from tests.core.cacao.build import action, document, manual
from tests.world import BY, World, acknowledge_notice, notice_of, only, rows

NET = "group--11111111-1111-4111-8111-111111111112"
TWO_STEPS = document(
    {"first": action("second", manual("isolate the host")), "second": action("done", manual("clean up")), "done": None},
    name="Two steps",
)
FOR_WEB = document(
    {"first": action("done", manual("take the page down"), agent=NET), "done": None},
    name="For web",
    agent_definitions={NET: {"type": "group", "name": "department WEB"}},
)


def notified(message: Message) -> tuple[int, int, str]:
    return message.level, message.round, message.type


def test_levels_are_told_one_after_the_other_round_after_round_until_exhausted(world: World) -> None:
    net = world.department("net", [("first", 1), ("second", 2)], waits=[5, 10], repeat=1)
    incident = world.open("net")
    moments = []
    while notice_of(incident, net).state == "open":
        world.now = notice_of(incident, net).next_at or world.now
        moments.append((world.now - incident.opened_at) / dt.timedelta(minutes=1))
        assert world.fire() == 1
    assert moments == [5, 15, 20, 30]
    created = "notice.created"
    assert [notified(message) for message in rows(Message)] == [
        (1, 1, created), (2, 1, created), (1, 2, created), (2, 2, created),
    ]  # fmt: skip
    exhausted = notice_of(incident, net)
    assert (exhausted.state, exhausted.ended_at, exhausted.next_at) == ("exhausted", world.now, None)
    assert [entry.event_type for entry in rows(Entry) if entry.subject == f"notice:{exhausted.id}"] == [
        "notice.created", "notice.escalated", "notice.escalated", "notice.escalated", "notice.exhausted",
    ]  # fmt: skip


def test_the_entry_of_a_level_says_who_was_told_and_when_the_next_is(world: World) -> None:
    world.department("net", [("Wang Fang", 1), ("Zhao Min", 1)], waits=[5])
    world.open("net")
    detail = json.loads(only(Entry, event_type="notice.created").detail)
    assert detail["contacts"] == ["Wang Fang", "Zhao Min"]
    assert detail["next_at"] == (world.now + dt.timedelta(minutes=5)).isoformat()


def test_a_department_without_a_policy_waits_a_quarter_of_an_hour(world: World) -> None:
    net = world.department("net", [("duty", 1)])
    incident = world.open("net")
    world.forward(minutes=14, seconds=59)
    assert world.fire() == 0
    world.forward(seconds=1)
    world.fire()
    assert notice_of(incident, net).state == "exhausted"


def test_a_department_that_was_told_once_is_not_untold_when_a_later_level_has_nobody(world: World) -> None:
    net = world.department("net", [("first", 1)], waits=[5, 10])
    incident = world.open("net")
    world.forward(minutes=5)
    assert world.fire() == 1
    notice = notice_of(incident, net)
    assert (notice.level, notice.is_unreached) == (2, False)


def test_an_open_notice_keeps_the_policy_that_it_started_with(world: World) -> None:
    net = world.department("net", [("first", 1), ("second", 2)], waits=[5, 5])
    incident = world.open("net")
    departments.put_policy(net.id, Policy.from_json({"levels": [{"wait": "PT1M"}]}), None, BY, world.now)
    world.forward(minutes=2)
    assert world.fire() == 0
    world.forward(minutes=3)
    world.fire()
    assert notice_of(incident, net).level == 2
    later = world.open("net")
    assert notice_of(later, net).policy == {"levels": [{"wait": "PT1M"}], "repeat": 0}


def test_who_is_on_a_level_is_looked_up_when_it_is_told(world: World) -> None:
    net = world.department("net", [("first", 1), ("gone", 2)], waits=[5, 5])
    world.open("net")
    world.contact(net, "new second", 2)
    departments.remove_contact(rows(Message)[0].contact_id + 1, "left", BY, world.now)
    world.forward(minutes=5)
    world.fire()
    assert json.loads(only(Entry, event_type="notice.escalated").detail)["contacts"] == ["new second"]


def test_a_contact_added_later_gets_what_nobody_could_be_told_of(world: World) -> None:
    net = world.department("net")
    incident = world.open("net")
    assert (notice_of(incident, net).is_unreached, only(Incident).is_unreached) == (True, True)
    world.forward(minutes=3)
    world.contact(net, "new duty")
    assert (notice_of(incident, net).is_unreached, only(Incident).is_unreached) == (False, False)
    assert only(Message).state == "pending"
    assert json.loads(only(Entry, event_type="notice.notified").detail) == {"contacts": ["new duty"]}
    world.contact(net, "second duty")
    assert len(rows(Message)) == 1


def test_a_contact_added_after_all_levels_have_passed_in_vain_is_told_all_the_same(world: World) -> None:
    net = world.department("net")
    incident = world.open("net")
    world.forward(minutes=15)
    world.fire()
    assert (notice_of(incident, net).state, notice_of(incident, net).is_unreached) == ("exhausted", True)
    world.forward(hours=8)
    world.contact(net, "morning duty")
    notice = notice_of(incident, net)
    assert (notice.state, notice.is_unreached, notice.opened_at) == ("open", False, world.now)
    assert only(Message).created_at == world.now
    assert len(rows(Timer, state="pending")) == 1


def test_a_contact_of_a_higher_level_waits_for_its_level(world: World) -> None:
    net = world.department("net", waits=[5, 5])
    incident = world.open("net")
    world.contact(net, "head", 2)
    assert rows(Message) == []
    world.forward(minutes=5)
    world.fire()
    assert only(Message).level == 2
    assert (notice_of(incident, net).is_unreached, only(Incident).is_unreached) == (False, False)


def test_tasks_of_the_first_turn_are_in_the_notice_and_later_ones_go_out_as_messages(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(TWO_STEPS)
    world.open("net", playbook=TWO_STEPS["id"])
    assert [notified(message) for message in rows(Message)] == [(1, 1, "notice.created")]
    world.complete(1)
    first, second = rows(Message)
    assert (first.task_id, second.task_id, second.type) == (None, 2, "task.created")
    assert len(rows(Notice)) == 1


def test_a_later_task_goes_to_all_who_were_told_so_far(world: World) -> None:
    world.department("net", [("first", 1), ("second", 2), ("third", 3)], waits=[5, 5, 5])
    world.playbook(TWO_STEPS)
    world.open("net", playbook=TWO_STEPS["id"])
    world.after(minutes=5)
    world.complete(1)
    assert [message.contact_id for message in rows(Message, type="task.created")] == [1, 2]


def test_a_department_that_only_has_a_task_is_told_as_well(world: World) -> None:
    world.department("net", [("duty", 1)])
    web = world.department("WEB", [("web duty", 1)])
    world.playbook(FOR_WEB)
    incident = world.open("net", playbook=FOR_WEB["id"])
    assert notice_of(incident, web).state == "open"
    assert len(rows(Message)) == 2


def test_an_acknowledgement_ends_escalation_and_what_was_not_yet_sent(world: World) -> None:
    net = world.department("net", [("duty", 1)], waits=[5, 5])
    incident = world.open("net")
    result = acknowledge_notice(notice_of(incident, net).id, "link:msg_1:duty", "link", world.now)
    assert result.has_counted is True
    notice = notice_of(incident, net)
    assert (notice.state, notice.acknowledged_by, notice.next_at) == ("acknowledged", "link:msg_1:duty", None)
    assert (only(Message).state, only(Timer).state, only(Incident).status) == ("cancelled", "cancelled", "handling")


def test_an_acknowledgement_from_any_level_counts_also_after_the_last_has_passed(world: World) -> None:
    net = world.department("net", [("first", 1), ("second", 2)], waits=[5, 5])
    incident = world.open("net")
    first = only(Message).created_at
    world.after(minutes=5)
    world.after(minutes=5)
    assert notice_of(incident, net).state == "exhausted"
    assert acknowledge_notice(1, "link:x:first", "link", world.now, sent_at=first).has_counted
    assert notice_of(incident, net).state == "acknowledged"


def test_a_second_acknowledgement_and_one_of_a_withdrawn_notice_change_nothing(world: World) -> None:
    net = world.department("net", [("duty", 1)])
    incident = world.open("net")
    acknowledge_notice(1, "first", "inbox", world.now)
    again = acknowledge_notice(1, "second", "inbox", world.now)
    assert (again.has_counted, notice_of(incident, net).acknowledged_by) == (False, "first")
    other = world.open("net")
    world.close(other)
    with pytest.raises(RuleError, match=r"notice\.not_open"):
        acknowledge_notice(2, "late", "inbox", world.now)
    assert notice_of(other, net).state == "withdrawn"


def test_of_two_acknowledgements_at_the_same_moment_one_counts(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.open("net")

    def acknowledge(who: str) -> bool:
        return acknowledge_notice(1, who, "inbox", world.now).has_counted

    done = world.at_once(*[partial(acknowledge, who) for who in "abcd"])
    assert sorted(done) == [False, False, False, True]
    assert len(rows(Entry, event_type="notice.acknowledged")) == 1


def test_a_late_timer_of_an_acknowledged_notice_tells_nobody(world: World) -> None:
    world.department("net", [("first", 1), ("second", 2)], waits=[5, 5])
    world.open("net")
    acknowledge_notice(1, "x", "inbox", world.now)
    world.forward(hours=1)
    assert world.fire() == 0
    assert len(rows(Message)) == 1


def test_a_contact_and_an_acknowledgement_at_the_same_moment_do_not_wait_for_each_other(world: World) -> None:
    net = world.department("net")
    for _ in range(4):
        incident = world.open("net")
        notice = notice_of(incident, net)
        done = world.at_once(
            partial(world.contact, net, "new"),
            partial(acknowledge_notice, notice.id, "x", "inbox", world.now),
            partial(incidents.change_incident, incident.id, {"grade": 1}, None, BY, world.now),
        )
        assert not [one for one in done if isinstance(one, Exception)], done
        for contact in contacts_of(net.id):
            departments.remove_contact(contact.id, "gone", BY, world.now)


def test_a_message_to_an_inbox_is_there_with_the_incident_and_waits_for_no_sending(world: World) -> None:
    net = world.department("NET")
    world.contact(net, "desk", channel="inbox")
    world.contact(net, "phone", channel="webhook", address="https://example.org/hook")
    world.open("NET")
    by_contact = {message.contact_id: message for message in rows(Message)}
    desk, phone = sorted(by_contact)
    assert (by_contact[desk].state, by_contact[desk].ended_at) == ("sent", world.now)
    assert (by_contact[phone].state, by_contact[phone].ended_at) == ("pending", None)
    assert [sending.contact_id for sending in world.send()] == [phone]
