"""The one-time set-up of the first administrator, and the shipped playbooks."""

import pytest
from flask import Flask

from incident.actions.directory import people
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
    assert "Set up the first administrator" in browser.get(path)
    assert browser.post(path, **FORM).location == "/setup/playbooks"
    assert "Wang Fang" in browser.get("/people")


def test_the_link_works_once(empty: tuple[Office, str]) -> None:
    office, path = empty
    office.browser().post(path, **FORM)
    assert "This is gone" in office.browser().get(path, status=410)
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
    assert answer.text.count("holds invisible characters or marks that turn the direction of writing") >= 2
    assert 'id="field-login-fault"' in answer.text
    assert 'id="field-name-fault"' in answer.text


@pytest.mark.parametrize("login", [" wang", "wang ", "\u00a0wang", "wang\u00a0", "wang\u3000"])
def test_a_sign_in_name_with_a_space_around_it_is_refused_next_to_its_field(
    empty: tuple[Office, str], login: str
) -> None:
    office, path = empty
    answer = office.browser().post(path, status=422, **FORM | {"login": login})
    assert "begins or ends with a space" in answer.text
    assert 'id="field-login-fault"' in answer.text
