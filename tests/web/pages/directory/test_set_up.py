"""The one-time set-up of the first administrator, and the shipped playbooks."""

import re
import time

import pytest
from flask import Flask

from incident.actions.directory import people
from incident.core.cacao import load
from incident.web.pages.directory import set_up
from incident.web.pages.directory.set_up import shipped_files
from tests.plugins.app import Hand
from tests.web.office import Browser, Office

FORM = {"name": "Wang Fang", "login": "wang", "password": "a long enough password"}


@pytest.fixture
def empty(sqlite_app: Flask, hand: Hand) -> tuple[Office, str]:
    """An instance without people, and the path of its set-up link."""
    office = Office(sqlite_app, hand)
    token = office.do(lambda: people.make_link("setup", None, people.SETUP_FOR, "cli", hand.at))
    return office, f"/setup/{token}"


def test_the_link_makes_the_administrator_who_is_signed_in_at_once(empty: tuple[Office, str]) -> None:
    office, path = empty
    browser = office.browser()
    assert "Create the first administrator" in browser.get(path)
    assert browser.post(path, **FORM).location == "/setup/playbooks"
    assert "Wang Fang" in browser.get("/people")


def test_the_link_works_once(empty: tuple[Office, str]) -> None:
    office, path = empty
    office.browser().post(path, **FORM)
    assert "This link no longer works" in office.browser().get(path, status=410)
    office.browser().post(path, status=410, **FORM | {"login": "other"})


def test_a_short_password_is_told_and_the_link_lives_on(empty: tuple[Office, str]) -> None:
    office, path = empty
    answer = office.browser().post(path, status=422, **FORM | {"password": "short"})
    assert "at least 12 characters" in answer.text
    assert 'value="Wang Fang"' in answer.text
    assert '<a href="#field-password">' in answer.text  # on top of the page, and not the name that programs use
    assert "/password" not in answer.text
    office.browser().post(path, **FORM)


def test_only_the_chosen_playbooks_are_added(empty: tuple[Office, str]) -> None:
    office, path = empty
    browser = office.browser()
    browser.post(path, **FORM)
    assert browser.get("/playbooks").count('href="/playbooks/playbook--') == 0
    first = shipped_files()[0].name
    browser.post("/setup/playbooks", file=first)
    assert browser.get("/playbooks").count('href="/playbooks/playbook--') == 1
    page: Browser = browser
    assert page.get("/setup/playbooks").count("disabled") == 1


def test_a_link_that_was_never_made_is_gone(empty: tuple[Office, str]) -> None:
    empty[0].browser().get("/setup/abc", status=410)


def test_a_name_with_a_direction_mark_is_refused_next_to_its_field(empty: tuple[Office, str]) -> None:
    office, path = empty
    answer = office.browser().post(path, status=422, **FORM | {"login": "w\u202eang", "name": "Wang\u200b"})
    assert answer.text.count("contains invisible characters or marks that change the direction of text") >= 2
    assert 'id="field-login-fault"' in answer.text
    assert 'id="field-name-fault"' in answer.text


@pytest.mark.parametrize("login", [" wang", "wang ", "\u00a0wang", "wang\u00a0", "wang\u3000"])
def test_a_sign_in_name_with_a_space_around_it_is_refused_next_to_its_field(
    empty: tuple[Office, str], login: str
) -> None:
    office, path = empty
    answer = office.browser().post(path, status=422, **FORM | {"login": login})
    assert "must not begin or end with a space" in answer.text
    assert 'id="field-login-fault"' in answer.text


def test_the_set_up_names_the_departments_that_playbooks_ask_and_links_to_add_each(office: Office) -> None:
    browser = office.browser("administrator")
    page = browser.get("/setup/playbooks")
    assert "departments that do not exist yet" in page
    assert "/departments?code=cert&amp;name=Cyber+emergency+response+centre" in page
    browser.post("/departments", name="CERT", code="cert", parent="")
    assert "code=cert&amp;" not in browser.get("/setup/playbooks")


def test_the_set_up_leads_from_the_playbooks_to_their_departments_and_to_what_is_still_missing(office: Office) -> None:
    browser = office.browser("administrator")
    answer = browser.post("/setup/playbooks", file=[one.name for one in shipped_files()])
    assert answer.location.startswith("/setup/departments")
    page = browser.get("/setup/departments")
    assert re.search(r'value="cert" checked><span>Cyber emergency response centre<', page)
    chosen = re.findall(r'name="department" value="([^"]+)"', page)
    assert len(chosen) > 3
    assert browser.post("/setup/departments", department=chosen).location.startswith("/setup/next")
    assert "All departments that your playbooks need exist." in browser.get("/setup/departments")
    page = browser.get("/setup/next")
    assert "/departments/cert#new-contact" in page
    assert page.count("tag-good") == 3, "playbooks, departments and people are done; contacts and rules are missing"
    office.browser("coordinator").get("/setup/next", status=403)


def test_what_the_set_up_reads_of_a_playbook_without_its_steps_is_what_the_whole_says() -> None:
    for file in shipped_files():
        whole, short = load(file.read_bytes()), set_up._read(file, 0)
        assert (short.cacao_id, short.name, short.description) == (whole["id"], whole["name"], whole["description"])
        assert set(short.departments) == {one["name"] for one in whole["agent_definitions"].values()}


def test_the_set_up_page_takes_less_than_a_second_at_first_and_little_then(office: Office) -> None:
    browser = office.browser("administrator")
    took = []
    for _ in range(5):
        began = time.perf_counter()
        browser.get("/setup/playbooks")
        took.append(time.perf_counter() - began)
    assert min(took) < 0.15, took
