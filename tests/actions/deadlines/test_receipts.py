"""Receipts: a department here that received a report owes the report onward and is warned of it."""

import datetime as dt
from typing import Any

import pytest

from incident.actions.deadlines import clock_events, filings, grading, profiles
from incident.actions.deadlines.filings import NewFiling
from incident.actions.directory.departments import change_department
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.values.access import IncidentFacts, Viewer, may_file_for
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import Filing, IncidentClock
from incident.store.directory.departments import Department
from incident.store.incidents import incidents, lookups
from incident.store.incidents.incidents import Incident
from incident.store.incidents.lookups import leading_departments
from incident.store.notifications.notices import Notice
from incident.store.queries.visibility import visible_incidents
from tests.world import World, only, rows

LI = "person:1:Li Wei"
HALF = dt.timedelta(minutes=30)


@pytest.fixture
def office(world: World) -> Department:
    department = world.department("office", [("desk", 1)], [60])
    authority = {"roles": ["protection_department"], "regions": ["33"]}
    return change_department(department.id, {"authority": authority}, None, LI, world.now)


@pytest.fixture
def place(world: World, office: Department) -> Incident:
    world.department("net", [("duty", 1)], [15])
    profiles.put_profile(OrganizationProfile("cii", [], ["330100"]), LI, world.now)
    incident = world.open("net")
    clock_events.put_awareness(incident.id, world.now, "Li Wei", "alarm", None, LI, world.now)
    grading.put_answers(incident.id, {"cii_down_minutes": 125}, LI, world.now)
    grading.decide_grade(incident.id, 2, None, LI, world.now)
    world.forward(minutes=10)
    return incident


def clock(incident: Incident, stage: str = "first") -> IncidentClock:
    db.session.rollback()
    return next(one for one in clock_rows.clocks_of(incident.id) if one.stage == stage)


def file(world: World, one: IncidentClock, *departments: str, **more: Any) -> Filing:
    given: dict[str, Any] = {"channel": "phone", "at": world.now, "to": "12387", "departments": departments} | more
    return filings.file_clock(one.id, NewFiling(**given), LI, world.now)


def deadlines(incident: Incident, stage: str) -> list[tuple[int, str]]:
    found = rows(Notice, purpose="deadline", subject_id=clock(incident, stage).id)
    return [(one.department_id, one.state) for one in found]


def test_a_filing_to_a_department_here_starts_the_report_onward_that_it_owes(
    world: World, place: Incident, office: Department
) -> None:
    world.forward(minutes=5)
    file(world, clock(place), "office", at=world.now - dt.timedelta(minutes=5))
    upward = clock(place, "upward")
    assert (upward.state, upward.start_at, upward.due_at) == ("running", world.now, world.now + HALF)
    assert upward.duty_department_id == office.id
    receipt = only(Notice, purpose="receipt")
    assert (receipt.department_id, receipt.state, receipt.subject_id) == (office.id, "open", clock(place).id)
    assert office.id in incidents.departments_on(place.id)
    assert office.id not in leading_departments([place.id])[place.id]
    assert office.id not in lookups.responsible_on(place.id)
    seen = visible_incidents(Viewer("department", frozenset({office.id})))
    assert seen is not None
    assert db.session.query(Incident).filter(seen).all() == [place]


def test_the_department_that_received_it_is_warned_and_the_operator_is_not(
    world: World, place: Incident, office: Department
) -> None:
    file(world, clock(place), "office")
    for _ in range(31):
        world.forward(minutes=1)
        world.fire()
    assert deadlines(place, "upward") == [(office.id, "open")]
    assert clock(place, "upward").warned_percent == 100
    file(world, clock(place, "upward"), receipt_number="R-1", late={"reason_code": "other", "text": "night"})
    assert deadlines(place, "upward") == [(office.id, "withdrawn")]


def test_a_later_filing_that_names_the_department_takes_the_duty_from_those_who_watched(
    world: World, place: Incident, office: Department
) -> None:
    file(world, clock(place), receipt_number="R-1")
    assert clock(place, "upward").duty_department_id is None
    for _ in range(16):
        world.forward(minutes=1)
        world.fire()
    [(watching, _)] = deadlines(place, "upward")
    assert watching != office.id
    file(world, clock(place), "office")
    world.fire()
    assert deadlines(place, "upward") == [(watching, "withdrawn"), (office.id, "open")]


def test_an_announcement_and_a_filing_to_another_authority_are_no_receipt(world: World, place: Incident) -> None:
    file(world, clock(place), "office", is_oral=True)
    police = world.department("police")
    change_department(police.id, {"authority": {"roles": ["police"]}}, None, LI, world.now)
    file(world, clock(place), "police")
    assert clock(place, "upward").state == "waiting"
    assert [one.department_id for one in rows(Notice, purpose="receipt")] == [police.id]


def test_who_is_no_recipient_cannot_be_named(world: World, place: Incident) -> None:
    with pytest.raises(RuleError, match=r"filing\.not_a_recipient") as refused:
        file(world, clock(place), "net")
    assert refused.value.pointer == "/departments/0"
    assert rows(Notice, purpose="receipt") == []


def test_a_recipient_that_is_asked_to_handle_the_incident_becomes_responsible(
    world: World, place: Incident, office: Department
) -> None:
    file(world, clock(place), "office")
    assert not lookups.put_department_on(place.id, office.id)
    db.session.flush()
    assert office.id in lookups.responsible_on(place.id)
    assert not lookups.put_department_on(place.id, office.id, is_recipient=True)
    db.session.flush()
    assert office.id in lookups.responsible_on(place.id)
    db.session.rollback()


@pytest.mark.parametrize(
    ("role", "department", "tlp", "may"),
    [
        ("department", 7, None, True),
        ("department", 8, None, False),
        ("responder", 7, None, True),
        ("responder", 8, None, False),
        ("responder", None, None, False),
        ("coordinator", None, None, True),
        ("administrator", None, "red", True),
        ("department", 7, "red", False),
        ("reader", 7, None, False),
    ],
)
def test_only_the_department_and_coordinators_file_what_it_owes(
    role: Any, department: int | None, tlp: str | None, may: bool
) -> None:
    viewer = Viewer(role, frozenset() if department is None else frozenset({department}))
    assert may_file_for(viewer, 7, IncidentFacts(tlp, frozenset({7, 8}))) is may


def test_a_report_onward_may_be_filed_before_the_first_report_was_recorded_here(world: World, place: Incident) -> None:
    sent = world.now
    world.forward(minutes=20)
    file(world, clock(place), "office", at=sent)
    upward = clock(place, "upward")
    assert upward.start_at == world.now
    assert [one["proof"] for one in upward.because if "proof" in one] == ["department"]
    with pytest.raises(RuleError, match=r"filing\.before_start"):
        file(world, upward, at=sent - HALF)
    file(world, upward, at=sent + HALF / 2)
    assert clock(place, "upward").state == "filed"
