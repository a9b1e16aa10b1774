"""Opening, changing, closing and reopening incidents."""

import datetime as dt
from functools import partial

import pytest

from incident.actions.incidents import incidents
from incident.core.incidents.indicator import Indicator as Seen
from incident.core.values.faults import RuleError
from incident.store.incidents.incidents import Incident, Indicator
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.store.playbooks.timers import Timer
from tests.core.cacao.build import action, document
from tests.world import BY, World, acknowledge_notice, notice_of, only, rows

LOOK = document({"look": action("done", timeout=3_600_000), "done": None}, name="Look")


def fault_of(use_case: partial) -> RuleError:
    with pytest.raises(RuleError) as raised:
        use_case()
    return raised.value


def test_the_year_of_a_number_is_that_of_the_zone_and_each_year_counts_anew(world: World) -> None:
    world.now = dt.datetime(2026, 12, 31, 15, 59, tzinfo=dt.UTC)
    assert world.open().number == "INC-2026-000001"
    world.forward(minutes=2)  # in Shanghai the new year has come
    assert [world.open().number, world.open().number] == ["INC-2027-000001", "INC-2027-000002"]


def test_every_fault_of_an_opening_is_named_with_its_place_and_no_number_is_used_up(world: World) -> None:
    world.department("net")
    with pytest.raises(RuleError) as raised:
        world.open("net", "nix", playbook="playbook--none")
    assert [(one.code, one.pointer) for one in raised.value.all] == [
        ("department.unknown", "/departments/1"),
        ("playbook.unknown", "/playbook"),
    ]
    assert world.open("net").number == "INC-2026-000001"


def test_an_incident_that_names_no_department_and_matches_no_rule_is_untold(world: World) -> None:
    assert world.open().is_unreached is True
    assert rows(Notice) == []


def test_a_department_named_twice_gets_one_notice(world: World) -> None:
    world.department("net", [("duty", 1)])
    incident = world.open("net", "net")
    incidents.change_incident(incident.id, {"departments": ["net"]}, None, BY, world.now)
    assert len(rows(Notice)) == 1
    assert len(rows(Message)) == 1


def test_a_change_says_what_was_and_what_is_and_tells_departments_that_are_added(world: World) -> None:
    world.department("net", [("duty", 1)])
    web = world.department("web", [("web duty", 1)])
    incident = world.open("net", grade=3, indicators=[Seen("domain", "a.test")])
    world.forward(minutes=1)
    changes = {"grade": 1, "title": incident.title, "departments": ["web"], "indicators": [Seen("domain", "b.test")]}
    changed = incidents.change_incident(incident.id, changes, incident.version, BY, world.now)
    assert (changed.grade, changed.version, changed.changed_at) == (1, 2, world.now)
    assert [row.value for row in rows(Indicator)] == ["b.test"]
    assert notice_of(incident, web).state == "open"
    entry = only(Entry, event_type="incident.changed")
    assert '"before":{"grade":3}' in entry.detail
    assert '"departments_added":["web"]' in entry.detail


def test_a_change_that_changes_nothing_leaves_no_entry_and_no_version(world: World) -> None:
    incident = world.open(grade=2)
    assert incidents.change_incident(incident.id, {"grade": 2}, None, BY, world.now).version == 1
    assert rows(Entry, event_type="incident.changed") == []


@pytest.mark.parametrize("kind", ["change", "note", "acknowledge", "close"])
def test_who_has_read_an_older_version_changes_nothing(world: World, kind: str) -> None:
    incident = world.open()
    incidents.add_note(incident.id, "newer", BY, world.now)
    entries = len(rows(Entry))
    use_cases = {
        "change": partial(incidents.change_incident, incident.id, {"grade": 1}, 1, BY, world.now),
        "note": partial(incidents.add_note, incident.id, "late", BY, world.now, None, 1),
        "acknowledge": partial(incidents.acknowledge_incident, incident.id, None, BY, "api", world.now, 1),
        "close": partial(incidents.close_incident, incident.id, None, None, None, BY, world.now, 1),
    }
    assert fault_of(use_cases[kind]).code == "version.stale"
    assert len(rows(Entry)) == entries
    assert only(Incident).status == "new"


def test_of_two_changes_of_one_version_at_the_same_moment_one_is_stale(world: World) -> None:
    incident = world.open()

    def change(grade: int) -> int:
        return incidents.change_incident(incident.id, {"grade": grade}, 1, BY, world.now).version

    done = world.at_once(*[partial(change, grade) for grade in (1, 2, 3, 4)])
    assert [one for one in done if isinstance(one, int)] == [2]
    assert {one.code for one in done if isinstance(one, RuleError)} == {"version.stale"}


def test_closing_over_live_work_is_refused_naming_each_run_and_task(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(LOOK)
    incident = world.open("net", playbook=LOOK["id"])
    fault = fault_of(partial(world.close, incident))
    run, task = only(Run), only(Task)
    assert (fault.code, fault.kind) == ("incident.has_live_work", "conflict")
    assert fault.arguments == {"runs": [f"{run.id}: Look"], "tasks": [f"{task.id}: {task.title}"]}
    assert only(Incident).status == "new"


def test_closing_with_a_reason_cancels_runs_tasks_and_timers_and_withdraws_notices(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(LOOK)
    incident = world.open("net", playbook=LOOK["id"])
    world.close(incident, "false alarm")
    assert (only(Run).state, only(Task).state, only(Notice).state) == ("cancelled", "cancelled", "withdrawn")
    assert {timer.state for timer in rows(Timer)} == {"cancelled"}
    assert {message.state for message in rows(Message)} == {"cancelled"}
    closed = only(Incident)
    assert (closed.status, closed.closed_at, closed.resolution) == ("closed", world.now, "done")
    assert "false alarm" in only(Entry, event_type="incident.closed").detail


def test_an_override_without_a_reason_is_refused(world: World) -> None:
    incident = world.open()
    assert fault_of(partial(world.close, incident, "  ")).code == "incident.override_needs_reason"


def test_what_is_closed_takes_no_change_no_acknowledgement_and_no_second_closing(world: World) -> None:
    incident = world.open()
    world.close(incident)
    for use_case in (
        partial(incidents.change_incident, incident.id, {"grade": 1}, None, BY, world.now),
        partial(incidents.acknowledge_incident, incident.id, None, BY, "api", world.now),
        partial(world.close, incident),
    ):
        assert (fault_of(use_case).code, fault_of(use_case).kind) == ("incident.is_closed", "conflict")
    incidents.add_note(incident.id, "for the record", BY, world.now)
    assert "for the record" in only(Entry, event_type="incident.noted").detail


def test_reopening_tells_departments_anew_by_the_policy_of_now_and_older_links_are_dead(world: World) -> None:
    net = world.department("net", [("duty", 1)], waits=[5])
    incident = world.open("net")
    old = only(Message)
    acknowledge_notice(notice_of(incident, net).id, BY, "inbox", world.now)
    world.close(incident)
    world.forward(hours=1)
    reopened = incidents.reopen_incident(incident.id, "it is back", BY, world.now)
    assert (reopened.status, reopened.closed_at, reopened.resolution) == ("handling", None, None)
    notice = notice_of(incident, net)
    assert (notice.state, notice.acknowledged_at, notice.opened_at) == ("open", None, world.now)
    fresh = rows(Message)[-1]
    assert (fresh.webhook_id != old.webhook_id, fresh.state, fresh.created_at) == (True, "pending", world.now)
    late = partial(acknowledge_notice, notice.id, "link:x:duty", "link", world.now, sent_at=old.created_at)
    assert fault_of(late).code == "notice.link_older"
    assert notice_of(incident, net).state == "open"
    assert acknowledge_notice(notice.id, "link:y:duty", "link", world.now, sent_at=fresh.created_at).has_counted


def test_an_open_incident_cannot_be_reopened(world: World) -> None:
    incident = world.open()
    fault = fault_of(partial(incidents.reopen_incident, incident.id, None, BY, world.now))
    assert (fault.code, fault.kind) == ("incident.is_open", "conflict")


def test_acknowledging_for_nobody_takes_the_incident_on_and_for_a_department_answers_its_notice(world: World) -> None:
    net = world.department("net", [("duty", 1)])
    incident = world.open("net")
    assert incidents.acknowledge_incident(incident.id, None, BY, "api", world.now).status == "handling"
    assert notice_of(incident, net).state == "open"
    incidents.acknowledge_incident(incident.id, net.id, BY, "api", world.now)
    assert notice_of(incident, net).acknowledged_by == BY
    again = fault_of(partial(incidents.acknowledge_incident, incident.id, net.id, BY, "api", world.now))
    assert (again.code, again.kind) == ("notice.not_open", "conflict")


def test_acknowledging_for_a_department_that_was_not_told_is_not_found(world: World) -> None:
    web = world.department("web")
    incident = world.open()
    fault = fault_of(partial(incidents.acknowledge_incident, incident.id, web.id, BY, "api", world.now))
    assert (fault.code, fault.kind) == ("notice.none_for_department", "not_found")


def test_closing_while_its_timer_fires_leaves_no_open_notice(world: World) -> None:
    world.department("net", [("first", 1), ("second", 2)], waits=[1, 1])
    for _ in range(4):
        incident = world.open("net")
        world.forward(minutes=1)
        done = world.at_once(partial(world.close, incident), world.fire)
        assert not [one for one in done if isinstance(one, Exception)], done
        assert [row.state for row in rows(Notice, incident_id=incident.id)] == ["withdrawn"]
        assert not rows(Timer, incident_id=incident.id, state="pending")
        assert not rows(Message, incident_id=incident.id, state="pending")
