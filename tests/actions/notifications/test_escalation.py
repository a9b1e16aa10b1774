"""Recipients at each level: on duty, deputy, head, the department above; their channels; the journal."""

import datetime as dt
import json
from typing import Any

import pytest

from incident.actions.directory import departments, rotas
from incident.core.duty.rota import Leave, Rota
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.directory.members import Member
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident
from incident.store.notifications.messages import Message
from incident.store.notifications.notice_departments import NoticeDepartment
from incident.store.playbooks.timers import Timer
from tests.staff import (
    DUTY_FIRST,
    last_entry,
    member,
    notified,
    person,
    personal_contact,
    policy,
    put_rota,
    rota,
    staffed,
)
from tests.world import BY, START, World, acknowledge_notice, notice_of, only, rows

NIGHT = {"from": "22:00", "until": "07:00", "grades": [3, 4]}


def detail(event_type: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(last_entry(event_type).detail)
    return found


def in_shanghai(department: Department) -> Department:
    found = db.session.get_one(Department, department.id)
    found.timezone = "Asia/Shanghai"
    db.session.commit()
    return found


def test_duty_deputy_head_and_the_department_above_are_told_one_after_the_other(world: World) -> None:
    staffed(world, "ministry")
    net = staffed(world, "net", "ministry")
    incident = world.open("net")
    assert notified() == ["net-duty sms"]
    world.after(minutes=5)
    world.after(minutes=10)
    assert notified() == ["net-duty sms", "net-deputy sms", "net-head sms"]
    world.after(minutes=15)
    assert notified()[3:] == ["ministry-duty sms"]
    assert notice_of(incident, net).state == "open"
    world.after(minutes=20)
    assert notice_of(incident, net).state == "exhausted"


def test_the_journal_says_who_was_found_and_why(world: World) -> None:
    staffed(world, "ministry")
    staffed(world, "net", "ministry")
    world.open("net")
    created = detail("notice.created")
    assert (created["contacts"], created["people"]) == (["net-duty sms"], ["Net-Duty"])
    assert [one["notify"] for one in created["because"]] == ["duty"]
    assert created["because"][0]["duty"][0]["rotation"] == "days"
    for minutes in (5, 10, 15):
        world.after(minutes=minutes)
    above = detail("notice.escalated")
    assert above["because"][0] | {"duty": []} == {
        "notify": "parent", "department": "ministry", "as": "duty", "people": ["Ministry-Duty"], "duty": [],
    }  # fmt: skip


def test_several_may_be_named_at_one_level_and_each_way_is_used_once(world: World) -> None:
    net = staffed(world)
    both = person(world, "both", net)
    personal_contact(world, net, both, "email")
    put_rota(net, {"rotations": [{"name": "a", "people": ["both"], "starts_on": "2026-03-01", "every": "P1D",
                                  "handover": "00:00"}]})  # fmt: skip
    member(net, both, "head")
    policy(world, net, [{"wait": "PT5M", "notify": ["duty", "head"]}])
    world.open("net")
    assert notified() == ["both email", "net-head sms"]


def test_a_level_at_which_nobody_is_found_is_passed_over_at_once_and_the_journal_says_so(world: World) -> None:
    net = staffed(world)
    put_rota(net, {"rotations": []})
    incident = world.open("net")
    assert notified() == ["net-deputy sms"]
    assert notice_of(incident, net).level == 2
    assert detail("notice.created")["passed_over"] == [{"level": 1, "because": [{"notify": "duty", "people": []}]}]


def on_leave(department: Department, login: str, start: dt.datetime, end: dt.datetime) -> None:
    rotas.add_leave(department.id, Leave(login, start, end), BY, START)


def test_of_deputies_those_on_leave_are_left_out_and_the_journal_names_them(world: World) -> None:
    net = staffed(world)
    second = person(world, "second", net)
    personal_contact(world, net, second)
    member(net, second, "deputy")
    on_leave(net, "net-deputy", world.now, world.now + dt.timedelta(minutes=5, seconds=1))
    policy(world, net, [{"wait": "PT5M", "notify": ["deputy"]}] * 3)
    world.open("net")
    assert notified() == ["second sms"]
    world.after(minutes=5)
    assert detail("notice.escalated")["because"] == [
        {"notify": "deputy", "people": ["Second"], "on_leave": ["Net-Deputy"]}
    ]
    world.after(minutes=5)
    assert notified()[2:] == ["net-deputy sms", "second sms"]
    assert detail("notice.escalated")["because"] == [{"notify": "deputy", "people": ["Net-Deputy", "Second"]}]


def test_deputies_stand_in_for_a_head_on_leave(world: World) -> None:
    net = staffed(world)
    on_leave(net, "net-head", world.now, world.now + dt.timedelta(days=1))
    policy(world, net, [{"wait": "PT5M", "notify": ["head"]}])
    world.open("net")
    assert notified() == ["net-deputy sms"]
    assert detail("notice.created")["because"] == [
        {"notify": "head", "people": ["Net-Deputy"], "on_leave": ["Net-Head"]}
    ]


def test_when_all_are_on_leave_all_are_told(world: World) -> None:
    net = staffed(world)
    for login in ("net-head", "net-deputy"):
        on_leave(net, login, world.now, world.now + dt.timedelta(days=1))
    policy(world, net, [{"wait": "PT5M", "notify": ["deputy"]}, {"wait": "PT5M", "notify": ["head"]}])
    world.open("net")
    assert notified() == ["net-deputy sms"]
    world.after(minutes=5)
    assert set(notified()) == {"net-deputy sms", "net-head sms"}


@pytest.mark.parametrize("recipient_kind", ["deputy", "head"])
def test_who_is_on_leave_is_told_when_nobody_who_is_there_can_be_reached(world: World, recipient_kind: str) -> None:
    net = staffed(world)
    on_leave(net, f"net-{recipient_kind}", world.now, world.now + dt.timedelta(days=1))
    for row in rows(Member, department_id=net.id, position="deputy"):
        if recipient_kind == "head":
            db.session.delete(row)
    db.session.commit()
    member(net, person(world, "mute", net), "deputy")
    policy(world, net, [{"wait": "PT5M", "notify": [recipient_kind]}])
    world.open("net")
    assert notified() == [f"net-{recipient_kind} sms"]


def test_of_a_department_above_whose_head_is_on_leave_the_deputies_are_told(world: World) -> None:
    ministry = staffed(world, "ministry")
    put_rota(ministry, {"rotations": []})
    on_leave(ministry, "ministry-head", world.now, world.now + dt.timedelta(days=1))
    net = departments.add_department("net", "Net", "ministry", BY, world.now)
    policy(world, net, [{"wait": "PT5M", "notify": ["parent"]}])
    world.open("net")
    assert notified() == ["ministry-deputy sms"]


def test_who_is_told_first_does_not_read_that_somebody_was_asked_in_vain(world: World) -> None:
    net = world.department("net", [("head", 2), ("director", 3)], [5, 5, 5])
    world.open("net")
    [first] = world.send()
    [second] = world.after(minutes=5)
    assert notice_of(only(Incident), net).level == 3
    shown = [sent.message.subject.startswith("Not acknowledged") for sent in (first, second)]
    assert shown == [False, True]


def test_who_is_on_duty_without_a_way_is_a_gap_too(world: World) -> None:
    net = staffed(world)
    person(world, "unreachable", net)
    rota(net, "unreachable")
    world.open("net")
    assert notified() == ["net-deputy sms"]
    passed = detail("notice.created")["passed_over"][0]["because"][0]
    assert passed["people"] == ["Unreachable"]


def test_the_nearest_department_above_that_can_be_reached_is_told(world: World) -> None:
    top = world.department("top", [("desk", 1)])
    departments.add_department("middle", "Middle", "top", BY, world.now)
    net = departments.add_department("net", "Net", "middle", BY, world.now)
    policy(world, net, [{"wait": "PT5M", "notify": ["parent"]}])
    incident = world.open("net")
    assert notified() == ["desk"]
    assert only(NoticeDepartment).department_id == top.id
    assert detail("notice.created")["because"] == [
        {"notify": "parent", "department": "top", "as": "contacts", "people": []}
    ]
    assert notice_of(incident, net).is_unreached is False


def test_of_a_department_above_the_head_is_told_when_nobody_is_on_duty(world: World) -> None:
    ministry = staffed(world, "ministry")
    put_rota(ministry, {"rotations": []})
    net = staffed(world, "net", "ministry")
    policy(world, net, [{"wait": "PT5M", "notify": ["parent"]}])
    world.open("net")
    assert notified() == ["ministry-head sms"]


def test_a_loop_of_parents_does_no_harm(world: World) -> None:
    first = world.department("first")
    second = departments.add_department("second", "Second", "first", BY, world.now)
    db.session.get_one(Department, first.id).parent_id = second.id
    db.session.commit()
    policy(world, second, [{"wait": "PT5M", "notify": ["parent"]}, {"wait": "PT5M", "notify": ["duty"]}])
    incident = world.open("second")
    assert (notified(), notice_of(incident, second).is_unreached) == ([], True)


def test_only_the_channels_of_the_level_are_used(world: World) -> None:
    net = staffed(world)
    personal_contact(world, net, db.session.query(Person).filter_by(login="net-duty").one(), "webhook")
    policy(world, net, [{"wait": "PT5M", "notify": ["duty"], "channels": ["webhook"]}])
    world.open("net")
    assert notified() == ["net-duty webhook"]


def test_channels_in_turn_come_one_after_the_other_until_somebody_answers(world: World) -> None:
    net = staffed(world)
    owner = db.session.query(Person).filter_by(login="net-duty").one()
    personal_contact(world, net, owner, "email")
    channels = {"channels": ["email", "sms"], "in_turn": "PT2M"}
    policy(world, net, [{"wait": "PT10M", "notify": ["duty"]} | channels, {"wait": "PT5M", "notify": ["head"]}])
    incident = world.open("net")
    assert [(one.turn, one.person_id, one.next_attempt_at - world.now) for one in rows(Message)] == [
        (0, owner.id, dt.timedelta(0)),
        (1, owner.id, dt.timedelta(minutes=2)),
    ]
    assert len(world.send()) == 1
    assert len(world.after(minutes=1, seconds=59)) == 0
    assert len(world.after(seconds=1)) == 1
    other = world.open("net")
    world.send()
    acknowledge_notice(notice_of(other, net).id, "x", "inbox", world.now)
    assert len(world.after(minutes=2)) == 0
    assert notice_of(incident, net).state == "open"


def test_without_people_the_contacts_of_the_level_take_turns_by_their_channel(world: World) -> None:
    net = world.department("net", [("mail one", 1), ("mail two", 1)])
    world.contact(net, "hook", 1, "webhook", "https://example.org/hook")
    policy(world, net, [{"wait": "PT10M", "channels": ["webhook", "email"], "in_turn": "PT2M"}])
    world.open("net")
    assert [(one.turn, one.person_id) for one in rows(Message)] == [(0, None), (1, None), (1, None)]
    assert notified(world.now) == ["hook"]


def test_a_rota_that_is_edited_while_a_notice_runs_counts_at_the_next_level(world: World) -> None:
    net = staffed(world)
    stand_in = person(world, "other", net)
    personal_contact(world, net, stand_in)
    policy(world, net, [{"wait": "PT5M", "notify": ["duty"]}, {"wait": "PT5M", "notify": ["duty"]}], repeat=1)
    world.open("net")
    rota(net, "other")
    world.after(minutes=5)
    assert notified() == ["net-duty sms", "other sms"]


def test_the_policy_is_frozen_and_who_is_on_duty_is_not(world: World) -> None:
    net = staffed(world)
    world.open("net")
    policy(world, net, [{"wait": "PT1H", "notify": ["head"]}])
    world.after(minutes=5)
    assert notified() == ["net-duty sms", "net-deputy sms"]


def test_later_tasks_go_to_whoever_was_told_so_far(world: World) -> None:
    from tests.actions.notifications.test_notices import TWO_STEPS

    staffed(world)
    world.playbook(TWO_STEPS)
    world.open("net", playbook=TWO_STEPS["id"])
    world.after(minutes=5)
    world.complete(1)
    assert notified() == ["net-duty sms", "net-deputy sms", "net-duty sms", "net-deputy sms"]
    assert [one.type for one in rows(Message)][2:] == ["task.created", "task.created"]


def test_a_low_grade_is_held_until_the_quiet_hours_end_and_a_high_one_is_not(world: World) -> None:
    world.now = dt.datetime(2026, 3, 2, 18, 0, tzinfo=dt.UTC)  # 02:00 in Shanghai
    net = in_shanghai(staffed(world))
    policy(world, net, DUTY_FIRST, quiet=NIGHT)
    low, high, none = (world.open("net", grade=grade) for grade in (3, 1, None))
    assert len(notified()) == 2
    held = notice_of(low, net)
    morning = dt.datetime(2026, 3, 2, 23, 0, tzinfo=dt.UTC)
    assert (held.level, held.state, held.next_at, held.is_unreached) == (0, "open", morning, False)
    assert [notice_of(one, net).level for one in (high, none)] == [1, 1]
    assert detail("notice.held") == {"department": "net", "until": morning.isoformat()}
    for one in (high, none):
        acknowledge_notice(notice_of(one, net).id, "x", "inbox", world.now)
    world.after(hours=4, minutes=59)
    assert len(notified()) == 2
    world.after(minutes=1)
    assert notified()[2:] == ["net-duty sms"]
    assert (notice_of(low, net).level, last_entry("notice.created").at) == (1, morning)


def test_a_notice_that_is_held_is_told_at_once_when_the_grade_rises(world: World) -> None:
    world.now = dt.datetime(2026, 3, 2, 18, 0, tzinfo=dt.UTC)
    net = in_shanghai(staffed(world))
    policy(world, net, DUTY_FIRST, quiet=NIGHT)
    incident = world.open("net", grade=3)
    world.forward(minutes=30)
    world.change(incident, grade=1)
    world.fire()
    assert notified() == ["net-duty sms"]
    assert notice_of(incident, net).next_at == world.now + dt.timedelta(minutes=5)
    assert len(rows(Timer, state="pending")) == 1


def test_a_level_waits_less_when_the_grade_rises_and_not_longer_when_it_falls(world: World) -> None:
    net = staffed(world)
    policy(world, net, [{"wait": "PT1H", "notify": ["duty"], "waits": [{"grades": [1], "wait": "PT10M"}]}])
    incident = world.open("net", grade=3)
    world.forward(minutes=4)
    world.change(incident, grade=1)
    assert notice_of(incident, net).next_at == START + dt.timedelta(minutes=10)
    world.change(incident, grade=4)
    assert notice_of(incident, net).next_at == START + dt.timedelta(minutes=10)
    assert len(rows(Timer, state="pending")) == 1


def test_what_is_waited_depends_on_the_working_hours_of_the_department(world: World) -> None:
    net = in_shanghai(staffed(world))
    levels = [{"wait": "PT30M", "notify": ["duty"], "waits": [{"hours": "off", "wait": "PT5M"}]}]
    policy(world, net, levels)
    by_day = world.open("net")
    world.forward(hours=12)
    by_night = world.open("net")
    assert notice_of(by_day, net).next_at == START + dt.timedelta(minutes=30)
    assert notice_of(by_night, net).next_at == world.now + dt.timedelta(minutes=5)


def test_a_clock_that_jumps_back_an_hour_tells_nothing_twice_and_loses_nothing(world: World) -> None:
    staffed(world)
    world.open("net")
    world.after(minutes=5)
    world.forward(hours=-1)
    assert world.fire() == 0
    assert notified() == ["net-duty sms", "net-deputy sms"]
    world.after(hours=1, minutes=10)
    assert notified() == ["net-duty sms", "net-deputy sms", "net-head sms"]


def test_two_processes_tell_a_level_once(world: World) -> None:
    from incident.actions.operations import timers

    staffed(world)
    for _ in range(3):
        world.open("net")
    world.forward(minutes=5)
    world.at_once(*[lambda: timers.fire_due(world.now)] * 4)
    world.fire()
    assert sorted(notified()[3:]) == ["net-deputy sms"] * 3


def test_with_nobody_at_all_the_notice_cannot_be_told_and_who_is_on_duty_later_is(world: World) -> None:
    net = world.department("net")
    ann = person(world, "ann", net)
    personal_contact(world, net, ann)
    policy(world, net, [{"wait": "PT30M", "notify": ["duty"]}])
    incident = world.open("net")
    assert (notified(), notice_of(incident, net).is_unreached) == ([], True)
    world.forward(hours=2)
    days = {"name": "days", "people": ["ann"], "starts_on": "2026-03-01", "every": "P1D", "handover": "00:00"}
    rotas.put_rota(net.id, Rota.from_json({"rotations": [days]}), None, BY, world.now)
    notice = notice_of(incident, net)
    assert (notified(), notice.is_unreached, notice.state, notice.opened_at) == (["ann sms"], False, "open", world.now)


def test_a_way_that_is_added_later_tells_whoever_is_on_duty(world: World) -> None:
    net = world.department("net")
    person(world, "ann", net)
    policy(world, net, [{"wait": "PT30M", "notify": ["duty"]}])
    rota(net, "ann")
    incident = world.open("net")
    departments.add_contact(net.id, "desk", "sms", "+8613800138000", 20, "en", None, world.ring, BY, world.now)
    assert notified() == []
    departments.add_contact(
        net.id, "phone", "sms", "+8613800138000", 20, "en", None, world.ring, BY, world.now, person="ann"
    )
    assert notified() == ["phone"]
    assert notice_of(incident, net).is_unreached is False
