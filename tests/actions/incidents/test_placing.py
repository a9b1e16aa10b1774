"""Storms and groups: alerts attach to the incident of their group, nothing is lost, and a person gets one message."""

import datetime as dt
from functools import partial
from typing import Any

import pytest
from sqlalchemy import ColumnElement, select, text

from incident.actions.directory import departments
from incident.actions.incidents import incidents, receive
from incident.actions.journal.verifying import verify_journal
from incident.actions.unit_of_work import transaction
from incident.core.incidents.alert import Alert
from incident.core.incidents.grouping import StormLimits
from incident.core.incidents.routing_document import read_rules
from incident.store.db.database import db
from incident.store.incidents.alerts import alerts_in, count_alerts_in
from incident.store.incidents.incidents import Alert as AlertRow
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.notifications.notices import Notice
from incident.store.queries import search_rebuild
from incident.store.queries.search import search_filter
from tests.world import BY, World, only, rows

SENDER = "token:1:prometheus"
SMALL = StormLimits(3, dt.timedelta(seconds=60))


def put(world: World, **rule: Any) -> None:
    book = {"rules": [{"when": {"source": "generic"}, "set": {"departments": ["net"]}} | rule]}
    departments.put_rules(read_rules(book), None, BY, world.now)


def send(
    world: World, fingerprint: str, limits: StormLimits = SMALL, by: str = SENDER, **facts: Any
) -> receive.Decided:
    alert = Alert(**{"source": "generic", "fingerprint": fingerprint, "title": "CPU high"} | facts)
    return receive.receive_alert(alert, by, world.now, world.zone, limits)


def found(query: str) -> ColumnElement[bool]:
    condition = search_filter(query, reads_journal=True)
    assert condition is not None
    return condition


def decisions(done: list[receive.Decided]) -> list[str]:
    return [one.decision for one in done]


@pytest.fixture
def net(world: World) -> World:
    world.department("net", [("duty", 1)])
    put(world)
    return world


# ------------------------------------------------------------------------------------------------------ storms
def test_each_alert_opens_its_incident_until_the_sender_has_opened_twenty_within_a_minute(net: World) -> None:
    done = [send(net, f"f{number}", StormLimits()) for number in range(24)]
    assert decisions(done) == ["opened"] * 20 + ["attached"] * 4
    assert {one.reason for one in done[20:]} == {"grouped_in_storm"}
    assert len({one.incident for one in done[20:]}) == 1
    assert (len(rows(Incident)), len(rows(Notice))) == (20, 20)


def test_alerts_in_a_storm_are_all_listed_and_nobody_is_told_again(net: World) -> None:
    for number in range(3):
        send(net, f"f{number}")
    net.send()
    done = [send(net, f"g{number}", labels={"instance": f"web-{number}"}) for number in range(4)]
    send(net, "g1", labels={"instance": "web-1"})
    assert net.send() == []
    [name] = {one.incident for one in done}
    group = only(Incident, number=name)
    listed = {row.fingerprint: (row.title, row.times, row.grouping) for row in alerts_in(group.id, 0, 50)}
    assert listed == {"f2": ("CPU high", 1, "own")} | {
        f"g{index}": ("CPU high", 2 if index == 1 else 1, "storm") for index in range(4)
    }
    assert count_alerts_in(group.id) == 5
    assert group.matched is not None
    assert group.matched["grouped"] == {"by": "storm", "incidents": 3, "seconds": 60}
    assert len(rows(Entry, event_type="alert.attached", incident=name)) == 4
    assert verify_journal().is_intact


def test_one_of_a_higher_grade_opens_its_own_and_takes_the_group_over(net: World) -> None:
    for number in range(3):
        send(net, f"f{number}", grade=3)
    assert send(net, "worse", grade=2).decision == "opened"
    again = send(net, "as-bad", grade=2)
    assert (again.decision, again.incident) == ("attached", rows(Incident)[-1].number)
    assert send(net, "unknown").decision == "attached"


def test_another_name_another_rule_and_another_sender_open_their_own(net: World) -> None:
    for number in range(3):
        send(net, f"f{number}")
    assert send(net, "g", title="Disk full").decision == "opened"
    assert send(net, "h", title="Disk full").decision == "attached"
    assert send(net, "i", by="token:2:zabbix").decision == "opened"
    put(net, when={"source": "generic", "labels": {"team": "db"}})
    assert send(net, "j", labels={"team": "db"}).decision == "opened"


def test_when_the_storm_has_calmed_down_the_next_alert_opens_its_own(net: World) -> None:
    for number in range(5):
        send(net, f"f{number}")
    for number in range(3):  # alerts that keep coming keep it up
        net.forward(seconds=50)
        assert send(net, f"g{number}").decision == "attached"
    net.forward(seconds=61)
    assert send(net, "h").decision == "opened"


def test_a_grouped_alert_that_comes_again_after_the_storm_stays_with_its_incident(net: World) -> None:
    for number in range(5):
        send(net, f"f{number}")
    net.forward(hours=4)
    again = send(net, "f4")
    assert (again.decision, again.reason, again.incident) == ("attached", "repeated", "INC-2026-000003")
    ended = send(net, "f4", status="resolved")
    assert (ended.decision, ended.reason) == ("attached", "resolved")
    assert send(net, "f4").reason == "firing_again"
    assert send(net, "f3").reason == "repeated"
    net.close(only(Incident, number="INC-2026-000003"))
    assert send(net, "f4").decision == "opened"


def test_fewer_than_the_limit_within_the_window_are_no_storm(net: World) -> None:
    for number in range(9):
        assert send(net, f"f{number}").decision == "opened"
        net.forward(seconds=31)


def test_a_closed_incident_takes_no_more_alerts_of_its_group(net: World) -> None:
    for number in range(4):
        send(net, f"f{number}")
    net.close(only(Incident, number="INC-2026-000003"))
    assert send(net, "g").incident == "INC-2026-000002"
    for row in rows(Incident, status="new"):
        net.close(row)
    assert send(net, "h").decision == "opened"


def test_reopening_an_incident_whose_alert_was_grouped_elsewhere_meanwhile_is_possible(net: World) -> None:
    send(net, "f0")
    first = rows(Incident)[0]
    net.close(first)
    for number in range(1, 4):
        send(net, f"f{number}")
    assert send(net, "f0").reason == "grouped_in_storm"
    incidents.reopen_incident(first.id, None, BY, net.now)
    assert send(net, "f0").incident == first.number


def test_a_storm_of_simultaneous_alerts_loses_none_and_opens_no_second_incident_of_a_group(net: World) -> None:
    for number in range(2):
        send(net, f"f{number}")
    done = net.at_once(*[partial(send, net, f"g{number}") for number in range(8)])
    assert sorted(decisions(done)) == ["attached"] * 7 + ["opened"]
    assert len({one.incident for one in done}) == 1
    assert len(rows(AlertRow)) == 10
    assert verify_journal().is_intact


def test_without_a_limit_no_alert_is_grouped(net: World) -> None:
    done = [send(net, f"f{number}", StormLimits(0)) for number in range(25)]
    assert set(decisions(done)) == {"opened"}


def test_grouped_alerts_are_found_by_their_titles_and_labels(net: World) -> None:
    for number in range(3):
        send(net, f"f{number}", labels={"alertname": "CpuHigh"})
    send(net, "g", title="CPU high on mailserver", labels={"alertname": "CpuHigh", "instance": "mx7"})
    for query in ("mailserver", "mx7"):
        assert db.session.scalars(select(Incident.number).where(found(query))).all() == ["INC-2026-000003"]


def test_each_alert_of_a_large_group_is_found_by_its_labels_and_with_words_of_its_incident(net: World) -> None:
    for number in range(60):
        send(
            net, f"f{number}", title=f"CPU high on node{number}", labels={"alertname": "CpuHigh", "rack": f"r{number}"}
        )
    for query in ("node7", "r7", "r58", "r7 INC-2026-000003", "node30 r30"):
        assert db.session.scalars(select(Incident.number).where(found(query))).all() == ["INC-2026-000003"], query
    assert not db.session.scalars(select(Incident.number).where(found("node7 r30"))).all()


def test_labels_of_grouped_alerts_are_found_by_readers_of_the_journal_only_and_after_a_rebuild(net: World) -> None:
    for number in range(30):
        send(net, f"f{number}", labels={"alertname": "CpuHigh", "rack": f"r{number}"})
    others = search_filter("r4", reads_journal=False)
    assert others is not None
    assert not db.session.scalars(select(Incident.number).where(others)).all()
    with transaction(BY, net.now):
        db.session.execute(text("DELETE FROM alert_words"))
        assert not db.session.scalars(select(Incident.number).where(found("r4"))).all()
        search_rebuild.rebuild()
    assert db.session.scalars(select(Incident.number).where(found("r4"))).all() == ["INC-2026-000003"]


def test_changed_labels_of_a_repeated_alert_stay_found(net: World) -> None:
    for number in range(30):
        send(net, "one", labels={"rack": f"r{number}"})
    assert db.session.scalars(select(Incident.number).where(found("r2"))).all() == ["INC-2026-000001"]


# ------------------------------------------------------------------------------------------------------- rules
def test_alerts_with_the_same_values_go_to_one_incident_within_the_window(world: World) -> None:
    world.department("net", [("duty", 1)])
    put(world, group_by=["region", "labels.alertname"], window="PT10M")
    facts: dict[str, Any] = {"region": "330100", "labels": {"alertname": "CpuHigh"}}
    first = send(world, "a", **facts)
    world.forward(minutes=9)
    second = send(world, "b", title="CPU high on web-2", **facts)
    assert (second.decision, second.reason, second.incident) == ("attached", "grouped_by_rule", first.incident)
    assert send(world, "c", region="320100", labels={"alertname": "CpuHigh"}).decision == "opened"
    assert send(world, "d", region="330100").decision == "opened"  # lacks a value
    world.forward(minutes=9)
    assert send(world, "e", **facts).incident == first.incident  # within the window after the last one
    world.forward(minutes=10)
    assert send(world, "f", **facts).decision == "opened"
    matched = only(Incident, number=first.incident).matched
    assert matched is not None
    values = {"region": "330100", "labels.alertname": "CpuHigh"}
    assert matched["grouped"] == {"by": "rule", "values": values, "window": "PT10M"}


def test_a_group_is_of_all_senders_and_a_graver_alert_opens_its_own(world: World) -> None:
    world.department("net", [("duty", 1)])
    put(world, group_by="source")
    first = send(world, "a", grade=3)
    assert send(world, "b", by="token:2:zabbix", grade=4).incident == first.incident
    assert send(world, "c", grade=1).decision == "opened"


def test_the_senders_own_groups_are_used_where_the_rule_asks_for_them(world: World) -> None:
    world.department("net", [("duty", 1)])
    put(world, group_by="sender_group")
    first = send(world, "a", sender_group='{}:{alertname="A"}')
    assert send(world, "b", sender_group='{}:{alertname="A"}').incident == first.incident
    assert send(world, "c", sender_group='{}:{alertname="B"}').decision == "opened"
    assert [send(world, name, StormLimits(0)).decision for name in "de"] == ["opened", "opened"]


def test_simultaneous_alerts_of_one_group_open_one_incident(world: World) -> None:
    world.department("net", [("duty", 1)])
    put(world, group_by=["source"])
    done = world.at_once(*[partial(send, world, f"g{number}") for number in range(8)])
    assert sorted(decisions(done)) == ["attached"] * 7 + ["opened"]
    assert (len(rows(Incident)), len(rows(Notice)), len(rows(AlertRow))) == (1, 1, 8)
