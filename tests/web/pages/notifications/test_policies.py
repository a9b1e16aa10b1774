"""The form of an escalation policy, and the preview without answers."""

import re
from typing import Any

from incident.store.directory.departments import department_by_code
from tests.web.office import Office

FORM = {
    "version": "1",
    "levels": "4",
    "level-1-wait": "5",
    "level-1-notify": ["duty", "deputy"],
    "level-1-channels": ["wecom", "sms", ""],
    "level-1-in_turn": "2",
    "level-1-waits-1": "3",
    "level-1-waits-1-grades": ["1", "2"],
    "level-1-waits-1-hours": "off",
    "level-1-waits-2": "PT90S",
    "level-1-waits-2-hours": "span",
    "level-1-waits-2-from": "12:00",
    "level-1-waits-2-until": "13:30",
    "level-2-wait": "",
    "level-3-wait": "PT1H",
    "level-3-notify": "parent",
    "repeat": "2",
    "until": "accepted",
    "reminder": "30",
    "quiet-from": "22:00",
    "quiet-until": "07:00",
    "quiet-grades": ["3", "4"],
}
POLICY = {
    "levels": [
        {
            "wait": "PT5M",
            "waits": [
                {"grades": [1, 2], "hours": "off", "wait": "PT3M"},
                {"hours": {"from": "12:00", "until": "13:30"}, "wait": "PT1M30S"},
            ],
            "notify": ["duty", "deputy"],
            "channels": ["wecom", "sms"],
            "in_turn": "PT2M",
        },
        {"wait": "PT1H", "notify": ["parent"]},
    ],
    "repeat": 2,
    "until": "accepted",
    "reminder": "PT30M",
    "quiet": {"from": "22:00", "until": "07:00", "grades": [3, 4]},
}


def policy_of(office: Office, code: str) -> Any:
    return office.do(lambda: department_by_code(code).policy)  # type: ignore[union-attr]


def test_a_policy_is_set_without_writing_json_and_comes_back_into_the_form(office: Office) -> None:
    browser = office.browser("coordinator")
    browser.post("/departments/NOC/policy", **FORM)
    assert policy_of(office, "NOC") == POLICY
    page = browser.get("/departments/NOC/policy")
    for shown in ('value="5"', 'value="PT1M30S"', 'value="12:00"', 'value="22:00"', 'value="60"', 'value="30"'):
        assert shown in page, shown
    assert page.count("selected>WeCom") == 1
    assert re.findall(r'name="level-1-notify" value="(\w+)" checked', page) == ["duty", "deputy"]
    browser.post("/departments/NOC/policy", status=412, **FORM)


def test_levels_that_only_wait_are_kept_as_they_were(office: Office) -> None:
    form = {"version": "1", "level-1-wait": "5", "level-2-wait": "PT1H", "level-3-wait": "", "repeat": "2"}
    office.browser("coordinator").post("/departments/NOC/policy", **form, until="acknowledged")
    assert policy_of(office, "NOC") == {"levels": [{"wait": "PT5M"}, {"wait": "PT1H"}], "repeat": 2}


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(office: Office) -> None:
    browser = office.browser("coordinator")
    page = browser.post("/departments/NOC/policy", status=422, **FORM | {"level-3-wait": "soon"}).text
    card = page[page.index('id="level-2-wait-fault"') :]
    assert "Enter a length of time" in card[: card.index("</span>")]
    assert 'value="soon"' in page
    assert "1 to 20 levels" in browser.post("/departments/NOC/policy", status=422, **{"level-1-wait": ""}).text
    assert policy_of(office, "NOC") is None


def test_a_further_level_without_a_wait_is_refused_and_keeps_what_was_typed(office: Office) -> None:
    browser = office.browser("coordinator")
    before = policy_of(office, "NOC")
    further = {"level-4-notify": "head", "level-4-in_turn": "7", "level-4-channels": ["sms", "", ""]}
    answer = browser.post("/departments/NOC/policy", status=422, **FORM, **further).text
    assert policy_of(office, "NOC") == before
    assert 'href="#level-3-wait">Waits, in minutes: Enter a value.' in answer
    assert 'name="level-3-in_turn" value="7"' in answer
    assert 'name="level-3-notify" value="head" checked' in answer
    assert '<section class="panel" id="level-3">' in answer


def test_the_preview_leaves_out_a_level_whose_wait_is_not_typed_yet(office: Office) -> None:
    seen = office.browser("coordinator").post(
        "/departments/NOC/policy", status=200, **{**FORM, "step": "preview", "level-4-notify": "head"}
    )
    assert "Based on the form, which is not saved yet." in seen.text


def test_the_preview_names_contacts_and_shows_levels_without_anybody_in_red(office: Office) -> None:
    browser = office.browser("coordinator")
    page = browser.get("/departments/CERT/policy?grade=1&at=2026-02-17T02:00")
    assert "Duty" in page
    assert "Head" in page
    assert "Tuesday" not in page
    browser.post("/departments/CERT/policy", **{"version": "2", "level-1-wait": "5", "level-1-notify": "duty"})
    page = browser.get("/departments/CERT/policy")
    assert "No one would be notified at any level." in page
    assert "is-failed" in page


def test_a_moment_that_cannot_be_read_is_taken_for_now(office: Office) -> None:
    browser = office.browser("reader")
    for query in ("at=tomorrow", "at=1900-01-01T00:00", "at=9999-12-31T23:59", "grade=9", "grade=x"):
        assert "If no one acknowledges" in browser.get(f"/departments/CERT/policy?{query}")


def test_who_may_not_write_policies_gets_no_button(office: Office) -> None:
    assert ">Save<" not in office.browser("reader").get("/departments/CERT/policy")
    office.browser("department").get("/departments/CERT/policy", status=403)
    office.browser("responder").post("/departments/CERT/policy", status=403, **FORM)


def test_the_list_of_departments_warns_of_levels_at_which_nobody_is_found_now(office: Office) -> None:
    browser = office.browser("coordinator")
    assert "no one at level" not in browser.get("/departments")
    browser.post("/departments/CERT/policy", **{"version": "2", "level-1-wait": "5", "level-2-wait": "5",
                                                "level-2-notify": "head"})  # fmt: skip
    assert "no one at level 2 now" in browser.get("/departments")


def test_the_preview_follows_the_form_and_stores_nothing(office: Office) -> None:
    browser = office.browser("coordinator")
    before = policy_of(office, "NOC")
    typed = {"version": "1", "levels": "2", "level-1-wait": "7", "level-2-wait": "11", "level-2-notify": "head"}
    page = browser.post("/departments/NOC/policy", status=200, step="preview", **typed).text
    seen = page.partition('id="foreseen"')[2]
    assert "not saved yet" in seen
    assert "Level 2" in seen
    assert policy_of(office, "NOC") == before
    later = browser.post(
        "/departments/NOC/policy", status=200, step="preview", **typed | {"level-1-wait": "never"}
    ).text
    assert "saved policy" in later.partition('id="foreseen"')[2]
    assert 'value="never"' in later
    office.browser("reader").post("/departments/NOC/policy", status=403, step="preview", **typed)
