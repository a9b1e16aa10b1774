"""Clocks of incidents: what starts, moves and ends them, in one transaction with its cause and its journal entry."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest

from incident.actions.deadlines import clock_events, filings, grading, profiles
from incident.actions.deadlines.filings import NewFiling
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import ClockEventRecord, Filing, IncidentClock
from incident.store.deadlines.profiles import ProfileVersion, RegimeVersion
from incident.store.incidents.incidents import Incident
from incident.store.journal import journal
from tests.world import World, only, rows

LI, WANG, PROGRAM = "person:1:Li Wei", "person:2:Wang Fang", "token:7"
HOUR = dt.timedelta(hours=1)
LATE = {"reason_code": "unknown_in_time", "text": "nobody was on duty"}


@pytest.fixture
def place(world: World) -> Incident:
    put_profile(world, "cii")
    return world.open()


def put_profile(world: World, operator_class: str, *regimes: str) -> ProfileVersion:
    return profiles.put_profile(OrganizationProfile(operator_class, regimes=regimes), LI, world.now)  # type: ignore[arg-type]


def aware(
    world: World, incident: Incident, at: dt.datetime | None = None, reason: str | None = None
) -> ClockEventRecord:
    return clock_events.put_awareness(incident.id, at or world.now, "Li Wei", "alarm", reason, LI, world.now)


def answer(world: World, incident: Incident, **values: object) -> None:
    grading.put_answers(incident.id, values, LI, world.now)


def file(world: World, clock: IncidentClock, **more: Any) -> Filing:
    given: Mapping[str, Any] = {"channel": "phone", "at": world.now, "to": "CAC", "receipt_number": "R-7"} | more
    return filings.file_clock(clock.id, NewFiling(**given), LI, world.now)


def clock(incident: Incident, stage: str = "first", regime: str = "cn-cac-cii", n: int = 1) -> IncidentClock:
    found = clock_rows.clocks_of(incident.id)
    return next(one for one in found if (one.regime, one.stage, one.n) == (regime, stage, n))


def states(incident: Incident) -> dict[str, str]:
    return {f"{one.regime}/{one.stage}": one.state for one in clock_rows.clocks_of(incident.id)}


def entries(incident: Incident) -> list[tuple[str, dict[str, Any]]]:
    found = journal.latest_entries_of(incident.number, 30)
    return [(one.event_type, json.loads(one.detail)) for one in reversed(found)]


def test_awareness_starts_the_clock_of_the_operators_class_at_the_moment_of_the_awareness(
    world: World, place: Incident
) -> None:
    assert states(place) == {}
    at = world.now - dt.timedelta(minutes=5)
    aware(world, place, at)
    first = clock(place)
    assert (first.state, first.start_at, first.due_at) == ("undetermined", at, at + HOUR)
    assert states(place) == {
        "cn-cac-cii/first": "undetermined",
        "cn-cac-cii/upward": "waiting",
        "cn-cac-cii/summary": "waiting",
    }
    [(_, detail)] = [one for one in entries(place) if one[0] == "incident.clocks_changed"]
    assert [one["state"] for one in detail["clocks"]] == ["undetermined", "waiting", "waiting"]
    assert first.regime_hash == only(RegimeVersion).content_hash
    assert first.profile_id == only(ProfileVersion).id


def test_an_outage_at_night_is_filed_by_phone_and_portal_and_the_second_hop_is_watched(
    world: World, place: Incident
) -> None:
    aware(world, place)
    answer(world, place, cii_down_minutes=125, persons_leaked=0, portal_level="none")
    grading.decide_grade(place.id, 2, None, LI, world.now)
    assert (clock(place).state, clock(place, "upward").state) == ("running", "waiting")
    world.forward(minutes=20)
    file(world, clock(place), is_oral=True, receipt_number=None)
    assert clock(place).state == "running"
    file(world, clock(place), receipt_number=None)
    assert (clock(place).state, clock(place, "upward").state) == ("filed", "waiting")
    world.forward(minutes=5)
    proof = {"name": "receipt.png", "sha256": "a" * 64}
    file(world, clock(place), channel="portal", receipt_number=None, evidence=[proof])
    upward = clock(place, "upward")
    assert (upward.state, upward.hop, upward.start_at, upward.due_at) == (
        "running",
        2,
        world.now,
        world.now + HOUR / 2,
    )
    world.forward(hours=30)
    clock_events.put_handled(place.id, world.now, None, LI, world.now)
    assert only(Incident).handled_at == world.now
    assert clock(place, "summary").due_at == world.now + dt.timedelta(days=30)
    assert [one.is_proved for one in clock_rows.filings_of(place.id)] == [False, False, True]
    assert [kind for kind, _ in entries(place) if kind == "clock.filed"] == ["clock.filed"] * 3


def test_a_higher_grade_starts_what_it_adds_and_an_ordinary_one_ends_what_runs(world: World, place: Incident) -> None:
    aware(world, place)
    answer(world, place, cii_down_minutes=35)
    grading.decide_grade(place.id, 3, None, LI, world.now)
    assert (clock(place).state, clock(place, "upward").state) == ("running", "not_applicable")
    grading.decide_grade(place.id, 2, "it goes on", LI, world.now)
    assert clock(place, "upward").state == "waiting"
    lower = grading.decide_grade(place.id, 4, "it was a test system", LI, world.now)
    assert clock(place).state == "running"
    grading.confirm_grade(lower.id, WANG, world.now)
    assert clock(place).state == "not_applicable"


def test_an_earlier_awareness_acts_at_once_and_a_later_one_needs_a_reason_and_somebody_else(
    world: World, place: Incident
) -> None:
    begun = world.now
    aware(world, place, begun)
    aware(world, place, begun - HOUR)
    assert clock(place).due_at == begun
    with pytest.raises(RuleError, match=r"awareness\.reason_missing"):
        aware(world, place, begun)
    later = aware(world, place, begun, "the first call was about something else")
    assert (later.state, clock(place).due_at) == ("awaiting_second", begun)
    with pytest.raises(RuleError, match=r"approval\.is_given"):
        clock_events.confirm_clock_event(later.id, LI, world.now)
    with pytest.raises(RuleError, match=r"approval\.not_by_person"):
        clock_events.confirm_clock_event(later.id, PROGRAM, world.now)
    clock_events.confirm_clock_event(later.id, WANG, world.now)
    assert (clock(place).start_at, clock(place).due_at) == (begun, begun + HOUR)
    assert len(rows(ClockEventRecord)) == 3
    aware(world, place, begun - HOUR / 2)
    assert clock(place).due_at == begun + HOUR / 2
    with pytest.raises(RuleError, match=r"approval\.not_waiting"):
        clock_events.confirm_clock_event(later.id, WANG, world.now)


def test_the_same_awareness_once_more_changes_nothing(world: World, place: Incident) -> None:
    first = aware(world, place, world.now - HOUR)
    assert aware(world, place, world.now - HOUR).id == first.id
    later = aware(world, place, world.now, "another call")
    assert aware(world, place, world.now, "another call").id == later.id
    assert aware(world, place, world.now - HOUR).id == first.id
    assert (later.state, len(rows(ClockEventRecord))) == ("awaiting_second", 2)
    assert [kind for kind, _ in entries(place) if "awareness" in kind] == [
        "incident.awareness_recorded",
        "incident.awareness_proposed",
    ]


def test_an_earlier_awareness_takes_the_place_of_a_later_one_that_waits(world: World, place: Incident) -> None:
    begun = world.now
    aware(world, place, begun - HOUR)
    later = aware(world, place, begun, "another call")
    aware(world, place, begun - 2 * HOUR)
    with pytest.raises(RuleError, match=r"approval\.not_waiting"):
        clock_events.confirm_clock_event(later.id, WANG, world.now)
    assert clock(place).due_at == begun - HOUR


def test_a_late_filing_says_why_and_a_watched_or_oral_one_ends_nothing_else(world: World, place: Incident) -> None:
    aware(world, place)
    world.forward(minutes=61)
    with pytest.raises(RuleError) as refused:
        file(world, clock(place))
    assert (refused.value.code, refused.value.pointer) == ("clock.late_without_reason", "/late")
    filing = file(world, clock(place), late=LATE)
    assert (clock(place).state, filing.late) == ("filed_late", LATE)
    with pytest.raises(RuleError, match=r"clock\.in_the_future"):
        file(world, clock(place), at=world.now + HOUR, late=LATE)


def test_nothing_is_filed_before_its_deadline_begins_or_the_incident_is_known(world: World, place: Incident) -> None:
    aware(world, place)
    grading.decide_grade(place.id, 1, "it looks bad", LI, world.now)
    world.forward(hours=50)
    for stage in ("first", "upward", "summary"):
        for at in (world.now - dt.timedelta(days=9000), world.now - 50 * HOUR - dt.timedelta(seconds=1)):
            with pytest.raises(RuleError) as refused:
                file(world, clock(place, stage), at=at, is_oral=stage == "summary")
            assert (refused.value.code, refused.value.pointer) == ("filing.before_start", "/at")
    assert (clock(place).state, clock(place, "upward").state) == ("running", "waiting")
    file(world, clock(place), at=world.now - 50 * HOUR)
    assert clock(place).state == "filed"


def test_before_anybody_recorded_when_it_became_known_a_filing_is_not_older_than_the_incident(
    world: World, place: Incident
) -> None:
    grading.decide_grade(place.id, 1, "it looks bad", LI, world.now)
    assert clock(place).state == "waiting"
    with pytest.raises(RuleError, match=r"filing\.before_start"):
        file(world, clock(place), at=place.opened_at - HOUR)
    file(world, clock(place), at=place.opened_at)
    assert clock(place).state == "filed"


def test_a_waived_or_suspended_clock_stays_so_and_keeps_its_due_until_it_is_resumed(
    world: World, place: Incident
) -> None:
    aware(world, place)
    due = clock(place).due_at
    filings.suspend_clock(clock(place).id, "delay granted, letter 7", LI, world.now)
    answer(world, place, cii_down_minutes=35)
    assert (clock(place).state, clock(place).due_at) == ("suspended", due)
    with pytest.raises(RuleError, match=r"clock\.set_aside"):
        file(world, clock(place))
    filings.resume_clock(clock(place).id, "the delay is over", LI, world.now)
    assert (clock(place).state, clock(place).due_at) == ("undetermined", due)
    with pytest.raises(RuleError, match=r"clock\.is_running"):
        filings.resume_clock(clock(place).id, "again", LI, world.now)
    filings.waive_clock(clock(place).id, "another unit of the group files it", LI, world.now)
    with pytest.raises(RuleError, match=r"clock\.has_ended"):
        filings.waive_clock(clock(place).id, "again", LI, world.now)
    kinds = [kind for kind, _ in entries(place) if kind.startswith("clock.")]
    assert kinds == ["clock.suspended", "clock.resumed", "clock.waived"]


def test_a_clock_keeps_the_class_it_started_with_and_a_new_profile_only_adds(world: World, place: Incident) -> None:
    aware(world, place)
    due = clock(place).due_at
    put_profile(world, "other", "eu-nis2")
    world.fire()
    assert (clock(place).state, clock(place).due_at) == ("undetermined", due)
    assert clock(place, regime="cn-cac-other").due_at == due + 3 * HOUR  # type: ignore[operator]
    assert clock(place, "early-warning", "eu-nis2").state == "undetermined"
    before = len(rows(ProfileVersion))
    put_profile(world, "other", "eu-nis2")
    assert len(rows(ProfileVersion)) == before


def test_a_new_profile_adds_no_clock_to_a_closed_incident(world: World, place: Incident) -> None:
    aware(world, place)
    world.close(place)
    put_profile(world, "other")
    assert {one.regime for one in clock_rows.clocks_of(place.id)} == {"cn-cac-cii"}


def test_events_that_laws_count_from_start_their_clocks_and_each_fact_its_own(world: World) -> None:
    put_profile(world, "other", "au-ransom", "kr-network")
    incident = world.open()
    aware(world, incident)
    assert clock(incident, "report", "au-ransom").state == "waiting"
    clock_events.add_clock_event(incident.id, "paid", world.now, "2 BTC", LI, world.now)
    assert clock(incident, "report", "au-ransom").due_at == world.now + 72 * HOUR
    for minutes in (1, 2):
        world.forward(minutes=minutes)
        clock_events.add_clock_event(incident.id, "fact_added", world.now, "more hosts", LI, world.now)
    file(world, clock(incident, "supplement", "kr-network", n=1))
    assert clock(incident, "supplement", "kr-network", n=1).state == "filed"
    assert clock(incident, "supplement", "kr-network", n=2).state == "undetermined"


def test_the_end_of_handling_is_taken_back_only_with_a_reason_and_a_later_one_puts_no_summary_off(
    world: World, place: Incident
) -> None:
    aware(world, place)
    ended = world.now
    clock_events.put_handled(place.id, ended, None, LI, world.now)
    due = clock(place, "summary").due_at
    world.forward(days=2)
    with pytest.raises(RuleError, match=r"clock\.reason_missing"):
        clock_events.put_handled(place.id, world.now, None, LI, world.now)
    clock_events.put_handled(place.id, world.now, "one more host", LI, world.now)
    assert clock(place, "summary").due_at == due
    clock_events.put_handled(place.id, None, "it goes on", LI, world.now)
    assert clock(place, "summary").state == "waiting"


def test_an_end_of_handling_that_was_taken_back_is_put_later_only_by_two_people(world: World, place: Incident) -> None:
    aware(world, place)
    ended = world.now
    clock_events.put_handled(place.id, ended, None, LI, world.now)
    due = clock(place, "summary").due_at
    clock_events.put_handled(place.id, None, "it goes on", LI, world.now)
    world.forward(days=2)
    with pytest.raises(RuleError, match=r"clock\.reason_missing"):
        clock_events.put_handled(place.id, world.now, None, LI, world.now)
    later = clock_events.put_handled(place.id, world.now, "one more host", LI, world.now)
    assert later is not None
    assert (later.state, only(Incident).handled_at, clock(place, "summary").state) == (
        "awaiting_second",
        None,
        "waiting",
    )
    same = clock_events.put_handled(place.id, world.now, "one more host", LI, world.now)
    assert same is not None
    assert same.id == later.id
    clock_events.confirm_clock_event(later.id, WANG, world.now)
    assert only(Incident).handled_at == world.now
    assert clock(place, "summary").due_at == due + dt.timedelta(days=2)  # type: ignore[operator]
    clock_events.put_handled(place.id, world.now - HOUR, None, LI, world.now)
    assert clock(place, "summary").due_at == due + dt.timedelta(days=2) - HOUR  # type: ignore[operator]
    kinds = [kind for kind, _ in entries(place) if "handling" in kind]
    assert kinds == [
        "incident.handling_ended",
        "incident.handling_ended",
        "incident.handling_proposed",
        "incident.handling_ended",
        "incident.handling_ended",
    ]


def test_an_end_of_handling_that_waits_is_given_up_by_an_earlier_one_and_by_going_on(
    world: World, place: Incident
) -> None:
    ended = world.now
    clock_events.put_handled(place.id, ended, None, LI, world.now)
    world.forward(days=2)
    for given in (ended - HOUR, None):
        later = clock_events.put_handled(place.id, world.now, "one more host", LI, world.now)
        assert later is not None
        clock_events.put_handled(place.id, given, "it was seen before", LI, world.now)
        with pytest.raises(RuleError, match=r"approval\.not_waiting"):
            clock_events.confirm_clock_event(later.id, WANG, world.now)


def test_an_exercise_has_no_clocks_and_an_incident_without_awareness_none_yet(world: World, place: Incident) -> None:
    answer(world, place, persons_leaked="unknown")
    assert states(place) == {}
    grading.decide_grade(place.id, 2, "it looks bad", LI, world.now)
    assert states(place)["cn-cac-cii/first"] == "waiting"
    place.speed = 1
    db.session.commit()
    with pytest.raises(RuleError, match=r"clock\.exercise"):
        aware(world, place)


def test_the_next_deadline_of_an_incident_follows_its_clocks_for_lists(world: World, place: Incident) -> None:
    assert only(Incident).next_due_at is None
    aware(world, place)
    assert only(Incident).next_due_at == clock(place).due_at
    filings.waive_clock(clock(place).id, "reported by others", LI, world.now)
    assert only(Incident).next_due_at is None
    filings.resume_clock(clock(place).id, "no, it is ours", LI, world.now)
    assert only(Incident).next_due_at == clock(place).due_at
    file(world, clock(place), receipt_number=None)
    assert only(Incident).next_due_at is None


@pytest.mark.parametrize("stop", [filings.waive_clock, filings.suspend_clock])
def test_what_the_law_does_not_ask_for_cannot_be_set_aside_and_runs_once_it_does(
    world: World, place: Incident, stop: Any
) -> None:
    aware(world, place)
    grading.decide_grade(place.id, 4, "a small one", LI, world.now)
    with pytest.raises(RuleError, match=r"clock\.not_applicable"):
        stop(clock(place).id, "not owed", LI, world.now)
    grading.decide_grade(place.id, 1, "it is bad", LI, world.now)
    assert clock(place).state == "running"
