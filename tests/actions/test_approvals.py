"""What one person proposes and a second one confirms: one rule for grades, times and decisions not to report."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from incident.actions.deadlines import clock_events, grading, not_reportable, profiles
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.store.approvals import TwoPersonRecord
from incident.store.db.counting import count_some
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.deadlines.gradings import GradeDecision
from incident.store.deadlines.not_reportable import NotReportableDecision
from incident.store.incidents.incidents import Incident
from incident.store.journal import journal
from incident.store.queries.waiting_approvals import second_person_ids, waiting_approvals
from tests.world import World, rows

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


def waiting(world: World, person: int, role: str = "coordinator") -> list[tuple[str, int]]:
    viewer = Viewer(role, person_id=person)  # type: ignore[arg-type]
    return [(one.approval_kind, one.id) for one, _ in waiting_approvals(viewer, world.now, 30)]


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
    assert count_some(second_person_ids(viewer, world.now)) == len(KINDS)
    assert count_some(second_person_ids(Viewer("coordinator", person_id=1), world.now)) == 0
    world.forward(hours=24)
    assert count_some(second_person_ids(viewer, world.now)) == 0


def test_the_grade_of_a_closed_incident_waits_for_nobody(world: World, place: Incident) -> None:
    proposed = propose(world, place, "grade")
    world.close(place, "over")
    assert waiting(world, 2) == []
    with pytest.raises(RuleError, match=r"incident\.is_closed"):
        grading.confirm_grade(proposed.id, WANG, world.now)
