"""Departments, people, members and contacts from spreadsheets: previewed, written whole or not at all, exported."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from incident.actions.directory import accounts, departments, people
from incident.actions.sheets import contact_sheet, department_sheet, member_sheet, people_sheet
from incident.core.values.faults import RuleError
from incident.core.values.table import NumberedRow
from incident.formats.spreadsheets import read_sheet, write_csv, write_workbook
from incident.store.directory.departments import list_departments, live_contacts
from incident.store.directory.members import all_members
from incident.store.directory.people import Person, person_by_login
from incident.store.journal.journal import Entry
from tests.world import BY, World, rows

CHANNELS = contact_sheet.SheetChannels(
    ("email", "inbox"),
    lambda channel, address: None if channel == "inbox" or "@" in (address or "") else "address.mail",
)


def sheet(*lines: str) -> list[NumberedRow]:
    return read_sheet("\n".join(lines).encode())


def faults_of(use_case: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(RuleError) as refused:
        use_case()
    return [(one.pointer, one.code) for one in refused.value.all]


@pytest.fixture
def staffed(world: World) -> World:
    """A world with two departments, an administrator and Ann."""
    for code in ("net", "legal"):
        departments.add_department(code, code.title(), None, BY, world.now)
    for login, role in (("root", "administrator"), ("ann", "responder")):
        people.add_person(login, login.title(), role, None, None, "en", BY, world.now)
    return world


def test_departments_are_added_and_moved_under_others_of_the_same_file(staffed: World) -> None:
    data = sheet("code,name,parent,timezone", "net,Networks,top,Asia/Shanghai", "top,Top,,", "legal,Legal,,UTC")
    with pytest.raises(RuleError):
        department_sheet.plan_departments(data)  # an empty zone is none
    data = sheet("code,name,parent", "net,Networks,top", "top,Top,", "legal,Legal,")
    plan = department_sheet.plan_departments(data)
    assert plan.counts == {"new": 1, "changed": 1, "unchanged": 1}
    department_sheet.import_departments(data, plan.digest, "Asia/Shanghai", BY, staffed.now)
    found = {one.code: one for one in list_departments()}
    assert (found["net"].name, found["net"].parent_id) == ("Networks", found["top"].id)
    assert found["top"].timezone == "Asia/Shanghai"
    assert department_sheet.plan_departments(data).counts["unchanged"] == 3
    assert [one.subject for one in rows(Entry) if one.event_type == "sheet.imported"] == ["departments"]


def test_departments_written_in_pieces_have_their_parents_and_make_no_loop(staffed: World) -> None:
    first = sheet("code,name,parent", "a,A,", "b,B,a", "c,C,b", "d,D,c")
    upside_down = sheet("code,name,parent", "a,A,b", "b,B,c", "c,C,d", "d,D,", "e,E,f", "f,F,a")
    for data, pieces in ((first, 4), (upside_down, 6)):
        for left in reversed(range(pieces)):
            digest = department_sheet.plan_departments(data).digest
            assert department_sheet.import_departments(data, digest, "UTC", BY, staffed.now, 1).left == left
            above = {one.id: one.parent_id for one in list_departments()}
            for parent in above.values():
                at, steps = parent, 0
                while at is not None:
                    at, steps = above[at], steps + 1
                    assert steps < len(above), "a loop"
        assert department_sheet.plan_departments(data).counts["unchanged"] == pieces


def test_an_administrator_is_there_after_each_piece(staffed: World) -> None:
    data = sheet("login,name,role", "root,Root,reader", "ann,Ann,administrator")
    for left in (1, 0):
        plan = people_sheet.plan_people(data)
        assert people_sheet.import_people(data, plan.digest, BY, staffed.now, 1)[0].left == left
        assert "administrator" in {one.role for one in rows(Person)}


def test_faults_of_departments_are_told_together_and_nothing_is_written(staffed: World) -> None:
    data = sheet(
        "code,name,parent,calendar", "a b,A,,plain", "net,,legal,plain", "legal,Legal,net,moon", "x,X,nowhere,plain"
    )
    assert faults_of(lambda: department_sheet.plan_departments(data)) == [
        ("/rows/2/code", "code.malformed"),
        ("/rows/3/name", "document.missing"),
        ("/rows/3/parent", "department.loop"),
        ("/rows/4/parent", "department.loop"),
        ("/rows/4/calendar", "calendar.unknown"),
        ("/rows/5/parent", "department.unknown"),
    ]
    assert len(list_departments()) == 2


def test_people_are_invited_and_no_password_is_made(staffed: World) -> None:
    data = sheet(
        "登录名,姓名,角色,部门,启用", "bob,Bob,部门,net,是", "ann,Ann Lee,responder,,yes", "old,Old,reader,,no"
    )
    plan, invited = people_sheet.import_people(data, people_sheet.plan_people(data).digest, BY, staffed.now)
    assert plan.counts == {"new": 2, "changed": 1, "unchanged": 0}
    ((login, _name, token),) = invited
    assert (login, accounts.person_of_link(token, staffed.now).login) == ("bob", "bob")
    found = {one.login: one for one in rows(Person)}
    assert (found["ann"].name, found["bob"].password_hash, found["old"].is_active) == ("Ann Lee", None, False)
    assert found["bob"].department_id is not None


def test_a_file_leaves_an_administrator(staffed: World) -> None:
    data = sheet("login,name,role", "root,Root,reader")
    assert faults_of(lambda: people_sheet.plan_people(data)) == [("", "person.last_administrator")]


def test_who_a_file_deactivates_is_signed_out(staffed: World) -> None:
    ann = person_by_login("ann")
    assert ann is not None
    people.open_session(ann, staffed.now)
    data = sheet("login,name,role,is_active", "ann,Ann,responder,no")
    people_sheet.import_people(data, people_sheet.plan_people(data).digest, BY, staffed.now)
    assert person_by_login("ann") is None


def test_members_are_added_and_changed_and_those_not_in_the_file_stay(staffed: World) -> None:
    first = sheet("department,person,position", "net,ann,head", "net,root,")
    member_sheet.import_members(first, member_sheet.plan_members(first).digest, BY, staffed.now)
    second = sheet("department,person,position", "net,ann,副职", "legal,ann,member")
    plan = member_sheet.plan_members(second)
    assert (plan.counts["new"], plan.counts["changed"], plan.missing) == (1, 1, 1)
    member_sheet.import_members(second, plan.digest, BY, staffed.now)
    assert [tuple(one) for one in all_members()] == [
        ("legal", "ann", "member"),
        ("net", "ann", "deputy"),
        ("net", "root", "member"),
    ]


def test_faults_of_members_are_told_at_their_cells(staffed: World) -> None:
    data = sheet("department,person,position", "nowhere,ghost,king", "net,ann,head", "net,ann,member")
    assert faults_of(lambda: member_sheet.plan_members(data)) == [
        ("/rows/2/position", "document.not_a_choice"),
        ("/rows/2/department", "department.unknown"),
        ("/rows/2/person", "person.unknown"),
        ("/rows/4/person", "table.row_double"),
    ]


def test_a_new_address_replaces_the_contact_of_that_name(staffed: World) -> None:
    first = sheet("department,name,channel,address,level", "net,Duty,email,a@example.org,2", "net,Screen,inbox,,")
    digest = contact_sheet.plan_contacts(first, CHANNELS).digest
    contact_sheet.import_contacts(first, digest, CHANNELS, staffed.ring, BY, staffed.now)
    second = sheet("department,name,channel,address", "net,Duty,email,b@example.org", "net,Screen,inbox,")
    plan = contact_sheet.plan_contacts(second, CHANNELS)
    assert plan.counts == {"new": 0, "changed": 1, "unchanged": 1}
    contact_sheet.import_contacts(second, plan.digest, CHANNELS, staffed.ring, BY, staffed.now)
    assert {(one.name, one.address, one.level) for one in live_contacts()} == {
        ("Duty", "b@example.org", 2),
        ("Screen", None, 1),
    }


def test_contacts_with_a_secret_are_neither_imported_nor_exported(staffed: World) -> None:
    (net,) = [one for one in list_departments() if one.code == "net"]
    staffed.contact(net, "Robot", channel="webhook", address="https://hooks.example.org/x")
    staffed.contact(net)
    cells = contact_sheet.export_contacts(CHANNELS)
    assert [row[1] for row in cells] == ["name", "duty"]
    data = sheet("department,name,channel,address", "net,Robot,webhook,https://x.example", "net,D,email,none")
    assert faults_of(lambda: contact_sheet.plan_contacts(data, CHANNELS)) == [
        ("/rows/2/channel", "sheet.channel"),
        ("/rows/3/address", "address.mail"),
    ]


def _export(name: str) -> list[list[str]]:
    made: dict[str, Callable[[], list[list[str]]]] = {
        "departments": department_sheet.export_departments,
        "people": people_sheet.export_people,
        "members": member_sheet.export_members,
        "contacts": lambda: contact_sheet.export_contacts(CHANNELS),
    }
    return made[name]()


def _plan(name: str, data: Sequence[NumberedRow]) -> Any:
    plans: dict[str, Callable[[Sequence[NumberedRow]], Any]] = {
        "departments": department_sheet.plan_departments,
        "people": people_sheet.plan_people,
        "members": member_sheet.plan_members,
        "contacts": lambda given: contact_sheet.plan_contacts(given, CHANNELS),
    }
    return plans[name](data)


@pytest.mark.parametrize("name", ["departments", "people", "members", "contacts"])
def test_what_was_exported_changes_nothing_as_csv_and_as_workbook(staffed: World, name: str) -> None:
    people.change_person(rows(Person)[1].id, {"name": "=1+1"}, BY, staffed.now)
    data = sheet("department,person,position", "net,ann,head")
    member_sheet.import_members(data, member_sheet.plan_members(data).digest, BY, staffed.now)
    staffed.contact(next(one for one in list_departments() if one.code == "net"))
    cells = _export(name)
    assert len(cells) > 1
    for exported in (write_csv(cells), write_workbook(cells, name)):
        counts = _plan(name, read_sheet(exported)).counts
        assert (counts["new"], counts["changed"]) == (0, 0)


def test_five_thousand_rows_with_thirty_faults_name_all_thirty_and_write_nothing(staffed: World) -> None:
    lines = ["login,name,role,department"]
    for number in range(5_000):
        role = "king" if number % 500 == 1 else "responder"
        department = "nowhere" if number % 500 == 2 else "net"
        name = "" if number % 500 == 3 else f"Person {number}"
        lines.append(f"p{number},{name},{role},{department}")
    found = faults_of(lambda: people_sheet.plan_people(sheet(*lines)))
    assert len(found) == 30
    places = [int(pointer.split("/")[2]) for pointer, _ in found]
    assert places == sorted(places)
    assert places[:3] == [3, 4, 5]
    assert len(rows(Person)) == 2


def test_what_changed_since_the_preview_is_not_written(staffed: World) -> None:
    data = sheet("login,name,role", "ann,Ann Lee,responder")
    digest = people_sheet.plan_people(data).digest
    people.change_person(rows(Person)[1].id, {"name": "Ann Wu"}, BY, staffed.now)
    assert faults_of(lambda: people_sheet.import_people(data, digest, BY, staffed.now)) == [("", "table.stale")]
    assert rows(Person)[1].name == "Ann Wu"
