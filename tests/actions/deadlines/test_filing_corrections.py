"""Filings that no longer count: recorded by mistake, or returned by the authority."""

import datetime as dt

import pytest

from incident.actions import approvals
from incident.actions.deadlines import filing_corrections, filings
from incident.core.values.faults import RuleError
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import Filing
from incident.store.deadlines.filing_revocations import FilingRevocation
from incident.store.directory.departments import Department
from incident.store.incidents.incidents import Incident
from incident.store.notifications.notices import Notice
from tests.actions.deadlines.test_clocks import entries
from tests.actions.deadlines.test_receipts import HALF, LI, clock, deadlines, file, office, place
from tests.world import World, only, rows

__all__ = ["office", "place"]
WANG, PROGRAM = "person:2:Wang Fang", "token:7"


def revoke(world: World, filing: Filing, reason: str = "it was another incident") -> None:
    row = filing_corrections.propose_revocation(filing.id, reason, LI, world.now)
    filing_corrections.confirm_revocation(row.id, WANG, world.now)


def send_back(world: World, filing: Filing, at: dt.datetime | None = None) -> Filing:
    return filing_corrections.return_filing(filing.id, at or world.now, "item 3 is missing", LI, world.now)


def test_a_filing_by_mistake_counts_until_a_second_person_agrees_and_the_clock_runs_again(
    world: World, place: Incident
) -> None:
    first = clock(place)
    due, filing = first.due_at, file(world, first, receipt_number="R-7")
    assert (clock(place).state, clock(place, "upward").state) == ("filed", "running")
    row = filing_corrections.propose_revocation(filing.id, "it was another incident", LI, world.now)
    assert (row.state, clock(place).state) == ("awaiting_second", "filed")
    with pytest.raises(RuleError, match=r"approval\.is_given"):
        filing_corrections.confirm_revocation(row.id, LI, world.now)
    world.forward(hours=2)
    filing_corrections.confirm_revocation(row.id, WANG, world.now)
    assert (clock(place).state, clock(place).due_at) == ("running", due)
    assert (clock(place, "upward").state, clock(place, "upward").due_at) == ("waiting", None)
    world.fire()
    assert [state for _, state in deadlines(place, "first")] == ["open"]
    [kept] = clock_rows.filings_of(place.id)
    assert (kept.revoked_at, kept.is_struck) == (world.now, True)
    kinds = [kind for kind, _ in entries(place) if kind.startswith("clock.filing")]
    assert kinds == ["clock.filing_revocation_proposed", "clock.filing_revoked"]
    filings.waive_clock(clock(place).id, "another unit of the group files it", LI, world.now)
    with pytest.raises(RuleError, match=r"filing\.is_revoked"):
        revoke(world, filing)


def test_a_revocation_is_declined_and_no_program_proposes_one(world: World, place: Incident) -> None:
    filing = file(world, clock(place))
    with pytest.raises(RuleError, match=r"approval\.not_by_person"):
        filing_corrections.propose_revocation(filing.id, "wrong", PROGRAM, world.now)
    row = filing_corrections.propose_revocation(filing.id, "wrong", LI, world.now)
    again = filing_corrections.propose_revocation(filing.id, "wrong recipient", LI, world.now)
    with pytest.raises(RuleError, match=r"approval\.not_waiting"):
        filing_corrections.confirm_revocation(row.id, WANG, world.now)
    approvals.decline_as_second(FilingRevocation, again.id, "it was right", WANG, world.now)
    assert clock(place).state == "filed"
    with pytest.raises(RuleError, match=r"filing\.not_found"):
        filing_corrections.propose_revocation(9999, "wrong", LI, world.now)


def test_a_revoked_filing_takes_back_the_receipt_and_the_report_onward(
    world: World, place: Incident, office: Department
) -> None:
    filing = file(world, clock(place), "office", receipt_number="R-1")
    assert clock(place, "upward").duty_department_id == office.id
    revoke(world, filing)
    assert only(Notice, purpose="receipt").state == "withdrawn"
    assert (clock(place, "upward").state, clock(place, "upward").duty_department_id) == ("waiting", None)
    world.forward(minutes=5)
    file(world, clock(place), "office")
    upward = clock(place, "upward")
    assert (upward.duty_department_id, upward.due_at) == (office.id, world.now + HALF)


def test_another_filing_keeps_what_both_have_begun_and_moves_it_to_its_own_time(
    world: World, place: Incident, office: Department
) -> None:
    wrong = file(world, clock(place), "office", receipt_number="R-1")
    world.forward(minutes=5)
    file(world, clock(place), "office", receipt_number="R-2")
    revoke(world, wrong)
    upward = clock(place, "upward")
    assert (clock(place).state, upward.duty_department_id, upward.due_at) == ("filed", office.id, world.now + HALF)
    assert only(Notice, purpose="receipt").state == "open"


def test_what_a_department_filed_onward_stays_filed(world: World, place: Incident, office: Department) -> None:
    filing = file(world, clock(place), "office")
    file(world, clock(place, "upward"), receipt_number="R-2")
    revoke(world, filing)
    upward = clock(place, "upward")
    assert (clock(place).state, upward.state, upward.duty_department_id) == ("running", "filed", office.id)


def test_a_returned_report_is_owed_with_the_due_that_it_had_and_what_it_began_runs_on(
    world: World, place: Incident
) -> None:
    due, filing = clock(place).due_at, file(world, clock(place), receipt_number="R-1")
    upward_due = clock(place, "upward").due_at
    with pytest.raises(RuleError, match=r"filing\.returned_before"):
        send_back(world, filing, filing.filed_at - HALF)
    with pytest.raises(RuleError, match=r"clock\.in_the_future"):
        send_back(world, filing, world.now + HALF)
    world.forward(hours=2)
    send_back(world, filing, world.now - HALF)
    assert (clock(place).state, clock(place).due_at) == ("returned", due)
    assert (clock(place, "upward").state, clock(place, "upward").due_at) == ("running", upward_due)
    world.fire()
    assert clock(place).warned_percent == 100
    with pytest.raises(RuleError, match=r"filing\.is_returned"):
        send_back(world, filing)
    with pytest.raises(RuleError, match=r"clock\.late_without_reason"):
        file(world, clock(place))
    file(world, clock(place), late={"reason_code": "other", "text": "returned for item 3"})
    assert clock(place).state == "filed_late"
    assert [one.is_struck for one in rows(Filing)] == [True, False]
    [(_, detail)] = [one for one in entries(place) if one[0] == "clock.filing_returned"]
    assert detail["reason"] == "item 3 is missing"


def test_an_announcement_cannot_be_returned(world: World, place: Incident) -> None:
    with pytest.raises(RuleError, match=r"filing\.is_announcement"):
        send_back(world, file(world, clock(place), is_oral=True))
