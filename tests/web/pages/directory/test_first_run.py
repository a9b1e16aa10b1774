"""The first run: from an empty instance to a first incident, each step skipped, left and found again."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from incident.actions.directory import people
from incident.core.directory.first_run import FIRST_STEPS
from incident.data.first_run import department_sets, proposed_default, proposed_rules
from incident.store.incidents.rules import rules_in_force
from incident.web.pages.directory.set_up import shipped_files
from tests.plugins.app import Hand
from tests.web.office import BY, Browser, Office

FORM = {"name": "Wang Fang", "login": "wang", "password": "a long enough password"}
CONTACT = {"department": "duty-office", "contact_name": "Duty", "channel": "inbox"}


@pytest.fixture
def empty(sqlite_app: Flask, hand: Hand) -> Office:
    """An instance without people."""
    return Office(sqlite_app, hand)


def begun(office: Office) -> Browser:
    token = office.do(lambda: people.make_link("setup", None, people.SETUP_FOR, "cli", office.hand.at))
    browser = office.browser()
    browser.post(f"/setup/{token}", **FORM)
    return browser


def left_in(page: str) -> list[str]:
    """The steps that a page of the first run shows as neither done nor skipped."""
    parts = re.split(r'<li id="step-(\w+)">', page)[1:]
    found = zip(parts[::2], parts[1::2], strict=True)
    return [name for name, text in found if "tag-good" not in text and ">skipped<" not in text]


DO: dict[str, Callable[[Browser], object]] = {
    "language": lambda browser: browser.post("/setup/language", language="en"),
    "organization": lambda browser: browser.post("/organization", operator_class="other", regions="", version="0"),
    "playbooks": lambda browser: browser.post("/setup/playbooks", file=shipped_files()[-1].name),
    "departments": lambda browser: browser.post("/setup/departments/set", set="authority"),
    "contacts": lambda browser: browser.post("/setup/contact", status=201, **CONTACT),
    "people": lambda browser: browser.post(
        "/people", status=201, name="Li Wei", login="li", role="responder", language="en"
    ),
    "rules": lambda browser: browser.post("/setup/rules", default="duty-office"),
}


def test_a_newcomer_comes_from_an_empty_home_to_a_real_incident_by_the_button_next(empty: Office) -> None:
    browser = begun(empty)
    browser.post("/setup/playbooks", file=[one.name for one in shipped_files()][:1])
    for step in ("language", "organization", "departments"):
        DO[step](browser)
    assert 'href="/setup/contact"' in browser.get("/setup/next")
    page = browser.post("/setup/contact", status=201, **CONTACT).text
    assert "The inbox shows its messages directly" in page
    browser.post("/setup/rules", default="duty-office")
    for step in ("contacts", "people", "drill"):
        browser.post(f"/setup/steps/{step}", mark="skipped")
    assert "Ready for the first incident" in browser.get("/setup/next")
    answer = browser.post("/incidents", title="Files are being encrypted", grade="2")
    assert "duty" in browser.get(answer.location).lower()


@pytest.mark.parametrize("count", range(len(DO)))
def test_who_leaves_after_any_step_finds_the_rest_and_others_see_it_without_a_banner(empty: Office, count: int) -> None:
    browser = begun(empty)
    for step in list(DO)[:count]:
        DO[step](browser)
    empty.do(lambda: people.add_person("other", "Other", "administrator", None, None, "en", BY, empty.hand.at))
    other = empty.browser()
    other.client.set_cookie("incident_session", empty.do(lambda: session_of(empty, "other")))
    left = left_in(other.get("/setup/next"))
    assert left == left_in(browser.get("/setup/next"))
    done = set(list(DO)[:count]) | {"people"}
    assert set(left) >= set(FIRST_STEPS) - done
    assert not (set(left) & (done - {"departments", "contacts"}))
    assert f"left: {len(left)}" in other.get("/settings")
    assert "/setup/" not in other.get("/incidents")


def session_of(office: Office, login: str) -> str:
    from incident.store.directory.people import person_by_login

    person = person_by_login(login)
    assert person is not None
    return people.open_session(person, office.hand.at)


def test_every_step_can_be_skipped_and_taken_up_again(empty: Office) -> None:
    browser = begun(empty)
    for step in FIRST_STEPS:
        browser.post(f"/setup/steps/{step}", mark="skipped")
    assert left_in(browser.get("/setup/next")) == []
    for step in FIRST_STEPS:
        browser.post(f"/setup/steps/{step}", mark="")
    assert left_in(browser.get("/setup/next")) == list(FIRST_STEPS)
    browser.post("/setup/steps/nothing", status=404, mark="skipped")


def test_a_step_that_was_skipped_and_then_done_is_done(empty: Office) -> None:
    browser = begun(empty)
    browser.post("/setup/steps/rules", mark="skipped")
    DO["departments"](browser)
    DO["rules"](browser)
    page = browser.get("/setup/next")
    assert "tag-good" in page.split('id="step-rules"')[1].split("<li")[0]


def test_a_contact_that_refuses_its_test_is_not_kept_and_what_was_typed_is(empty: Office) -> None:
    browser = begun(empty)
    DO["departments"](browser)
    given = CONTACT | {"channel": "webhook", "address": "https://127.0.0.1:9/hook"}
    answer = browser.post("/setup/contact", status=422, **given)
    assert "was not kept" in answer.text
    assert 'value="https://127.0.0.1:9/hook"' in answer.text
    assert "left: " in browser.get("/settings")
    assert "/departments/duty-office#new-contact" in browser.get("/setup/next")


def test_faults_of_a_first_contact_are_said_together(empty: Office) -> None:
    browser = begun(empty)
    assert "Add a department first" in browser.get("/setup/contact")
    DO["departments"](browser)
    answer = browser.post("/setup/contact", status=422, department="", contact_name="", channel="email", address="x")
    for place in ("department", "field-contact_name", "field-address"):
        assert f'id="{place}-fault"' in answer.text


def test_proposed_rules_go_into_force_once_and_never_replace_others(empty: Office) -> None:
    browser = begun(empty)
    browser.post("/setup/playbooks", file=[one.name for one in shipped_files()])
    DO["departments"](browser)
    page = browser.get("/setup/rules")
    assert "Ransomware" in page
    browser.post("/setup/rules", default="duty-office")
    rules = empty.do(rules_in_force)
    assert rules is not None
    assert len(rules.rules) == 10
    assert rules.fallback == {"departments": ["duty-office"]}
    browser.post("/setup/rules", status=412, default="it-ops")
    assert "in force already" in browser.get("/setup/rules")


def test_what_is_proposed_names_only_what_exists_here() -> None:
    sets = {one.key: one.departments for one in department_sets()}
    assert list(sets["small"]) == ["duty-office", "it-ops"]
    shipped = {re.search(r"^id: (\S+)", file.read_text("utf-8"), re.MULTILINE)[1] for file in shipped_files()}  # type: ignore[index]
    assert len(proposed_rules(sets["authority"], shipped)) == 10
    assert proposed_rules(sets["authority"], ()) == []
    assert proposed_rules(("x",), shipped) == []
    assert proposed_default(["x", "cert"]) == "cert"
    assert (proposed_default(["x"]), proposed_default([])) == ("x", None)


def test_only_administrators_go_through_the_first_run(office: Office) -> None:
    for path in ("/setup/language", "/setup/contact", "/setup/rules"):
        office.browser("coordinator").get(path, status=403)
    office.browser("coordinator").post("/setup/steps/drill", status=403, mark="skipped")
    office.browser("administrator").post("/setup/departments/set", status=404, set="none")
