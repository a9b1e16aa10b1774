"""What one person proposes and a second one confirms: one rule for grades, times and decisions not to report."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from incident.actions.approvals import decline_as_second
from incident.actions.deadlines import clock_events, grading, not_reportable, profiles
from incident.actions.directory import people
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.store.approvals import TwoPersonRecord
from incident.store.db.counting import count_some
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.deadlines.gradings import GradeDecision
from incident.store.deadlines.not_reportable import NotReportableDecision
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident
from incident.store.incidents.news import NewsItem
from incident.store.journal import journal
from incident.store.queries.news_list import unread_news
from incident.store.queries.visibility import seen_incidents
from incident.store.queries.waiting_approvals import second_person_ids, second_person_values, waiting_approvals
from tests.world import World, only, rows

LI, WANG, ZHAO = "person:1:Li Wei", "person:2:Wang Fang", "person:3:Zhao"
PROGRAM = "token:7:script"
HOUR = dt.timedelta(hours=1)
KINDS = ("grade", "awareness", "handling_ended", "not_reportable")
MODELS: dict[str, type[Any]] = {"grade": GradeDecision, "not_reportable": NotReportableDecision}

Confirm = Callable[[int, str, dt.datetime], TwoPersonRecord]


def propose(world: World, incident: Incident, kind: str, by: str = LI) -> TwoPersonRecord:
    at, reason = world.now, "the first call was about something else"
    if kind == "grade":
        return grading.decide_grade(incident.id, 3, reason, by, at)
    if kind == "awareness":
        return clock_events.put_awareness(incident.id, at, "Li Wei", "a call", reason, by, at)
    if kind == "handling_ended":
        found = clock_events.put_handled(incident.id, at, reason, by, at)
        assert found is not None
        return found
    return not_reportable.propose_not_reportable(incident.id, "cn-cac-cii", reason, by, at)


CONFIRM: dict[str, Confirm] = {
    "grade": grading.confirm_grade,
    "awareness": clock_events.confirm_clock_event,
    "handling_ended": clock_events.confirm_clock_event,
    "not_reportable": not_reportable.confirm_not_reportable,
}


@pytest.fixture
def place(world: World) -> Incident:
    profiles.put_profile(OrganizationProfile("cii"), LI, world.now)
    incident = world.open()
    grading.put_answers(incident.id, {"persons_leaked": 10**7}, LI, world.now)
    clock_events.put_awareness(incident.id, world.now - HOUR, "Li Wei", "an alarm", None, LI, world.now)
    clock_events.put_handled(incident.id, world.now - HOUR, None, LI, world.now)
    return incident


def colleague(world: World) -> Person:
    return people.add_person("li", "Li Wei", "responder", None, None, "en", WANG, world.now)


def waiting(world: World, person: int, role: str = "coordinator") -> list[tuple[str, int]]:
    viewer = Viewer(role, person_id=person)  # type: ignore[arg-type]
    return [(one.approval_kind, one.id) for one, _ in waiting_approvals(viewer, world.now, 30)]


def counted(viewer: Viewer, now: dt.datetime) -> int:
    """How much waits for a person."""
    query, values = second_person_ids(seen_incidents(viewer)), second_person_values(viewer, now)
    return count_some(query, values=values)


@pytest.mark.parametrize("kind", KINDS)
def test_what_one_person_proposes_waits_for_another_and_for_nobody_else(
    world: World, place: Incident, kind: str
) -> None:
    proposed = propose(world, place, kind)
    assert proposed.state == "awaiting_second"
    assert (waiting(world, 1), waiting(world, 2)) == ([], [(kind, proposed.id)])
    for by, code in ((LI, "approval.is_given"), (PROGRAM, "approval.not_by_person")):
        with pytest.raises(RuleError) as refused:
            CONFIRM[kind](proposed.id, by, world.now)
        assert refused.value.code == code
    world.forward(hours=23, minutes=59)
    confirmed = CONFIRM[kind](proposed.id, WANG, world.now)
    assert (confirmed.state, confirmed.confirmed_by, confirmed.confirmed_at) == ("in_force", WANG, world.now)
    assert waiting(world, 2) == []
    with pytest.raises(RuleError, match=r"approval\.not_waiting"):
        CONFIRM[kind](proposed.id, ZHAO, world.now)
    with pytest.raises(RuleError, match=r"approval\.not_found"):
        CONFIRM[kind](10**6, WANG, world.now)


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_waited_a_day_is_listed_no_longer_and_outdated_by_whoever_confirms_it(
    world: World, place: Incident, kind: str
) -> None:
    proposed = propose(world, place, kind)
    world.forward(hours=24)
    assert waiting(world, 2) == []
    assert proposed.state_at(world.now) == "outdated"
    with pytest.raises(RuleError, match=r"approval\.has_expired"):
        CONFIRM[kind](proposed.id, WANG, world.now)
    model = MODELS.get(kind, ClockEventRecord)
    assert [one.state for one in rows(model) if one.id == proposed.id] == ["outdated"]
    [newest, *_] = journal.latest_entries_of(place.number, 1)
    assert (newest.event_type, newest.actor) == ("incident.approval_expired", WANG)
    assert json.loads(newest.detail) == {"kind": kind, "id": proposed.id, "by": LI}
    with pytest.raises(RuleError, match=r"approval\.not_waiting"):
        CONFIRM[kind](proposed.id, WANG, world.now)
    again = propose(world, place, kind)
    assert (again.state, again.id != proposed.id) == ("awaiting_second", True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_program_proposes_nothing(world: World, place: Incident, kind: str) -> None:
    with pytest.raises(RuleError, match=r"approval\.not_by_person"):
        propose(world, place, kind, PROGRAM)
    assert waiting(world, 2) == []


@pytest.mark.parametrize("kind", KINDS)
def test_of_two_who_confirm_at_once_one_is_the_second_person(world: World, place: Incident, kind: str) -> None:
    proposed = propose(world, place, kind).id
    done = world.at_once(*(lambda by=by: CONFIRM[kind](proposed, by, world.now) for by in (WANG, ZHAO)))
    refused = [one for one in done if isinstance(one, RuleError)]
    assert [one.code for one in refused] == ["approval.not_waiting"]
    model = MODELS.get(kind, ClockEventRecord)
    [row] = [one for one in rows(model) if one.id == proposed]
    assert (row.state, row.confirmed_by in (WANG, ZHAO)) == ("in_force", True)


def test_a_person_who_may_not_see_the_incident_is_not_asked(world: World, place: Incident) -> None:
    for kind in KINDS:
        propose(world, place, kind)
    assert [kind for kind, _ in waiting(world, 2, "responder")] == sorted(KINDS)
    world.change(place, tlp="red")
    assert waiting(world, 2, "responder") == []
    assert [kind for kind, _ in waiting(world, 2)] == sorted(KINDS)


def test_what_waits_is_counted_without_what_has_expired(world: World, place: Incident) -> None:
    for kind in KINDS:
        propose(world, place, kind)
    viewer = Viewer("coordinator", person_id=2)
    assert counted(viewer, world.now) == len(KINDS)
    assert counted(Viewer("coordinator", person_id=1), world.now) == 0
    world.forward(hours=24)
    assert counted(viewer, world.now) == 0


def test_the_grade_of_a_closed_incident_waits_for_nobody(world: World, place: Incident) -> None:
    proposed = propose(world, place, "grade")
    world.close(place, "over")
    assert waiting(world, 2) == []
    with pytest.raises(RuleError, match=r"incident\.is_closed"):
        grading.confirm_grade(proposed.id, WANG, world.now)


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_person_declines_and_the_first_one_learns_why(world: World, place: Incident, kind: str) -> None:
    li = colleague(world)
    first = f"person:{li.id}:Li Wei"
    second = f"person:{li.id + 1}:Wang Fang"
    proposed = propose(world, place, kind, first)
    grade, model = place.grade, MODELS.get(kind, ClockEventRecord)
    for by, code in ((first, "approval.is_own"), (PROGRAM, "approval.not_by_person")):
        with pytest.raises(RuleError) as refused:
            decline_as_second(model, proposed.id, "no", by, world.now)
        assert refused.value.code == code
    declined = decline_as_second(model, proposed.id, "the first call was right", second, world.now)
    assert (declined.state, declined.declined_by, declined.declined_at) == ("declined", second, world.now)
    assert (declined.decline_reason, declined.confirmed_by) == ("the first call was right", None)
    assert waiting(world, li.id + 2) == []
    assert only(Incident).grade == grade
    [newest, *_] = journal.latest_entries_of(place.number, 1)
    assert (newest.event_type, newest.actor) == ("incident.approval_declined", second)
    detail = {"kind": kind, "id": proposed.id, "by": first, "reason": "the first call was right"}
    assert json.loads(newest.detail) == detail
    [(item, its)] = unread_news(Viewer("responder", person_id=li.id), 10)
    assert (item.kind, item.words, item.by, its.number) == (
        "declined",
        "the first call was right",
        second,
        place.number,
    )
    for code, again in (
        ("approval.not_waiting", lambda: CONFIRM[kind](proposed.id, second, world.now)),
        ("approval.not_waiting", lambda: decline_as_second(model, proposed.id, "no", second, world.now)),
        ("approval.not_found", lambda: decline_as_second(model, 10**6, "no", second, world.now)),
    ):
        with pytest.raises(RuleError) as refused:
            again()
        assert refused.value.code == code
    assert propose(world, place, kind, first).state == "awaiting_second"


@pytest.mark.parametrize("kind", KINDS)
def test_of_one_who_confirms_and_one_who_declines_at_once_one_wins(world: World, place: Incident, kind: str) -> None:
    proposed, model = propose(world, place, kind).id, MODELS.get(kind, ClockEventRecord)
    done = world.at_once(
        lambda: CONFIRM[kind](proposed, WANG, world.now),
        lambda: decline_as_second(model, proposed, "no", ZHAO, world.now),
    )
    assert [one.code for one in done if isinstance(one, RuleError)] == ["approval.not_waiting"]
    [row] = [one for one in rows(model) if one.id == proposed]
    assert (row.state, row.confirmed_by, row.declined_by) in (("in_force", WANG, None), ("declined", None, ZHAO))
    told = [entry.event_type for entry in journal.latest_entries_of(place.number, 20)]
    assert ("incident.approval_declined" in told) is (row.state == "declined")


def test_what_has_waited_a_day_is_not_declined_either(world: World, place: Incident) -> None:
    proposed = propose(world, place, "grade")
    world.forward(hours=24)
    with pytest.raises(RuleError, match=r"approval\.has_expired"):
        decline_as_second(GradeDecision, proposed.id, "no", WANG, world.now)
    assert [one.state for one in rows(GradeDecision)] == ["outdated"]


def test_a_proposer_who_may_no_longer_see_the_incident_learns_nothing(world: World, place: Incident) -> None:
    li = colleague(world)
    proposed = propose(world, place, "grade", f"person:{li.id}:Li Wei")
    world.change(place, tlp="red")
    decline_as_second(GradeDecision, proposed.id, "no", f"person:{li.id + 1}:Wang", world.now)
    assert rows(NewsItem) == []


def test_two_declined_proposals_of_one_person_are_both_told(world: World, place: Incident) -> None:
    li = colleague(world)
    for kind, reason in (("grade", "first"), ("awareness", "second")):
        proposed = propose(world, place, kind, f"person:{li.id}:Li Wei")
        decline_as_second(
            MODELS.get(kind, ClockEventRecord), proposed.id, reason, f"person:{li.id + 1}:Wang", world.now
        )
    assert [one.words for one in rows(NewsItem)] == ["first", "second"]


def test_the_decision_that_was_declined_is_not_taken_back(world: World, place: Incident) -> None:
    proposed = propose(world, place, "not_reportable")
    decline_as_second(NotReportableDecision, proposed.id, "no", WANG, world.now)
    with pytest.raises(RuleError, match=r"decision\.has_ended"):
        not_reportable.withdraw_not_reportable(proposed.id, "no", LI, world.now)
