"""Published rules and another profile grade many incidents again: in small transactions that outlive a crash."""

import threading

from incident.actions.deadlines import clock_events, grading, own_rule_sets, profiles
from incident.actions.graded_facts import grading_of
from incident.actions.operations import timers
from incident.actions.unit_of_work import transaction
from incident.core.deadlines.grading import Answer
from incident.core.deadlines.regimes import OrganizationProfile
from incident.store.deadlines.gradings import GradingAnswer
from incident.store.deadlines.incident_gradings import IncidentGrading, add_incident_grading
from incident.store.incidents.incidents import Incident, lock_incident
from incident.store.playbooks.timers import PATIENT_LIMIT, Timer
from incident.store.queries.waiting_gradings import waits_for_grading
from tests.actions.deadlines.test_own_rule_sets import grid, harmless
from tests.world import World, rows

LI = "person:1:Li Wei"


def graded(world: World, count: int, sector: str = "energy") -> list[Incident]:
    """Incidents of which every question is answered with nothing."""
    found = [world.open(sector=sector, title=f"incident {number}") for number in range(count)]
    nothing = harmless(found[0])
    for one in found:
        clock_events.put_awareness(one.id, world.now, "Li Wei", "an alarm", None, LI, world.now)
        grading.put_answers(one.id, nothing, LI, world.now, ended=frozenset(nothing))
    return found


def waiting() -> int:
    return len(rows(Timer, state="pending", subject_type="grading"))


def test_incidents_are_graded_a_few_at_a_time_after_whatever_else_is_due(world: World) -> None:
    found = graded(world, PATIENT_LIMIT + 2)
    unaffected = graded(world, 1, "finance")[0]
    own_rule_sets.publish_rule_set(grid(), None, LI, world.now)
    assert waits_for_grading()
    assert waits_for_grading(found[0].id)
    assert timers.fire_due(world.now).count == 1
    assert waiting() == PATIENT_LIMIT + 2
    assert not waits_for_grading(unaffected.id)
    world.change(unaffected, sector="energy")
    assert timers.fire_due(world.now).count == 1  # what a person has changed comes first
    assert not waits_for_grading(unaffected.id)
    assert timers.fire_due(world.now).count == PATIENT_LIMIT
    assert waiting() == 2  # the program may end here: what is left is in the database
    world.fire()
    assert (waiting(), waits_for_grading()) == (0, False)
    assert {one.possible for one in rows(IncidentGrading)} == {1}


def test_an_incident_that_is_answered_by_the_rules_before_while_others_are_published_follows_them(
    world: World,
) -> None:
    profiles.put_profile(OrganizationProfile("cii", [], ["330000"]), LI, world.now)
    world.fire()
    incident = world.open(sector="energy")
    nothing, is_read, may_end = harmless(incident), threading.Event(), threading.Event()
    given = {key: Answer(value, world.now, world.now) for key, value in nothing.items()}  # type: ignore[arg-type]

    def answer() -> None:
        with transaction(LI, world.now) as uow:
            result = grading_of(lock_incident(incident.id), world.now, given)  # by the rules before
            is_read.set()
            assert may_end.wait(20)
            for key, value in nothing.items():
                about = {"key": key, "answer": {"value": value, "is_ongoing": False}, "evidence": None}
                uow.add(GradingAnswer(incident_id=incident.id, answered_at=world.now, answered_by=LI, **about))
            acted_on = add_incident_grading(incident.id)
            acted_on.certain, acted_on.possible = result.certain, result.possible

    def publish() -> None:
        assert is_read.wait(20)
        if world.settings.database_url.startswith("sqlite"):
            may_end.set()  # there is one writer at a time
        own_rule_sets.publish_rule_set(grid(), None, LI, world.now)
        timers.fire_due(world.now)
        timers.fire_due(world.now)
        may_end.set()

    assert [one for one in world.at_once(answer, publish) if isinstance(one, BaseException)] == []
    world.fire()
    assert [one.possible for one in rows(IncidentGrading)] == [1]
    assert waiting() == 0


def test_another_profile_adds_its_clocks_in_the_same_way(world: World) -> None:
    found = graded(world, 2)
    profiles.put_profile(OrganizationProfile("cii", ["energy"], ["330000"]), LI, world.now)
    assert waits_for_grading(found[1].id)
    world.fire()
    assert not waits_for_grading()
