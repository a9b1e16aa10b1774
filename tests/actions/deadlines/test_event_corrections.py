"""Events that were recorded wrongly: put right at once where a deadline only comes nearer, else by two people."""

import datetime as dt

import pytest

from incident.actions import approvals
from incident.actions.deadlines import clock_events, event_corrections
from incident.core.values.faults import RuleError
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.incidents.incidents import Incident
from tests.actions.deadlines.test_clocks import HOUR, LI, PROGRAM, WANG, aware, clock, entries, file, put_profile
from tests.world import World

DAY = dt.timedelta(days=1)


@pytest.fixture
def place(world: World) -> Incident:
    put_profile(world, "cii", "us-sec-8k", "kr-network")
    incident = world.open()
    aware(world, incident, world.now - 3 * DAY)
    return incident


def happened(world: World, place: Incident, kind: str, at: dt.datetime) -> ClockEventRecord:
    return clock_events.add_clock_event(place.id, kind, at, "as read", LI, world.now)


def correct(
    world: World, row: ClockEventRecord, at: dt.datetime, reason: str | None = None, by: str = LI
) -> ClockEventRecord:
    return event_corrections.correct_clock_event(row.id, at, None, reason, by, world.now)


def withdraw(world: World, row: ClockEventRecord) -> ClockEventRecord:
    return event_corrections.withdraw_clock_event(row.id, "it was another company", LI, world.now)


def confirm(world: World, row: ClockEventRecord) -> ClockEventRecord:
    return event_corrections.confirm_event_correction(row.id, WANG, world.now)


def kinds(place: Incident) -> list[str]:
    return [kind.removeprefix("incident.clock_event_") for kind, _ in entries(place) if "clock_event" in kind]


def test_a_wrong_year_is_put_right_by_two_people_and_the_deadline_moves_later(world: World, place: Incident) -> None:
    wrong = happened(world, place, "material", dt.datetime(2016, 3, 1, tzinfo=dt.UTC))
    happened(world, place, "material", world.now)
    far = clock(place, "8-k", "us-sec-8k").due_at
    assert far is not None
    assert far.year == 2016
    others = {one.id: one.due_at for one in clock_rows.clocks_of(place.id) if one.regime != "us-sec-8k"}
    with pytest.raises(RuleError, match=r"clock_event\.reason_missing"):
        correct(world, wrong, world.now - HOUR)
    with pytest.raises(RuleError, match=r"approval\.not_by_person"):
        correct(world, wrong, world.now - HOUR, "the year", PROGRAM)
    later = correct(world, wrong, world.now - HOUR, "the year was mistyped")
    assert (later.state, clock(place, "8-k", "us-sec-8k").due_at) == ("awaiting_second", far)
    with pytest.raises(RuleError, match=r"approval\.is_given"):
        event_corrections.confirm_event_correction(later.id, LI, world.now)
    confirm(world, later)
    assert clock(place, "8-k", "us-sec-8k").start_at == world.now - HOUR
    assert {one.id: one.due_at for one in clock_rows.clocks_of(place.id) if one.id in others} == others
    with pytest.raises(RuleError, match=r"clock_event\.has_ended"):
        withdraw(world, wrong)
    assert kinds(place) == ["recorded", "recorded", "proposed", "corrected"]


def test_an_earlier_time_acts_at_once_and_takes_the_place_of_what_waits(world: World, place: Incident) -> None:
    row = happened(world, place, "material", world.now - HOUR)
    waiting = correct(world, row, world.now, "the minutes say so")
    earlier = correct(world, row, world.now - 4 * DAY)
    assert (earlier.state, earlier.how) == ("in_force", "as read")
    assert clock(place, "8-k", "us-sec-8k").start_at == world.now - 4 * DAY
    with pytest.raises(RuleError, match=r"approval\.not_waiting"):
        confirm(world, waiting)
    with pytest.raises(RuleError, match=r"clock\.in_the_future"):
        correct(world, earlier, world.now + HOUR, "soon")


def test_a_withdrawn_event_starts_nothing_once_a_second_person_agrees(world: World, place: Incident) -> None:
    row = happened(world, place, "material", world.now - HOUR)
    withdrawal = withdraw(world, row)
    assert clock(place, "8-k", "us-sec-8k").due_at is not None
    approvals.decline_as_second(ClockEventRecord, withdrawal.id, "it was this one", WANG, world.now)
    confirm(world, withdraw(world, row))
    report = clock(place, "8-k", "us-sec-8k")
    assert (report.state, report.due_at, report.waits_for) == ("waiting", None, "material")
    happened(world, place, "material", world.now)
    assert clock(place, "8-k", "us-sec-8k").start_at == world.now
    assert kinds(place) == ["recorded", "proposed", "proposed", "withdrawn", "recorded"]


def test_the_supplements_about_other_facts_keep_their_numbers(world: World, place: Incident) -> None:
    facts = [happened(world, place, "fact_added", world.now - hours * HOUR) for hours in (9, 5, 3)]
    supplements = [one for one in clock_rows.clocks_of(place.id) if one.regime == "kr-network" and one.n == 3]
    [third] = supplements
    stage, due = third.stage, clock(place, third.stage, "kr-network", 2).due_at
    file(world, third)
    for one in (facts[0], facts[2]):
        confirm(world, withdraw(world, one))
    states = [clock(place, stage, "kr-network", n).state for n in (1, 2, 3)]
    assert (states[0], states[2]) == ("not_applicable", "filed")
    assert clock(place, stage, "kr-network", 1).because[-1]["code"] == "event_withdrawn"
    assert clock(place, stage, "kr-network", 2).due_at == due
    confirm(world, correct(world, facts[1], world.now, "it became known later"))
    assert clock(place, stage, "kr-network", 2).start_at == world.now


def test_awareness_and_unknown_records_are_corrected_elsewhere(world: World, place: Incident) -> None:
    known = clock_rows.effective_awareness(clock_rows.clock_events_of(place.id))
    assert known is not None
    for record_id in (known.id, 9999):
        with pytest.raises(RuleError, match=r"clock_event\.not_found"):
            event_corrections.withdraw_clock_event(record_id, "wrong", LI, world.now)
