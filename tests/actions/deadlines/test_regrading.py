"""Grading again: a number that grows, another sector, another profile and a reopened incident move what is proved."""

import datetime as dt
import json

import pytest

from incident.actions.deadlines import clock_events, grading, own_rule_sets, profiles
from incident.actions.deadlines.reviews import review_decision
from incident.actions.graded_facts import grading_of
from incident.actions.incidents.incidents import reopen_incident
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.values.faults import RuleError
from incident.store.deadlines import clock_rows
from incident.store.deadlines.gradings import GradeDecision
from incident.store.incidents.incidents import Incident
from incident.store.journal import journal
from incident.store.notifications.notices import Notice
from incident.store.playbooks.timers import Timer
from tests.actions.deadlines.test_own_rule_sets import grid, harmless
from tests.world import World, only, rows

LI, WANG = "person:1:Li Wei", "person:2:Wang Fang"
CII = OrganizationProfile("cii", [], ["330000"])


def place(world: World, *codes: str, profile: OrganizationProfile = CII, **facts: str) -> Incident:
    profiles.put_profile(profile, LI, world.now)
    incident = world.open(*codes, **facts)
    clock_events.put_awareness(incident.id, world.now, "Li Wei", "an alarm", None, LI, world.now)
    return incident


def answer(world: World, incident: Incident, *growing: str) -> None:
    """Answer that nothing has happened; the minutes of some questions grow."""
    answers = harmless(incident)
    grading.put_answers(incident.id, answers, LI, world.now, ended=frozenset(answers) - set(growing))


def states(incident: Incident) -> set[str]:
    return {one.state for one in clock_rows.clocks_of(incident.id)}


def entries(incident: Incident, event_type: str) -> list[dict[str, object]]:
    found = journal.latest_entries_of(incident.number, 60)
    return [json.loads(one.detail) for one in reversed(found) if one.event_type == event_type]


def growths(incident: Incident) -> list[dt.datetime]:
    return [one.due_at for one in rows(Timer, state="pending", subject_type="growth", subject_id=incident.id)]


def test_what_will_follow_keeps_the_clocks_open_and_each_threshold_is_acted_on(world: World) -> None:
    incident, begun = place(world), world.now
    answer(world, incident, "cii_down_minutes")
    assert "undetermined" in states(incident)
    assert growths(incident) == [begun + dt.timedelta(minutes=30)]
    world.forward(minutes=29)
    world.fire()
    assert entries(incident, "incident.grading_changed") == []
    world.forward(minutes=1)
    world.fire()
    assert entries(incident, "incident.grading_changed") == [
        {"cause": "growth", "before": 4, "certain": 3, "possible": 1}
    ]
    assert growths(incident) == [begun + dt.timedelta(hours=2)]
    world.forward(days=2)  # the program was down, or the clock jumped
    world.fire()
    assert [one["certain"] for one in entries(incident, "incident.grading_changed")] == [3, 1]
    assert (growths(incident), "undetermined" in states(incident)) == ([], True)


def test_after_a_decision_on_iv_each_threshold_asks_for_a_review_and_ends_a_proposal(world: World) -> None:
    world.department("CERT", [("duty", 1)], [5])
    incident = place(world, "CERT")
    answer(world, incident, "cii_down_minutes")
    decision = grading.decide_grade(incident.id, 4, "it will be over soon", LI, world.now)
    assert (states(incident), decision.review_due_at) == ({"not_applicable"}, world.now + dt.timedelta(days=1))
    world.forward(minutes=30)
    world.fire()
    assert [one["cause"] for one in entries(incident, "incident.review_due")] == ["growth"]
    assert [one.purpose for one in rows(Notice, subject_type="grade")] == ["review"]
    review_decision(GradeDecision, decision.id, "still small", WANG, world.now)
    grading.decide_grade(incident.id, 3, None, LI, world.now)
    assert "running" in states(incident)
    waits = grading.decide_grade(incident.id, 4, "only a part of it", LI, world.now)
    world.forward(minutes=90)
    world.fire()
    assert only(GradeDecision, id=waits.id).state == "outdated"


@pytest.mark.parametrize("how", ["over", "closed"])
def test_the_timer_ends_with_the_growth(world: World, how: str) -> None:
    incident = place(world)
    answer(world, incident, "cii_down_minutes")
    world.forward(minutes=1)
    if how == "over":
        grading.put_answers(incident.id, {"cii_down_minutes": 1}, LI, world.now, ended=frozenset({"cii_down_minutes"}))
        assert states(incident) == {"not_applicable"}
    else:
        world.close(incident, "over")
    assert growths(incident) == []
    world.forward(days=1)
    world.fire()
    assert entries(incident, "incident.grading_changed") == []


@pytest.mark.parametrize("how", ["sector", "profile"])
def test_another_sector_and_another_profile_grade_again(world: World, how: str) -> None:
    incident = place(world, sector="finance") if how == "sector" else place(world)
    answer(world, incident)
    decision = grading.decide_grade(incident.id, 4, None, LI, world.now)
    assert (grading_of(incident, world.now).possible, decision.review_due_at) == (4, None)
    world.fire()
    world.forward(minutes=1)
    if how == "sector":
        world.change(incident, sector="communication")
    else:
        profiles.put_profile(OrganizationProfile("cii", ["communication"], ["330000"]), LI, world.now)
    world.fire()
    assert entries(incident, "incident.grading_changed") == [{"cause": how, "before": 4, "certain": 4, "possible": 2}]
    assert only(GradeDecision).review_due_at == world.now


def test_reopening_grades_by_the_present_rules_and_asks_for_a_review_that_fell_due_meanwhile(world: World) -> None:
    incident = place(world)
    grading.decide_grade(incident.id, 4, "little is known", LI, world.now)
    other = world.open(title="another")
    answer(world, other)
    grading.decide_grade(other.id, 4, None, LI, world.now)
    world.fire()
    for one in (incident, other):
        world.close(one, "over")
    world.forward(days=2)
    world.fire()
    own_rule_sets.publish_rule_set(grid(sectors=[]), None, LI, world.now)
    world.fire()
    assert entries(incident, "incident.review_due") == entries(other, "incident.review_due") == []
    world.forward(minutes=1)
    for one in (incident, other):
        reopen_incident(one.id, "again", LI, world.now)
    world.fire()
    assert [one["cause"] for one in entries(incident, "incident.review_due")] == ["time"]
    assert [one["cause"] for one in entries(other, "incident.review_due")] == ["reopened"]


def test_the_time_that_an_incident_was_closed_is_no_outage(world: World) -> None:
    incident = place(world)
    answer(world, incident, "cii_down_minutes")
    world.forward(minutes=5)
    world.close(incident, "over")
    world.forward(days=10)
    reopened = reopen_incident(incident.id, "again", LI, world.now)
    world.fire()
    assert (grading_of(reopened, world.now).possible, growths(incident)) == (4, [])
    world.forward(minutes=1)
    grading.put_answers(incident.id, {"cii_down_minutes": 5}, LI, world.now)
    assert (grading_of(reopened, world.now).possible, growths(incident)) == (1, [world.now + dt.timedelta(minutes=25)])


def test_a_graver_grade_given_to_the_incident_is_a_decision_and_the_clocks_follow(world: World) -> None:
    incident = place(world)
    grading.decide_grade(incident.id, 4, "little is known", LI, world.now)
    world.fire()
    assert states(incident) == {"not_applicable"}
    world.forward(minutes=1)
    world.change(incident, grade=1)
    decided = [(one.decided, one.state, one.proposed_by) for one in rows(GradeDecision)]
    assert decided == [(4, "outdated", LI), (1, "in_force", LI)]
    world.fire()
    first = next(one for one in clock_rows.clocks_of(incident.id) if one.stage == "first")
    assert (first.state, first.due_at) == ("running", world.now + dt.timedelta(minutes=59))
    for grade in (3, None):
        with pytest.raises(RuleError, match=r"grading\.is_decided"):
            world.change(incident, grade=grade)
    world.forward(days=2)
    world.fire()
    assert entries(incident, "incident.review_due") == []


def test_a_grade_given_before_any_decision_decides_nothing(world: World) -> None:
    incident = place(world)
    world.change(incident, grade=3)
    world.change(incident, grade=4)
    assert rows(GradeDecision) == []
