"""Reports about units: only the people named for them read them, whatever the role of others."""

from collections.abc import Sequence

import pytest

from incident.actions.reports import report_units, reports
from incident.core.reports.urgent import UrgentPaging
from incident.core.values.access import ROLES_OF_PEOPLE, Role, Viewer, viewer_of
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.directory.people import Person
from incident.store.notifications.notices import Notice
from incident.store.queries.report_list import EVERY, count_reports, list_reports, received_ids, received_reports
from incident.store.queries.reports_about_units import (
    barred_subjects,
    has_outside_reviewers,
    has_readers,
    is_unbarred,
    use_reviewers,
)
from incident.store.queries.similar_reports import similar_reports
from incident.store.reports.reports import Report
from tests.staff import member, person
from tests.world import BY, World, only, rows


def submit(world: World, units: Sequence[int] | None, emergency: str | None = None) -> int:
    new = reports.NewReport(text="The head of the unit sells data of pupils", emergency=emergency)
    paging = UrgentPaging("net")
    return reports.submit_report(new, f"mark {len(rows(Report))}", world.now, paging=paging, units=units).id


def seen(viewer: Viewer) -> list[int]:
    db.session.rollback()
    return sorted(one.id for one in list_reports(viewer, EVERY, None, 100))


def as_person(row: Person, role: Role = "responder") -> Viewer:
    return viewer_of(role, row.department_id, row.id)


@pytest.fixture
def house(world: World) -> dict[str, Department]:
    """The ministry with the departments net and law below it."""
    top = world.department("ministry")
    made = {"ministry": top, "net": world.department("net", [("duty", 1)]), "law": world.department("law")}
    for code in ("net", "law"):
        db.session.get_one(Department, made[code].id).parent_id = top.id
    db.session.commit()
    return made


def outside(world: World, *logins: str) -> None:
    use_reviewers(db.engine, logins)


def test_the_head_of_the_department_above_reads_a_report_about_a_unit_and_nobody_of_the_unit(
    world: World, house: dict[str, Department]
) -> None:
    above, inside, other = (person(world, login) for login in ("above", "inside", "other"))
    member(house["ministry"], above, "head")
    member(house["net"], inside, "head")
    member(house["law"], other, "deputy")
    report = submit(world, [house["net"].id])
    assert seen(as_person(above)) == [report]
    for role in ROLES_OF_PEOPLE:
        assert seen(as_person(inside, role)) == seen(as_person(other, role)) == []
    assert has_readers(report)


def test_a_role_or_a_token_is_no_exception(world: World, house: dict[str, Department]) -> None:
    report, usual = submit(world, [house["net"].id]), submit(world, None)
    for role in ROLES_OF_PEOPLE:
        viewer = Viewer(role, person_id=4_711)
        assert not is_unbarred(viewer, report)
        assert is_unbarred(viewer, usual)
        assert report not in seen(Viewer(role))


def test_who_belongs_to_a_unit_does_not_read_about_it_even_when_they_lead_the_one_above(
    world: World, house: dict[str, Department]
) -> None:
    both = person(world, "both")
    member(house["ministry"], both, "deputy")
    member(house["net"], both, "member")
    first, second = submit(world, [house["net"].id]), submit(world, [house["law"].id])
    assert seen(as_person(both)) == [second]
    assert not has_readers(first)


def test_a_report_about_several_units_is_for_those_who_may_read_about_each(
    world: World, house: dict[str, Department]
) -> None:
    above = person(world, "above")
    member(house["ministry"], above, "head")
    report = submit(world, [house["net"].id, house["law"].id])
    assert seen(as_person(above)) == [report]
    submit(world, [house["net"].id, house["ministry"].id])
    assert seen(as_person(above)) == [report]


def test_the_top_and_the_office_as_a_whole_are_for_outside_reviewers_without_a_department(
    world: World, house: dict[str, Department]
) -> None:
    reviewer, member_too, boss = (person(world, login) for login in ("reviewer", "member-too", "boss"))
    member(house["law"], member_too, "member")
    member(house["ministry"], boss, "head")
    top, whole = submit(world, [house["ministry"].id]), submit(world, [])
    assert not has_readers(top)
    assert not has_outside_reviewers()
    outside(world, "reviewer", "member-too")
    try:
        assert seen(as_person(reviewer)) == [top, whole]
        assert seen(as_person(member_too)) == seen(as_person(boss, "administrator")) == []
        assert has_readers(top)
        assert has_readers(whole)
        assert has_outside_reviewers()
    finally:
        outside(world)


def test_counts_similar_reports_and_the_journal_leave_it_out_for_others(
    world: World, house: dict[str, Department]
) -> None:
    administrator = Viewer("administrator", person_id=4_711)

    def answers() -> list[object]:
        db.session.rollback()
        waiting = db.session.scalars(received_ids(administrator)).all()
        alike = similar_reports(administrator, "The head of the unit sells data of pupils", None)
        counted = count_reports(administrator, "received")
        return [seen(administrator), list(waiting), counted, received_reports(), [one.id for one in alike]]

    usual = submit(world, None)
    before = answers()
    report = submit(world, [house["net"].id])
    assert answers() == before
    assert barred_subjects(administrator, {f"report:{report}", f"report:{usual}", "run:7"}) == {f"report:{report}"}


def test_an_urgent_report_about_a_unit_pages_nobody(world: World, house: dict[str, Department]) -> None:
    submit(world, [], "danger")
    assert rows(Notice) == []


def test_the_desk_adds_a_unit_and_its_page_ends_with_the_last_report_under_it(
    world: World, house: dict[str, Department]
) -> None:
    first, second = submit(world, None, "danger"), submit(world, None, "money")
    for report, state in ((first, "open"), (second, "withdrawn")):
        report_units.add_report_unit(report, house["net"].id, BY, world.now)
        assert only(Notice).state == state
    report_units.add_report_unit(first, house["net"].id, BY, world.now)
    assert only(Report, id=first).version == 2
    assert seen(Viewer("administrator")) == []


def test_a_report_about_the_whole_office_stays_with_the_outside_reviewers(
    world: World, house: dict[str, Department]
) -> None:
    above = person(world, "above")
    member(house["ministry"], above, "head")
    report = submit(world, [])
    report_units.add_report_unit(report, house["net"].id, BY, world.now)
    assert seen(as_person(above)) == []
    assert only(Report, id=report).version == 1


def test_a_report_about_a_unit_cannot_be_linked_to_an_incident(world: World, house: dict[str, Department]) -> None:
    report, incident = submit(world, [house["net"].id]), world.open()
    with pytest.raises(RuleError) as refused:
        reports.link_report(incident.id, report, BY, world.now)
    assert refused.value.code == "report.about_unit"


def test_an_unknown_unit_is_refused_at_its_place(world: World, house: dict[str, Department]) -> None:
    with pytest.raises(RuleError) as refused:
        report_units.named_units(["net", "moon"])
    assert [(one.code, one.pointer) for one in refused.value.all] == [("department.unknown", "/about_units/1")]
