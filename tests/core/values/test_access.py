"""Permissions by role and object."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.values.access import (
    ALL_PERMISSIONS,
    PERMISSIONS,
    ROLES,
    IncidentFacts,
    Role,
    Viewer,
    may,
    may_acknowledge,
    may_complete_task,
    may_see_incident,
    may_see_notice,
)

AMBER = IncidentFacts("amber", frozenset({1, 2}), frozenset({7}))
RED = IncidentFacts("red", frozenset({1, 2}), frozenset({7}))
VIEWERS = st.builds(
    Viewer,
    st.sampled_from(ROLES),
    st.frozensets(st.integers(1, 4), max_size=2),
    st.none() | st.integers(6, 8),
)
INCIDENTS = st.builds(
    IncidentFacts,
    st.sampled_from([None, "clear", "green", "amber", "amber+strict", "red"]),
    st.frozensets(st.integers(1, 4), max_size=2),
    st.frozensets(st.integers(6, 8), max_size=2),
)


def who_may(permission: str) -> set[str]:
    return {role for role in ROLES if may(role, permission)}


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        ("alert.post", {"administrator", "source"}),
        ("incident.create", {"administrator", "coordinator", "responder"}),
        ("incident.close", {"administrator", "coordinator"}),
        ("incident.override", {"administrator", "coordinator"}),
        ("incident.reopen", {"administrator", "coordinator"}),
        ("run.start", {"administrator", "coordinator"}),
        ("run.start_proposed", {"administrator", "coordinator", "responder"}),
        ("playbook.write", {"administrator", "coordinator"}),
        ("policy.write", {"administrator", "coordinator"}),
        ("rules.write", {"administrator", "coordinator"}),
        ("source.write", {"administrator", "coordinator"}),
        ("report.read", {"administrator", "coordinator", "responder"}),
        ("note.write", {"administrator", "coordinator", "responder"}),
        ("task.complete", {"administrator", "coordinator", "responder", "department"}),
        ("notice.acknowledge", {"administrator", "coordinator", "responder", "department"}),
        ("incident.read", {"administrator", "coordinator", "responder", "department", "reader"}),
        ("token.write", {"administrator"}),
        ("metrics.read", {"administrator", "monitor"}),
        ("signer.read", {"administrator", "coordinator", "responder", "reader"}),
        ("signer.write", {"administrator"}),
        ("person.write", {"administrator"}),
    ],
)
def test_a_permission_belongs_to_its_roles(permission: str, roles: set[str]) -> None:
    assert who_may(permission) == roles


def test_a_source_may_post_alerts_and_nothing_else() -> None:
    assert PERMISSIONS["source"] == {"alert.post"}


def test_a_monitor_reads_metrics_and_nothing_else() -> None:
    assert PERMISSIONS["monitor"] == {"metrics.read"}


def test_a_reader_changes_nothing_but_a_key_of_their_own_and_reads_no_reports() -> None:
    assert all(permission.endswith(".read") for permission in PERMISSIONS["reader"] - {"custody.hold"})
    assert "report.read" not in PERMISSIONS["reader"]


def test_an_administrator_may_do_all() -> None:
    assert PERMISSIONS["administrator"] == ALL_PERMISSIONS


def test_a_permission_that_is_misspelt_is_an_error_and_no_answer() -> None:
    with pytest.raises(KeyError):
        may("administrator", "incident.destroy")


@pytest.mark.parametrize(
    ("viewer", "is_amber_seen", "is_red_seen"),
    [
        (Viewer("administrator"), True, True),
        (Viewer("coordinator"), True, True),
        (Viewer("responder", person_id=8), True, False),
        (Viewer("responder", person_id=7), True, True),
        (Viewer("reader", person_id=8), True, False),
        (Viewer("reader", person_id=7), True, True),
        (Viewer("department", frozenset({1}), 8), True, False),
        (Viewer("department", frozenset({3}), 8), False, False),
        (Viewer("department", frozenset({3}), 7), True, True),
        (Viewer("department", frozenset({1})), True, False),
        (Viewer("source", frozenset({1}), 7), False, False),
    ],
)
def test_an_incident_is_seen_by_those_whom_it_concerns(viewer: Viewer, is_amber_seen: bool, is_red_seen: bool) -> None:
    assert may_see_incident(viewer, AMBER) == is_amber_seen
    assert may_see_incident(viewer, RED) == is_red_seen


@given(VIEWERS, INCIDENTS)
def test_red_is_seen_by_coordinators_administrators_and_named_people_alone(
    viewer: Viewer, incident: IncidentFacts
) -> None:
    if incident.tlp == "red" and may_see_incident(viewer, incident):
        assert viewer.role in {"coordinator", "administrator"} or viewer.person_id in incident.named_person_ids


@given(VIEWERS, INCIDENTS, st.frozensets(st.integers(1, 4), max_size=2))
def test_a_task_is_completed_by_its_departments_and_responders_who_see_it(
    viewer: Viewer, incident: IncidentFacts, departments: frozenset[int]
) -> None:
    if may_complete_task(viewer, departments, incident):
        assert may_see_incident(viewer, incident)
        assert viewer.role in {"administrator", "coordinator", "responder"} or viewer.department_ids & departments


@given(st.sampled_from(ROLES), INCIDENTS)
def test_a_department_acknowledges_for_itself_whatever_the_level(role: Role, incident: IncidentFacts) -> None:
    own = Viewer(role, frozenset({1}))
    assert may_acknowledge(own, 1, incident) == may(role, "notice.acknowledge")


def test_a_department_does_not_acknowledge_for_another() -> None:
    assert not may_acknowledge(Viewer("department", frozenset({1})), 2, AMBER)
    assert may_acknowledge(Viewer("responder"), 2, AMBER)
    assert not may_acknowledge(Viewer("responder"), 2, RED)
    assert not may_acknowledge(Viewer("reader", frozenset({1})), 1, AMBER)
    assert not may_acknowledge(Viewer("source", frozenset({1})), 1, AMBER)


def test_a_department_sees_its_own_notices_and_no_others() -> None:
    department = Viewer("department", frozenset({1}))
    assert may_see_notice(department, 1, RED)
    assert not may_see_notice(department, 2, AMBER)
    assert may_see_notice(Viewer("reader"), 2, AMBER)
    assert not may_see_notice(Viewer("reader"), 2, RED)
    assert not may_see_notice(Viewer("source"), 1, AMBER)
