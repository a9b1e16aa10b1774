"""Decisions not to report: two people end the clocks of one regime, and what changes afterwards starts them again."""

import datetime as dt
import json
from typing import Any

import pytest

from incident.actions.deadlines import clock_events, filings, grading, not_reportable, profiles
from incident.actions.deadlines.filings import NewFiling
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.deadlines.not_reportable import NotReportableDecision, not_reportable_on
from incident.store.incidents.incidents import Incident
from incident.store.journal import journal
from tests.world import World, only

LI, WANG = "person:1:Li Wei", "person:2:Wang Fang"
HOUR = dt.timedelta(hours=1)
LAW = "cn-cac-cii"


@pytest.fixture
def place(world: World) -> Incident:
    profiles.put_profile(OrganizationProfile("cii", regimes=["eu-nis2"]), LI, world.now)
    incident = world.open()
    clock_events.put_awareness(incident.id, world.now, "Li Wei", "an alarm", None, LI, world.now)
    return incident


def propose(world: World, incident: Incident, regime: str = LAW) -> NotReportableDecision:
    return not_reportable.propose_not_reportable(incident.id, regime, "a test system", LI, world.now)


def decide(world: World, incident: Incident, regime: str = LAW) -> NotReportableDecision:
    return not_reportable.confirm_not_reportable(propose(world, incident, regime).id, WANG, world.now)


def answer(world: World, incident: Incident, **values: object) -> None:
    grading.put_answers(incident.id, values, LI, world.now)


def clock(incident: Incident, stage: str = "first", regime: str = LAW) -> IncidentClock:
    return next(one for one in clock_rows.clocks_of(incident.id) if (one.regime, one.stage) == (regime, stage))


def entries(incident: Incident, event_type: str) -> list[dict[str, Any]]:
    found = journal.latest_entries_of(incident.number, 30)
    return [json.loads(one.detail) for one in reversed(found) if one.event_type == event_type]


def test_two_people_end_the_clocks_of_one_regime_and_of_no_other(world: World, place: Incident) -> None:
    proposed = propose(world, place)
    assert (proposed.state, clock(place).state) == ("awaiting_second", "undetermined")
    not_reportable.confirm_not_reportable(proposed.id, WANG, world.now)
    assert {one.state for one in clock_rows.clocks_of(place.id) if one.regime == LAW} == {"not_applicable"}
    assert clock(place, "early-warning", "eu-nis2").state == "undetermined"
    assert clock(place).because[-1] == {
        "code": "not_reportable",
        "decision": proposed.id,
        "by": LI,
        "confirmed_by": WANG,
    }
    [before], [after] = (entries(place, f"incident.not_reportable_{one}") for one in ("proposed", "decided"))
    assert (before["regime"], before["reason"], before["content_hash"]) == (LAW, "a test system", proposed.content_hash)
    assert (after["proposed_by"], after["id"]) == (LI, proposed.id)


@pytest.mark.parametrize("what", ["an answer", "a grade", "a person"])
def test_the_clocks_run_again_at_once_with_the_due_that_they_had_after(
    world: World, place: Incident, what: str
) -> None:
    due = clock(place).due_at
    decision = decide(world, place)
    world.forward(minutes=10)
    if what == "an answer":
        answer(world, place, cii_down_minutes=35)
    elif what == "a grade":
        grading.decide_grade(place.id, 2, "it looks bad", LI, world.now)
    else:
        not_reportable.withdraw_not_reportable(decision.id, "it was no test system", LI, world.now)
    assert only(NotReportableDecision).state == "outdated"
    assert clock(place).due_at == due
    assert clock(place).state == ("running" if what == "a grade" else "undetermined")
    [ended] = entries(place, "incident.not_reportable_ended")
    assert ended["cause"] == {"an answer": "answers", "a grade": "grade", "a person": "person"}[what]
    with pytest.raises(RuleError, match=r"decision\.has_ended"):
        not_reportable.withdraw_not_reportable(decision.id, "again", LI, world.now)


def test_a_changed_answer_or_grade_outdates_what_still_waits(world: World, place: Incident) -> None:
    for change in (
        lambda: answer(world, place, views=1),
        lambda: grading.decide_grade(place.id, 3, "it looks bad", LI, world.now),
        lambda: propose(world, place),
    ):
        proposed = propose(world, place)
        change()
        with pytest.raises(RuleError, match=r"approval\.not_waiting"):
            not_reportable.confirm_not_reportable(proposed.id, WANG, world.now)
    assert entries(place, "incident.not_reportable_ended") == []
    assert clock(place).state == "running"


def test_what_asks_for_no_report_needs_no_decision(world: World, place: Incident) -> None:
    with pytest.raises(RuleError, match=r"decision\.no_clock"):
        propose(world, place, "au-ransom")
    grading.decide_grade(place.id, 4, "a small one", LI, world.now)
    with pytest.raises(RuleError, match=r"decision\.not_asked"):
        propose(world, place)
    place.speed = 1
    db.session.commit()
    with pytest.raises(RuleError, match=r"clock\.exercise"):
        propose(world, place)


def test_a_regime_whose_clocks_were_all_set_aside_meanwhile_is_not_decided_on(world: World, place: Incident) -> None:
    proposed = propose(world, place)
    for one in clock_rows.clocks_of(place.id):
        if one.regime == LAW:
            filings.waive_clock(one.id, "another unit files it", LI, world.now)
    with pytest.raises(RuleError, match=r"decision\.not_asked"):
        not_reportable.confirm_not_reportable(proposed.id, WANG, world.now)
    assert only(NotReportableDecision).state == "awaiting_second"


def test_what_was_filed_stays_filed(world: World, place: Incident) -> None:
    filings.file_clock(clock(place).id, NewFiling("phone", world.now, "12387"), LI, world.now)
    decide(world, place)
    assert (clock(place).state, clock(place, "summary").state) == ("filed", "not_applicable")


def test_the_decision_binds_regime_grade_rules_and_answers_by_its_hash(world: World, place: Incident) -> None:
    first = propose(world, place)
    answer(world, place, views=1)
    second = propose(world, place)
    assert first.content_hash != second.content_hash
    assert second.basis["answers"].keys() == {"views"}
    assert second.regime_hash == clock(place).regime_hash
    assert [one.state for one in not_reportable_on(place.id)] == ["outdated", "awaiting_second"]
