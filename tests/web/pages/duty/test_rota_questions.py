"""A rota by three questions, its preview, its warnings, and undo."""

from typing import Any

import pytest

from incident.actions.directory import departments, members, rotas
from incident.store.directory.departments import department_by_code
from incident.web.instance import KEY
from tests.web.office import BY, Browser, Office

ANSWERS = {"person": ["reader", "responder"], "every": "7", "starts_on": "2026-11-30", "handover": "08:30"}
PATH = "/departments/CERT/rota/questions"


def cert() -> int:
    found = department_by_code("CERT")
    assert found is not None
    return found.id


@pytest.fixture
def boss(office: Office) -> Browser:
    people = [members.NamedMember(login, "member") for login in ("responder", "reader")]
    office.do(lambda: members.put_members(cert(), people, None, BY, office.hand.at))
    return office.browser("coordinator")


def kept(office: Office) -> Any:
    return office.do(lambda: rotas.rota_of(cert()).to_json())["rotations"]


def test_three_answers_make_a_rota_in_the_order_of_the_people(office: Office, boss: Browser) -> None:
    page = boss.get(PATH)
    assert page.index("Person responder") < page.index("Person reader")
    boss.post(PATH, version="0", **ANSWERS)
    [rotation] = kept(office)
    assert rotation == {
        "name": "Rota",
        "people": ["reader", "responder"],
        "starts_on": "2026-11-30",
        "every": "P7D",
        "handover": "08:30",
        "days": "all",
        "beside": False,
    }
    page = boss.get(PATH)
    assert page.index("Person reader") < page.index("Person responder")


def test_the_preview_shows_two_weeks_and_stores_nothing(office: Office, boss: Browser) -> None:
    page = boss.post(PATH, status=200, version="0", step="preview", **ANSWERS).text
    weeks = page.partition('id="rota-preview"')[2]
    assert weeks.count('class="duty-date"') == 14
    assert weeks.index("Person reader</span>") < weeks.index("Person responder</span>")
    assert kept(office) == []
    faulty = boss.post(PATH, status=200, version="0", step="preview", **ANSWERS | {"starts_on": "soon"}).text
    assert "Enter a valid first day" in faulty


def test_a_rota_of_nobody_is_refused_with_what_was_typed(office: Office, boss: Browser) -> None:
    answer = boss.post(PATH, status=422, version="0", **ANSWERS | {"person": [], "handover": "07:15"})
    assert "Choose at least one person" in answer.text
    assert 'value="07:15"' in answer.text
    assert kept(office) == []


def test_without_members_the_form_says_what_to_do_first(office: Office) -> None:
    page = office.browser("coordinator").get("/departments/NOC/rota/questions")
    assert "This department has no members yet." in page
    assert "/departments/NOC#members" in page
    assert "Who takes turns?" not in page


def test_the_rota_warns_of_people_without_membership_or_contact(office: Office, boss: Browser) -> None:
    boss.post("/departments/CERT/rota", version="0", **{"r0-person": ["coordinator", "reader"]})
    [rotation] = kept(office)
    assert rotation["name"] == "Rotation 1"  # fields that are marked as optional are not refused
    warned = boss.get("/departments/CERT/rota").partition("band-warn")[2].partition("On duty now")[0]
    assert "is not a member of this department." in warned
    assert warned.count("No contact: cannot be notified.") == 2
    boss.post("/departments/CERT/rota", version="1", **{"r0-person": ["reader"]})

    def reachable() -> None:
        ring = office.app.extensions[KEY].ring
        departments.add_contact(
            cert(), "Reader", "email", "reader@example.org", 3, "en", None, ring, BY, office.hand.at, person="reader"
        )

    office.do(reachable)
    assert "No contact: cannot be notified." not in boss.get("/departments/CERT/rota")


def test_a_change_of_the_rota_is_undone(office: Office, boss: Browser) -> None:
    assert "Undo the last change" not in boss.get("/departments/CERT/rota")
    boss.post("/departments/CERT/rota/restore", status=409, version="0")
    boss.post(PATH, version="0", **ANSWERS)
    first = kept(office)
    boss.post(PATH, version="1", **ANSWERS | {"every": "1"})
    assert "Undo the last change" in boss.get("/departments/CERT/rota")
    boss.post("/departments/CERT/rota/restore", version="2")
    assert kept(office) == first
    boss.post("/departments/CERT/rota/restore", status=412, version="2")
    office.browser("reader").post("/departments/CERT/rota/restore", status=403, version="3")
