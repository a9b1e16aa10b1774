"""Answers and decisions on a grade: kept, journalled, by one person or by two."""

import datetime as dt
import json

import pytest

from incident.actions.deadlines import grading as use_cases
from incident.actions.graded_facts import grading_of
from incident.core.values.faults import RuleError
from incident.store.approvals import Approval
from incident.store.deadlines import gradings
from incident.store.deadlines.gradings import GradeDecision, GradingAnswer
from incident.store.incidents.incidents import Incident
from incident.store.journal import journal
from tests.world import World, only, rows

LI, WANG = "person:1:Li Wei", "person:2:Wang Fang"


def answer(world: World, incident: Incident, by: str = LI, **values: object) -> None:
    use_cases.put_answers(incident.id, values, by, world.now)


def decide(world: World, incident: Incident, grade: int, reason: str | None = None, by: str = LI) -> GradeDecision:
    return use_cases.decide_grade(incident.id, grade, reason, by, world.now)


def confirm(world: World, decision: GradeDecision, by: str) -> GradeDecision:
    return use_cases.confirm_grade(decision.id, by, world.now)


def entries(incident: Incident) -> list[tuple[str, dict[str, object]]]:
    found = journal.latest_entries_of(incident.number, 20)
    return [(one.event_type, json.loads(one.detail)) for one in found if "grad" in one.event_type]


def test_an_outage_grows_with_the_clock_until_it_is_over_or_the_incident_is_closed(world: World) -> None:
    incident = world.open()
    answer(world, incident, cii_down_minutes=35)
    result = grading_of(incident, world.now)
    assert (result.certain, [one.grade for one in result.following]) == (3, [2, 1])
    world.forward(minutes=85)
    assert grading_of(incident, world.now).certain == 2
    use_cases.put_answers(incident.id, {"cii_down_minutes": 100}, LI, world.now, ended=frozenset({"cii_down_minutes"}))
    world.forward(days=3)
    assert grading_of(incident, world.now).certain == 3
    answer(world, incident, cii_down_minutes=100)
    world.close(incident, "over")
    world.forward(days=3)
    assert grading_of(only(Incident), world.now).certain == 3


def test_every_answer_is_kept_with_person_time_and_evidence_and_the_newest_counts(world: World) -> None:
    incident = world.open()
    use_cases.put_answers(incident.id, {"views": 100}, LI, world.now, evidence="statistics of the site")
    world.forward(minutes=1)
    answer(world, incident, WANG, views="unknown")
    latest = gradings.latest_answers(incident.id)
    assert len(rows(GradingAnswer)) == 2
    assert (latest["views"].answer["value"], latest["views"].answered_by) == (None, WANG)
    assert entries(incident)[-1] == (
        "incident.grading_answered",
        {"answers": {"views": 100}, "evidence": "statistics of the site"},
    )


def test_the_same_answer_again_is_not_stored_and_a_wrong_one_stores_nothing(world: World) -> None:
    incident = world.open()
    answer(world, incident, views=100, portal_level="none")
    answer(world, incident, views=100)
    with pytest.raises(RuleError) as raised:
        answer(world, incident, reposts=5, portal_level="village", nonsense=1)
    assert len(raised.value.all) == 2
    with pytest.raises(RuleError, match=r"grading\.no_such_question"):
        use_cases.put_answers(incident.id, {"views": 1}, LI, world.now, ended=frozenset({"reposts"}))
    assert len(rows(GradingAnswer)) == 2


def test_a_decision_that_equals_what_is_proved_needs_one_person_and_no_reason(world: World) -> None:
    incident = world.open(grade=4)
    answer(world, incident, persons_leaked=10**7)
    decided = decide(world, incident, 2)
    assert (decided.state, decided.proposed, decided.possible) == ("in_force", 2, 1)
    assert only(Incident).grade == 2
    [(event_type, detail), *_] = entries(incident)
    assert event_type == "incident.grade_decided"
    assert (detail["before"], detail["after"], detail["proposed"]) == ({"grade": 4}, {"grade": 2}, 2)


def test_a_higher_grade_needs_a_reason_and_acts_at_once(world: World) -> None:
    incident = world.open(grade=4)
    with pytest.raises(RuleError, match=r"grading\.reason_missing"):
        decide(world, incident, 1)
    decide(world, incident, 1, "The ministry said so.")
    assert only(Incident).grade == 1


def test_a_lower_grade_waits_for_another_person_and_changes_nothing_before(world: World) -> None:
    incident = world.open(grade=2)
    answer(world, incident, persons_leaked=10**7)
    proposed = decide(world, incident, 3, "Most records are of one person.")
    assert (proposed.state, only(Incident).grade) == ("awaiting_second", 2)
    with pytest.raises(RuleError, match=r"approval\.is_given"):
        confirm(world, proposed, LI)
    world.forward(minutes=5)
    confirmed = confirm(world, proposed, WANG)
    assert (confirmed.state, confirmed.confirmed_by, only(Incident).grade) == ("in_force", WANG, 3)
    assert len(rows(Approval)) == 2
    with pytest.raises(RuleError, match=r"approval\.not_waiting"):
        confirm(world, proposed, "person:3:Zhao")


def test_nobody_takes_back_a_decided_grade_alone(world: World) -> None:
    incident = world.open()
    decide(world, incident, 1, "The minister was informed.")
    lower = decide(world, incident, 4, "It was a mistake.")
    assert (lower.state, incident.grade) == ("awaiting_second", 1)
    confirm(world, lower, WANG)
    assert incident.grade == 4


def test_a_program_cannot_be_one_of_the_two(world: World) -> None:
    incident = world.open()
    answer(world, incident, persons_leaked=10**7)
    with pytest.raises(RuleError, match=r"approval\.not_by_person"):
        decide(world, incident, 3, "x", by="token:1:script")
    assert len(rows(GradeDecision)) == 0


@pytest.mark.parametrize("what", ["another answer", "another decision"])
def test_what_waits_for_a_second_person_is_outdated_by(world: World, what: str) -> None:
    incident = world.open(grade=2)
    answer(world, incident, persons_leaked=10**7)
    proposed = decide(world, incident, 3, "Most records are of one person.")
    if what == "another answer":
        answer(world, incident, persons_leaked=10**8)
    else:
        decide(world, incident, 2)
    with pytest.raises(RuleError, match=r"approval\.not_waiting"):
        confirm(world, proposed, WANG)


def test_a_decided_grade_is_not_lowered_by_a_change_of_facts_alone(world: World) -> None:
    incident = world.open(grade=3)
    world.change(incident, grade=4)
    answer(world, incident, persons_leaked=10**7)
    decide(world, incident, 2)
    for lower in (3, 4, None):
        with pytest.raises(RuleError, match=r"grading\.is_decided"):
            world.change(incident, grade=lower)
    world.change(incident, grade=1)
    assert only(Incident).grade == 1


def test_the_grade_of_a_closed_incident_stays(world: World) -> None:
    incident = world.open()
    world.close(incident, "over")
    for use_case in (lambda: answer(world, incident, views=1), lambda: decide(world, incident, 1, "x")):
        with pytest.raises(RuleError, match=r"incident\.is_closed"):
            use_case()


def test_the_decision_binds_rules_and_answers_by_its_hash(world: World) -> None:
    incident = world.open()
    answer(world, incident, persons_leaked=10**7)
    first = decide(world, incident, 2)
    world.forward(minutes=1)
    answer(world, incident, views=1)
    second = decide(world, incident, 2)
    assert first.basis["rule_sets"].keys() == {"cn-cac-guide", "gbt-20986"}
    assert first.content_hash != second.content_hash
    assert dt.timedelta(0) < second.proposed_at - first.proposed_at
