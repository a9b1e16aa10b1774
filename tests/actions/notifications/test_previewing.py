"""The preview of an escalation matches what happens later."""

import datetime as dt
import json
from typing import Any

from incident.actions.directory import rotas
from incident.actions.notifications.previewing import Preview, preview
from incident.actions.notifications.recipients import RecipientResolver
from incident.core.duty.rota import Leave
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.journal.journal import Entry
from tests.staff import DUTY_FIRST, member, person, personal_contact, policy, put_rota, rota, staffed
from tests.world import BY, START, World, rows

MINUTE = dt.timedelta(minutes=1)


def shown(found: Preview) -> list[Any]:
    return [
        (
            (item.at - START) / MINUTE,
            item.level,
            item.round,
            [recipient.contact.name for recipient in item.found.recipients],
        )
        for item in found.items
    ]


def warned(found: Preview) -> list[tuple[str, int | None]]:
    return [(one.code, one.level) for one in found.warnings]


def test_it_says_who_is_told_when_until_the_end(world: World) -> None:
    staffed(world, "ministry")
    net = staffed(world, "net", "ministry")
    found = preview(net, 1, START)
    assert shown(found) == [
        (0, 1, 1, ["net-duty sms"]),
        (5, 2, 1, ["net-deputy sms"]),
        (15, 3, 1, ["net-head sms"]),
        (30, 4, 1, ["ministry-duty sms"]),
    ]
    assert (found.exhausted_at - START, warned(found)) == (50 * MINUTE, [])


def test_what_is_foreseen_is_what_comes(world: World) -> None:
    world.now = dt.datetime(2026, 3, 2, 12, 50, tzinfo=dt.UTC)  # 20:50 in Shanghai
    staffed(world, "ministry")
    net = staffed(world, "net", "ministry")
    db.session.get_one(Department, net.id).timezone = "Asia/Shanghai"
    db.session.commit()
    rota(net, "net-duty", hours={"from": "08:00", "until": "20:00"})
    levels = [level | {"waits": [{"hours": "off", "grades": [3], "wait": "PT45M"}]} for level in DUTY_FIRST]
    policy(world, net, levels, repeat=1, quiet={"from": "22:00", "until": "07:00", "grades": [3]})
    found = preview(net, 3, world.now)
    world.open("net", grade=3)
    moments = sorted({item.at for item in found.items} | {found.exhausted_at})
    for at in moments[1:]:
        world.now = at
        assert world.fire() == 1, at
        assert world.fire() == 0
    notified = [json.loads(one.detail) | {"at": one.at} for one in rows(Entry) if one.event_type in
            {"notice.created", "notice.escalated"}]  # fmt: skip
    foreseen = [item for item in found.items if not item.is_gap]
    assert [(one["at"], one["level"], one["round"], one["contacts"]) for one in notified] == [
        (item.at, item.level, item.round, [recipient.contact.name for recipient in item.found.recipients])
        for item in foreseen
    ]
    assert rows(Entry, event_type="notice.exhausted")[0].at == found.exhausted_at
    assert found.items[0].is_gap
    assert len(foreseen) == 6


def test_a_level_without_anybody_is_a_gap_that_is_warned_of(world: World) -> None:
    net = staffed(world)
    put_rota(net, {"rotations": []})
    found = preview(net, None, START)
    assert [(item.level, item.is_gap, item.next_at - item.at) for item in found.items][:2] == [
        (1, True, 0 * MINUTE),
        (2, False, 10 * MINUTE),
    ]
    assert warned(found) == [("gap", 1), ("gap", 4)]


def test_who_cannot_be_reached_and_a_turn_that_comes_too_late_are_warned_of(world: World) -> None:
    net = staffed(world)
    person(world, "mute", net)
    rota(net, "mute")
    owner = db.session.query(type(person(world, "x", net))).filter_by(login="net-head").one()
    personal_contact(world, net, owner, "email")
    policy(
        world,
        net,
        [
            {"wait": "PT5M", "notify": ["duty"]},
            {"wait": "PT5M", "notify": ["head"], "channels": ["sms", "email"], "in_turn": "PT6M"},
        ],
    )
    found = preview(net, None, START)
    assert warned(found) == [("no_way", 1), ("late_turn", 2)]
    assert dict(found.warnings[0].arguments) == {"people": ["Mute"]}


def test_that_nobody_would_be_told_is_warned_of_first(world: World) -> None:
    net = world.department("net")
    assert warned(preview(net, None, START)) == [("nobody", None), ("gap", 1)]


def test_quiet_hours_are_shown_as_a_hold(world: World) -> None:
    net = staffed(world)
    policy(world, net, DUTY_FIRST[:1], quiet={"from": "00:00", "until": "07:00", "grades": [3]})
    night = dt.datetime(2026, 3, 3, 2, 0, tzinfo=dt.UTC)
    held, notified = preview(net, 3, night).items
    assert (held.is_held, held.is_gap, held.next_at, notified.at) == (True, False, notified.at, night.replace(hour=7))
    assert [item.is_held for item in preview(net, 1, night).items] == [False]


def test_a_year_of_which_the_calendar_knows_nothing_is_warned_of(world: World) -> None:
    net = staffed(world)
    policy(world, net, DUTY_FIRST[:1])
    db.session.get_one(Department, net.id).calendar = "china"
    db.session.commit()
    assert warned(preview(net, None, START.replace(year=2090))) == [("year_unknown", None)]
    assert warned(preview(net, None, START)) == []


def test_a_finder_that_has_looked_around_finds_the_same(world: World) -> None:
    ministry = staffed(world, "ministry")
    found = [ministry, staffed(world, "net", "ministry"), staffed(world, "bare", "net")]
    found.append(world.department("desks", [("first", 1), ("second", 2)], [5, 5]))
    shared = person(world, "shared")
    member(found[2], shared, "deputy")
    personal_contact(world, ministry, shared, "email")
    rotas.add_leave(found[1].id, Leave("net-head", world.now, world.now + dt.timedelta(days=1)), BY, START)
    put_rota(found[2], {"rotations": []})
    finder = RecipientResolver()
    finder.prefetch(found)
    for one in found:
        assert preview(one, None, world.now, finder) == preview(one, None, world.now)
