"""Reports from the public, and the state that a receipt shows."""

import json
from functools import partial

import pytest

from incident.actions.incidents import incidents
from incident.actions.reports import reports
from incident.actions.unit_of_work import transaction
from incident.core.values.faults import RuleError
from incident.store.journal.journal import Entry
from incident.store.reports.reports import Report, ReportLink
from tests.world import BY, World, only, rows


def submit(world: World, receipt: str = "a mark") -> Report:
    return reports.submit_report(reports.NewReport(text="a bank that is none", channel="phone"), receipt, world.now)


def state(report: Report) -> str:
    return only(Report, id=report.id).state


def test_a_report_is_received_then_accepted_then_handled_and_accepted_again_on_reopening(world: World) -> None:
    report = submit(world)
    assert state(report) == "received"
    incident = world.open(reports=[report.id])
    assert state(report) == "accepted"
    world.close(incident)
    assert state(report) == "handled"
    incidents.reopen_incident(incident.id, None, BY, world.now)
    assert state(report) == "accepted"
    changes = [json.loads(entry.detail) for entry in rows(Entry, event_type="report.changed")]
    assert changes == [{"before": "accepted", "after": "handled"}, {"before": "handled", "after": "accepted"}]


def test_a_report_of_two_incidents_is_handled_when_both_are_closed(world: World) -> None:
    report = submit(world)
    first, second = world.open(reports=[report.id]), world.open()
    reports.link_report(second.id, report.id, BY, world.now)
    world.close(first)
    assert state(report) == "accepted"
    world.close(second)
    assert state(report) == "handled"


def test_a_report_is_handled_also_when_its_incidents_are_closed_at_the_same_moment(world: World) -> None:
    for turn in range(4):
        report = submit(world, f"RECEIPT-{turn}")
        pair = [world.open(reports=[report.id]) for _ in range(2)]
        done = world.at_once(*[partial(world.close, incident) for incident in pair])
        assert not [one for one in done if isinstance(one, Exception)], done
        assert state(report) == "handled"


def test_linking_twice_makes_one_link_and_one_entry(world: World) -> None:
    report, incident = submit(world), world.open()
    for _ in range(2):
        reports.link_report(incident.id, report.id, BY, world.now)
    assert (len(rows(ReportLink)), len(rows(Entry, event_type="report.linked"))) == (1, 1)


def test_unlinking_gives_the_report_back_and_unlinking_again_is_not_found(world: World) -> None:
    report = submit(world)
    incident = world.open(reports=[report.id])
    reports.unlink_report(incident.id, report.id, BY, world.now)
    assert (state(report), rows(ReportLink)) == ("received", [])
    with pytest.raises(RuleError) as raised:
        reports.unlink_report(incident.id, report.id, BY, world.now)
    assert (raised.value.code, raised.value.kind) == ("report.not_linked", "not_found")


def test_reports_that_are_not_here_are_named_and_open_no_incident(world: World) -> None:
    with pytest.raises(RuleError) as raised:
        world.open(reports=[7, 8])
    assert [(one.code, one.pointer) for one in raised.value.all] == [
        ("report.unknown", "/reports/0"),
        ("report.unknown", "/reports/1"),
    ]
    with pytest.raises(RuleError, match=r"report\.unknown"):
        reports.link_report(world.open().id, 7, BY, world.now)


def test_the_journal_says_that_a_report_came_and_not_what_it_says(world: World) -> None:
    submit(world)
    entry = only(Entry, event_type="report.received")
    assert (entry.actor, json.loads(entry.detail)) == ("public", {"channel": "phone", "category": None})


def test_a_decision_of_people_outlives_the_incidents_and_an_end_has_its_moment(world: World) -> None:
    report = submit(world)
    incident = world.open(reports=[report.id])
    world.close(incident)
    assert only(Report).ended_at == world.now
    incidents.reopen_incident(incident.id, None, BY, world.now)
    assert only(Report).ended_at is None
    with transaction(BY, world.now):
        only(Report).state = "verifying"
    world.close(incident)
    assert state(report) == "verifying"


def test_kind_and_category_are_corrected_by_one_who_has_read_the_newest_version(world: World) -> None:
    report = submit(world)
    reports.change_report(report.id, {"kind": "help", "category": "fraud"}, BY, world.now, 1)
    assert (only(Report).kind, only(Report).category, only(Report).version) == ("help", "fraud", 2)
    with pytest.raises(RuleError, match=r"version\.stale"):
        reports.change_report(report.id, {"kind": "tip"}, BY, world.now, 1)
    reports.change_report(report.id, {"kind": "help"}, BY, world.now)
    assert len(rows(Entry, event_type="report.corrected")) == 1


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b \u2066", " \u2060\n"])
def test_a_text_of_which_nothing_is_visible_is_refused(world: World, hidden: str) -> None:
    with pytest.raises(RuleError, match=r"document\.missing"):
        reports.submit_report(reports.NewReport(text=hidden), "m", world.now)


def test_marks_that_turn_a_text_around_are_removed_from_every_field(world: World) -> None:
    new = reports.NewReport(text="a\u202eb", url="http://x\u202ey", evidence="c\u2066d", kind="claim")
    reports.submit_report(new, "m", world.now)
    found = only(Report)
    assert (found.text, found.url, found.evidence) == ("ab", "http://xy", "cd")
