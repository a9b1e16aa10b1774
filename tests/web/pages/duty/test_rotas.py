"""Duty rotas, members and settings of departments, on pages."""

import io
from typing import Any

import pytest

from incident.actions.directory import members, people, rotas
from incident.core.duty.rota import Rota
from incident.store.directory.departments import department_by_code
from incident.store.directory.people import Person, person_by_login
from tests.web.office import BY, Browser, Office

WEEKS = {
    "name": "Weeks",
    "people": ["responder", "reader"],
    "starts_on": "2026-01-05",
    "every": 7,
    "handover": "08:30",
}
FORM = {
    "form": "rotations",
    "version": "1",
    "r0-name": "Weeks",
    "r0-person": ["reader", "", "responder"],
    "r0-starts_on": "2026-01-05",
    "r0-every": "1",
    "r0-from": "08:00",
    "r0-until": "20:00",
    "r0-days": "chosen",
    "r0-day": ["MO", "TU"],
    "r1-name": "",
}


def put(office: Office, *rotations: dict[str, Any]) -> None:
    rota = Rota.from_json({"rotations": list(rotations) or [WEEKS]})
    office.do(lambda: rotas.put_rota(cert(), rota, None, BY, office.hand.at))


def cert() -> int:
    found = department_by_code("CERT")
    assert found is not None
    return found.id


def kept(office: Office) -> Any:
    return office.do(lambda: rotas.rota_of(cert()).to_json())


@pytest.fixture
def boss(office: Office) -> Browser:
    return office.browser("coordinator")


def test_the_weeks_show_who_is_on_duty_and_gaps_in_words(office: Office, boss: Browser) -> None:
    put(office, WEEKS | {"hours": {"from": "08:30", "until": "17:30"}})
    page = boss.get("/departments/CERT/rota")
    assert "Person responder" in page
    assert "duty-gap" in page
    assert page.count("17:30–24:00") == 35
    assert "and 40 more" in page  # of 90 nights 50 are listed
    put(office)
    assert "someone is always on duty" in boss.get("/departments/CERT/rota")


def test_the_list_and_the_department_say_who_is_on_duty(office: Office, boss: Browser) -> None:
    put(office, WEEKS | {"people": ["responder"]})
    assert "on duty: Person responder" in boss.get("/departments")
    assert "Person responder" in boss.get("/departments/CERT")


def test_a_rota_that_names_somebody_who_has_left_shows_it(office: Office, boss: Browser) -> None:
    put(office)

    def leave() -> None:
        from incident.store.db.database import db

        person = person_by_login("reader")
        assert isinstance(person, Person)
        person.is_active = False
        db.session.commit()

    office.do(leave)
    for path in ("/departments/CERT", "/departments/CERT/rota"):
        assert "people who have left" in boss.get(path)


def test_rotations_are_written_as_rows_of_a_form(office: Office, boss: Browser) -> None:
    put(office)
    boss.post("/departments/CERT/rota", **FORM)
    [rotation] = kept(office)["rotations"]
    assert rotation == {
        "name": "Weeks",
        "people": ["reader", "responder"],
        "starts_on": "2026-01-05",
        "every": "P1D",
        "handover": "08:00",
        "hours": {"from": "08:00", "until": "20:00"},
        "days": ["MO", "TU"],
        "beside": False,
    }


def test_a_fault_in_a_rotation_stands_at_its_field_and_keeps_what_was_typed(office: Office, boss: Browser) -> None:
    put(office)
    answer = boss.post("/departments/CERT/rota", 422, **FORM | {"r0-every": "0", "r0-name": "Mornings"})
    assert "r0-every-fault" in answer.text
    assert 'value="Mornings"' in answer.text
    boss.post("/departments/CERT/rota", 412, **FORM | {"version": "0"})


def test_a_fault_stands_at_its_own_row_when_an_earlier_row_was_emptied(office: Office, boss: Browser) -> None:
    put(office)
    second = {name.replace("r0-", "r1-"): value for name, value in FORM.items() if name.startswith("r0-")}
    emptied = {"version": FORM["version"], "r0-name": "", "r0-person": ""}
    answer = boss.post("/departments/CERT/rota", 422, **emptied | second | {"r1-every": "0"})
    assert "r1-every-fault" in answer.text
    assert "r0-every-fault" not in answer.text


def test_an_override_is_meant_by_the_clock_of_the_department(office: Office, boss: Browser) -> None:
    put(office)
    times = {"from": "2026-03-05T08:00", "until": "2026-03-05T20:00"}
    boss.post("/departments/CERT/rota/overrides", person="coordinator", instead_of="responder", **times)
    boss.post("/departments/CERT/rota/leave", person="reader", **times)
    rota = kept(office)
    assert rota["overrides"][0]["from"] == "2026-03-05T08:00:00.000000Z"
    assert rota["leave"][0]["person"] == "reader"
    boss.post("/departments/CERT/rota/remove", part="leave", index="0", version="3")
    assert kept(office)["leave"] == []
    boss.post("/departments/CERT/rota/overrides", 422, person="coordinator", **times | {"until": "x"})


def test_days_and_times_are_read_as_people_type_them(office: Office, boss: Browser) -> None:
    put(office)
    boss.post(
        "/departments/CERT/rota/leave", person="reader", **{"from": "2026/3/5 8:00", "until": "2026年3月5日 20:00"}
    )
    assert kept(office)["leave"][0] | {"person": ""} == {
        "person": "",
        "from": "2026-03-05T08:00:00.000000Z",
        "until": "2026-03-05T20:00:00.000000Z",
    }
    boss.post("/departments/CERT/rota", **FORM | {"version": "2", "r0-starts_on": "2026/1/5", "r0-from": "8:00"})
    [rotation] = kept(office)["rotations"]
    assert (rotation["starts_on"], rotation["hours"]["from"]) == ("2026-01-05", "08:00")


def test_only_heads_and_deputies_of_a_department_override_its_rota(office: Office) -> None:
    put(office)
    own = office.browser("responder")
    fields = {"person": "reader", "from": "2026-03-05T08:00", "until": "2026-03-05T20:00"}
    assert "Someone takes over" not in own.get("/departments/CERT/rota")
    own.post("/departments/CERT/rota/overrides", 403, **fields)
    named = [members.NamedMember("responder", "deputy")]
    office.do(lambda: members.put_members(cert(), named, None, BY, office.hand.at))
    assert "Someone takes over" in own.get("/departments/CERT/rota")
    own.post("/departments/CERT/rota/overrides", **fields)
    assert len(kept(office)["overrides"]) == 1


def test_the_rota_goes_out_and_in_as_a_file(office: Office, boss: Browser) -> None:
    put(office)
    answer = boss.client.get("/departments/CERT/rota.ics")
    assert answer.mimetype == "text/calendar"
    assert "Person responder" in answer.text
    file = io.BytesIO(
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20990105T000000Z\r\nDURATION:PT8H\r\nSUMMARY:reader\r\n"
        b"END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    boss.post("/departments/CERT/rota/import", file=(file, "duty.ics"))
    assert [one["person"] for one in kept(office)["overrides"]] == ["reader"]
    boss.post("/departments/CERT/rota/import", 422, file=(io.BytesIO(b"x"), "x.ics"))


def test_members_are_put_with_their_positions(office: Office, boss: Browser) -> None:
    version = office.do(lambda: department_by_code("CERT")).version  # type: ignore[union-attr]
    fields = {"member": ["reader", "", "responder"], "position": ["head", "member", "deputy"], "version": version}
    boss.post("/departments/CERT/members", **fields)
    page = boss.get("/departments/CERT")
    assert "Head" in page
    assert "Person reader" in page
    assert "Person reader" in boss.get("/departments")
    boss.post("/departments/CERT/members", 422, member=["reader", "reader"], position=["head", "head"])


def test_settings_of_a_department_are_changed_and_a_loop_is_refused(office: Office) -> None:
    administrator = office.browser("administrator")
    fields = {"name": "Response", "timezone": "Europe/Berlin", "calendar": "china", "works_from": "08:00"}
    administrator.post("/departments/CERT/settings", 422, **fields)
    administrator.post("/departments/CERT/settings", **fields, works_until="16:00")
    page = administrator.get("/departments/CERT")
    assert "Europe/Berlin" in page
    refused = administrator.post("/departments/CERT/settings", 422, **fields, works_until="16:00", parent="NOC")
    assert "or below it" in refused.text


def test_people_of_other_departments_do_not_see_the_rota(office: Office) -> None:
    put(office)
    office.browser("department").get("/departments/CERT/rota", 404)
    office.browser("department").get("/departments/NOC/rota")


def test_a_contact_belongs_to_a_person(office: Office) -> None:
    administrator = office.browser("administrator")
    fields = {"contact_name": "Phone", "channel": "inbox", "level": "1", "language": "en"}
    administrator.post("/departments/CERT/contacts", **fields, person="responder")
    assert "Person responder" in administrator.get("/departments/CERT")
    administrator.post("/departments/CERT/contacts", 422, **fields, person="zed")


def test_added_people_can_be_on_duty_at_once(office: Office, boss: Browser) -> None:
    office.do(lambda: people.add_person("zoe", "Zoe", "responder", None, None, "en", BY, office.hand.at))
    put(office, WEEKS | {"people": ["zoe"]})
    assert "Zoe" in boss.get("/departments/CERT/rota")


def test_somebody_is_changed_and_leaves_on_the_page_of_people(office: Office) -> None:
    administrator = office.browser("administrator")
    reader = office.do(lambda: person_by_login("reader"))
    assert reader is not None
    fields = {"name": "Person reader", "role": "reader", "language": "en"}
    administrator.post(f"/people/{reader.id}", **fields, is_active="1", department="NOC")
    assert "Network operations" in administrator.get("/people")
    refused = administrator.post(f"/people/{reader.id}", 422, **fields | {"role": "department"})
    assert f"department-{reader.id}-fault" in refused.text
    administrator.post(f"/people/{reader.id}", **fields)
    assert office.do(lambda: person_by_login("reader")) is None
    administrator.post("/people/999", 404, **fields)
