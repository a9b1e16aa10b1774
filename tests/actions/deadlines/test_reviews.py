"""Reviews: a decision that leaves an incident unreported is looked at again a day later and at each changed answer."""

import datetime as dt

import pytest

from incident.actions.deadlines import clock_events, grading, not_reportable, profiles
from incident.actions.deadlines.reviews import review_decision
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.store.deadlines import clock_rows
from incident.store.deadlines.gradings import GradeDecision
from incident.store.deadlines.not_reportable import NotReportableDecision
from incident.store.incidents.incidents import Incident
from incident.store.journal import journal
from incident.store.notifications.notices import Notice
from incident.store.playbooks.timers import Timer
from incident.store.queries.waiting_approvals import owed_reviews
from tests.world import World, only, rows

LI, WANG = "person:1:Li Wei", "person:2:Wang Fang"
DAY = dt.timedelta(days=1)


@pytest.fixture
def place(world: World) -> Incident:
    profiles.put_profile(OrganizationProfile("cii"), LI, world.now)
    world.fire()
    incident = world.open()
    clock_events.put_awareness(incident.id, world.now, "Li Wei", "an alarm", None, LI, world.now)
    return incident


def decide(world: World, incident: Incident) -> GradeDecision:
    return grading.decide_grade(incident.id, 4, "a small one", LI, world.now)


def due(world: World, role: str = "coordinator") -> list[tuple[str, int]]:
    viewer = Viewer(role, person_id=3)  # type: ignore[arg-type]
    return [(one.approval_kind, one.id) for one, _ in owed_reviews(viewer, world.now, 30)]


def written(incident: Incident) -> list[str]:
    found = [one.event_type for one in journal.latest_entries_of(incident.number, 30)]
    return [one for one in reversed(found) if "review" in one]


def test_an_ordinary_grade_while_a_graver_one_is_possible_is_looked_at_again_after_a_day(
    world: World, place: Incident
) -> None:
    decision = decide(world, place)
    assert {one.state for one in clock_rows.clocks_of(place.id)} == {"not_applicable"}
    assert decision.review_due_at == world.now + DAY
    assert due(world) == []
    with pytest.raises(RuleError, match=r"review\.not_due"):
        review_decision(GradeDecision, decision.id, "it stands", WANG, world.now)
    world.forward(days=1)
    assert world.fire() == 1
    assert due(world) == [("grade", decision.id)]
    with pytest.raises(RuleError, match=r"approval\.not_by_person"):
        review_decision(GradeDecision, decision.id, "it stands", "token:7:script", world.now)
    reviewed = review_decision(GradeDecision, decision.id, "the logs show nothing more", WANG, world.now)
    assert (reviewed.review_due_at, reviewed.reviewed_by, due(world)) == (None, WANG, [])
    assert written(place) == ["incident.review_due", "incident.decision_reviewed"]
    with pytest.raises(RuleError, match=r"review\.not_owed"):
        review_decision(GradeDecision, decision.id, "again", WANG, world.now)


def test_each_changed_answer_asks_for_a_review_at_once_until_no_graver_grade_is_possible(
    world: World, place: Incident
) -> None:
    decision = decide(world, place)
    assert len(rows(Timer, state="pending", subject_type="grade")) == 1
    for minutes in (1, 2):
        world.forward(minutes=minutes)
        grading.put_answers(place.id, {"views": minutes}, LI, world.now)
        assert due(world) == [("grade", decision.id)]
        review_decision(GradeDecision, decision.id, "few people saw it", WANG, world.now)
        assert due(world) == []
    assert written(place) == ["incident.review_due", "incident.decision_reviewed"] * 2
    assert rows(Timer, state="pending", subject_type="grade") == []


def test_a_decision_that_excludes_nothing_graver_is_not_looked_at_again(world: World, place: Incident) -> None:
    graver = grading.decide_grade(place.id, 2, "it looks bad", LI, world.now)
    assert graver.review_due_at is None
    grading.put_answers(place.id, {"views": 1}, LI, world.now)
    assert written(place) == []


def test_another_decision_or_the_end_of_the_incident_ends_the_wait_for_a_review(world: World, place: Incident) -> None:
    decide(world, place)
    world.forward(days=1)
    again = decide(world, place)
    assert due(world) == []
    world.fire()
    assert written(place) == []
    world.forward(days=1)
    assert due(world) == [("grade", again.id)]
    world.close(place, "over")
    assert due(world) == []
    assert world.fire() == 1
    assert written(place) == []


def test_a_decision_not_to_report_is_looked_at_again_after_a_day_by_those_who_may_see_it(
    world: World, place: Incident
) -> None:
    proposed = not_reportable.propose_not_reportable(place.id, "cn-cac-cii", "a test system", LI, world.now)
    assert proposed.review_due_at is None
    world.forward(hours=1)
    not_reportable.confirm_not_reportable(proposed.id, WANG, world.now)
    world.forward(days=1)
    assert due(world, "responder") == [("not_reportable", proposed.id)]
    assert world.fire() == 1
    assert written(place) == ["incident.review_due"]
    world.change(place, tlp="red")
    assert due(world, "responder") == []
    review_decision(NotReportableDecision, proposed.id, "still a test system", LI, world.now)
    assert only(NotReportableDecision).reviewed_by == LI
    assert due(world) == []


def test_a_review_that_comes_due_notifies_the_leading_department_until_it_is_done(world: World) -> None:
    net = world.department("net", [("duty", 1)], [15])
    profiles.put_profile(OrganizationProfile("cii"), LI, world.now)
    world.fire()
    incident = world.open("net")
    clock_events.put_awareness(incident.id, world.now, "Li Wei", "an alarm", None, LI, world.now)
    decision = decide(world, incident)
    world.forward(days=1)
    world.fire()
    notice = only(Notice, purpose="review")
    assert (notice.subject_type, notice.subject_id, notice.department_id) == ("grade", decision.id, net.id)
    [message] = [one for one in world.send() if "Decision to review" in str(one.message)]
    assert f"/incidents/{incident.number}/grading" in str(message.message)
    review_decision(GradeDecision, decision.id, "it stands", WANG, world.now)
    assert only(Notice, purpose="review").state == "withdrawn"
    grading.put_answers(incident.id, {"persons_leaked": 5}, LI, world.now)
    assert only(Notice, purpose="review").state == "open"


def test_a_decision_that_no_longer_stands_withdraws_the_notice_of_its_review(world: World) -> None:
    world.department("net", [("duty", 1)], [15])
    profiles.put_profile(OrganizationProfile("cii"), LI, world.now)
    world.fire()
    incident = world.open("net")
    clock_events.put_awareness(incident.id, world.now, "Li Wei", "an alarm", None, LI, world.now)
    row = not_reportable.propose_not_reportable(incident.id, "cn-cac-cii", "a test", LI, world.now)
    not_reportable.confirm_not_reportable(row.id, WANG, world.now)
    world.forward(days=1)
    world.fire()
    notice = only(Notice, purpose="review")
    assert (notice.subject_type, notice.state) == ("not_reportable", "open")
    not_reportable.withdraw_not_reportable(row.id, "it is one", LI, world.now)
    assert only(Notice, purpose="review").state == "withdrawn"
