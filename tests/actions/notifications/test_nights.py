"""Nights, holidays and drills: the same office is notified differently."""

import datetime as dt
from typing import Any

from incident.actions.notifications import answers
from incident.actions.notifications.notice_events import AnswerSource
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.notifications.messages import Message
from tests.staff import member, notified, person, personal_contact, policy, put_rota, staffed
from tests.world import World, notice_of, only, rows

HOLIDAY_NIGHT = dt.datetime(2026, 2, 16, 18, 0, tzinfo=dt.UTC)
"""02:00 in Shanghai on the first day of the year of the horse."""

LEVELS: list[dict[str, Any]] = [
    {
        "wait": "PT30M",
        "waits": [{"grades": [1, 2], "hours": "off", "wait": "PT3M"}],
        "notify": ["duty"],
        "channels": ["webhook", "sms"],
        "in_turn": "PT1M",
    },
    {"wait": "PT5M", "notify": ["deputy"]},
    {"wait": "PT5M", "notify": ["head"]},
    {"wait": "PT5M", "notify": ["parent"]},
]
QUIET = {"from": "22:00", "until": "07:00", "grades": [3, 4]}


def turn(name: str, who: str, days: str) -> dict[str, Any]:
    return {
        "name": name, "people": [who], "starts_on": "2026-01-01", "every": "P1D", "handover": "00:00", "days": days,
    }  # fmt: skip


def later(world: World, **length: float) -> None:
    """Advance the time and fire due timers, without sending."""
    world.forward(**length)
    world.fire()


def office(world: World) -> Department:
    """A department in Shanghai with its own holiday duty, below a ministry."""
    staffed(world, "ministry")
    net = staffed(world, "net", "ministry")
    keeper = person(world, "keeper", net)
    personal_contact(world, net, keeper, "webhook")
    personal_contact(world, net, keeper, "sms")
    row = db.session.get_one(Department, net.id)
    row.timezone, row.calendar = "Asia/Shanghai", "china"
    db.session.commit()
    put_rota(net, {"rotations": [turn("office", "net-duty", "working"), turn("holidays", "keeper", "off")]})
    policy(world, net, LEVELS, quiet=QUIET, until="accepted")
    return net


def test_at_night_on_a_holiday_a_grave_incident_goes_up_until_somebody_accepts_it(world: World) -> None:
    world.now = HOLIDAY_NIGHT
    net = office(world)
    incident = world.open("net", grade=1)
    assert notified(world.now) == ["keeper webhook"]
    later(world, minutes=1)
    assert notified(world.now) == ["keeper webhook", "keeper sms"]
    later(world, minutes=2)
    assert notified() == ["keeper webhook", "keeper sms", "net-deputy sms"]
    answers.answer_notice(notice_of(incident, net).id, "acknowledged", "person:1:x", AnswerSource("inbox"), world.now)
    later(world, minutes=5)
    later(world, minutes=5)
    assert notified()[3:] == ["net-head sms", "ministry-duty sms"]
    answers.answer_notice(notice_of(incident, net).id, "accepted", "person:1:x", AnswerSource("inbox"), world.now)
    later(world, hours=9)
    assert len(notified()) == 5


def test_at_the_same_moment_a_low_grade_wakes_nobody_and_is_told_in_the_morning(world: World) -> None:
    world.now = HOLIDAY_NIGHT
    net = office(world)
    incident = world.open("net", grade=3)
    assert notified() == []
    later(world, hours=5)
    assert notified(world.now) == ["keeper webhook"]
    assert notice_of(incident, net).next_at == world.now + dt.timedelta(minutes=30)


def test_on_a_working_day_the_office_has_the_duty_and_the_usual_time(world: World) -> None:
    world.now = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
    net = office(world)
    incident = world.open("net", grade=1)
    assert notified() == ["net-duty sms"]
    assert notice_of(incident, net).next_at == world.now + dt.timedelta(minutes=30)


def test_in_a_drill_everything_goes_by_its_clock(world: World) -> None:
    net = staffed(world)
    late = person(world, "late", net)
    personal_contact(world, net, late)
    put_rota(net, {"rotations": [
        {"name": "days", "people": ["net-duty", "late"], "starts_on": "2026-03-02", "every": "P1D",
         "handover": "00:00"},
    ]})  # fmt: skip
    both = {"channels": ["sms", "email"], "in_turn": "PT1H"}
    personal_contact(world, net, late, "email")
    policy(world, net, [{"wait": "PT24H", "notify": ["duty"]}, {"wait": "PT24H", "notify": ["duty"]} | both])
    incident = world.open("net", speed=60)
    assert notified() == ["net-duty sms"]
    assert notice_of(incident, net).next_at == world.now + dt.timedelta(minutes=24)
    world.forward(minutes=24)
    world.fire()
    assert notified() == ["net-duty sms", "late sms", "late email"]
    assert rows(Message)[-1].next_attempt_at == world.now + dt.timedelta(minutes=1)


def test_a_head_where_there_is_no_deputy_is_told_once(world: World) -> None:
    net = world.department("net")
    both = person(world, "both", net)
    personal_contact(world, net, both)
    member(net, both, "head")
    policy(world, net, [{"wait": "PT5M", "notify": ["deputy", "head"]}])
    world.open("net")
    assert only(Message).person_id == both.id
