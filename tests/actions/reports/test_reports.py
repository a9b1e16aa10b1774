"""Reports from the public, and the state that a receipt shows."""

import json
from functools import partial

import pytest

from incident.actions.incidents import incidents
from incident.actions.reports import reports
from incident.core.values.faults import RuleError
from incident.store.journal.journal import Entry
from incident.store.reports.reports import Report, ReportLink, report_by_receipt
from tests.world import BY, World, only, rows


def submit(world: World, receipt: str = "4KQ2M-7XJ3A-PP5CW-QH6TZ") -> Report:
    return reports.submit_report(reports.NewReport(text="a bank that is none", channel="phone"), receipt, world.now)


def state(report: Report) -> str:
    return only(Report, id=report.id).state


def test_a_report_is_found_by_its_receipt_however_it_is_typed_and_the_receipt_is_not_kept(world: World) -> None:
    report = submit(world)
    found = report_by_receipt(reports.receipt_hash(" 4kq2m 7xj3a-pp5cw qh6tz "))
    assert found is not None
    assert found.id == report.id
    assert report_by_receipt(reports.receipt_hash("4KQ2M-7XJ3A-PP5CW-QH6TA")) is None
    everything = json.dumps([[str(value) for value in vars(row).values()] for row in [*rows(Report), *rows(Entry)]])
    assert "4KQ2M" not in everything


def test_a_report_is_received_then_linked_then_handled_and_linked_again_on_reopening(world: World) -> None:
    report = submit(world)
    assert state(report) == "received"
    incident = world.open(reports=[report.id])
    assert state(report) == "linked"
    world.close(incident)
    assert state(report) == "handled"
    incidents.reopen_incident(incident.id, None, BY, world.now)
    assert state(report) == "linked"
    changes = [json.loads(entry.detail) for entry in rows(Entry, event_type="report.changed")]
    assert changes == [{"before": "linked", "after": "handled"}, {"before": "handled", "after": "linked"}]


def test_a_report_of_two_incidents_is_handled_when_both_are_closed(world: World) -> None:
    report = submit(world)
    first, second = world.open(reports=[report.id]), world.open()
    reports.link_report(second.id, report.id, BY, world.now)
    world.close(first)
    assert state(report) == "linked"
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
