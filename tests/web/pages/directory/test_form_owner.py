"""Forms of a page that somebody else has opened in the same browser."""

import re
from functools import partial

import pytest
from flask.testing import FlaskClient

from incident.actions.directory import people
from incident.web.pages.directory.form_owner import FIELD
from tests.web.office import BY, Browser, Office

PASSWORD = "a long enough password"
NOTE = "Call the bank at once\n马上联系银行"


@pytest.fixture
def shared(office: Office) -> Browser:
    """One browser in which Wang and Zhang sign in with their passwords."""
    for login in ("wang", "zhang"):
        who = (login, login.title(), "coordinator", None, PASSWORD, "en", BY, office.hand.at)
        office.do(partial(people.add_person, *who))
    return office.browser()


def sign_in(browser: Browser, login: str) -> None:
    browser.post("/sign-in", login=login, password=PASSWORD)


def owner_in(page: str) -> str:
    """The owner that all forms of a page name."""
    [found] = set(re.findall(rf'name="{FIELD}" value="([^"]+)"', page))
    return str(found)


def test_a_page_of_the_first_person_sends_nothing_as_the_second_and_what_was_typed_is_shown(
    office: Office, shared: Browser
) -> None:
    number = office.open("NOC")
    sign_in(shared, "wang")
    of_wang = owner_in(shared.get(f"/incidents/{number}"))
    shared.post("/sign-out", form_owner=of_wang)
    sign_in(shared, "zhang")
    answer = shared.post(f"/incidents/{number}/notes", 409, note=NOTE, version="3", form_owner=of_wang)
    assert "You are signed in as Zhang now. Nothing was saved" in answer.text
    assert f">\n{NOTE}</textarea>" in answer.text
    assert of_wang not in answer.text
    page = shared.get(f"/incidents/{number}")
    assert "Call the bank" not in page
    shared.post(f"/incidents/{number}/notes", note=NOTE, form_owner=owner_in(page))
    assert "Call the bank" in shared.get(f"/incidents/{number}")


def test_a_page_stays_good_when_the_same_person_signs_in_again(office: Office, shared: Browser) -> None:
    number = office.open("NOC")
    sign_in(shared, "wang")
    of_wang = owner_in(shared.get(f"/incidents/{number}"))
    shared.post("/sign-out", form_owner=of_wang)
    shared.post(f"/incidents/{number}/notes", note=NOTE, form_owner=of_wang)
    assert "Call the bank" not in office.browser("reader").get(f"/incidents/{number}")
    sign_in(shared, "wang")
    shared.post(f"/incidents/{number}/notes", note=NOTE, form_owner=of_wang)
    assert "Call the bank" in shared.get(f"/incidents/{number}")


def test_an_owner_that_nobody_signed_is_refused_and_no_password_is_shown_again(shared: Browser) -> None:
    sign_in(shared, "zhang")
    for owner in ("person:1", "1~x", "", "9999~" + "A" * 43):
        typed = {"current": "the present password", "new": "the new password", "login": "Zhang San"}
        answer = shared.post("/account/password", 409, form_owner=owner, **typed)
        assert "password</textarea>" not in answer.text
        assert "Zhang San</textarea>" in answer.text


def test_a_preview_of_another_persons_page_changes_nothing_on_it(shared: Browser) -> None:
    sign_in(shared, "zhang")
    client: FlaskClient = shared.client
    headers = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    answer = client.post("/incidents", data={FIELD: "1~x", "title": "A scan"}, headers=headers)
    assert (answer.status_code, answer.text) == (204, "")


def test_every_form_that_is_sent_names_its_owner_and_pages_of_strangers_name_none(
    office: Office, shared: Browser
) -> None:
    number = office.open("NOC")
    sign_in(shared, "wang")
    for path in (f"/incidents/{number}", "/incidents/new", "/account", "/departments/CERT", "/inbox"):
        page = shared.get(path)
        assert len(re.findall(rf'<form[^>]*method="post"[^>]*><input type="hidden" name="{FIELD}"', page)) == len(
            re.findall(r'<form[^>]*method="post"', page)
        ), path
        assert not re.search(rf'method="get"[^>]*><input type="hidden" name="{FIELD}"', page), path
    assert FIELD not in office.browser().get("/report")
    assert FIELD not in office.browser().get("/sign-in")
