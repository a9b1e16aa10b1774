"""The page of a person: invited, withdrawn, invited again, signed in, signed out everywhere."""

import re

import pytest

from tests.web.office import Office
from tests.web.pages.directory.test_account import link_in

PASSWORD = "four unrelated words apart"


def test_somebody_is_invited_withdrawn_and_invited_again(office: Office) -> None:
    boss = office.browser("administrator")
    answer = boss.post("/people", status=201, name="Li Wei", login="li", role="responder", language="en")
    first, listed = link_in(answer.text), boss.get("/people")
    assert "invited, the link works until" in listed
    path = next(one for one in re.findall(r'href="(/people/\d+)"><strong>Li Wei', listed))
    assert "Has never signed in" in boss.get(path)
    boss.post(f"{path}/link/withdraw")
    office.browser().get(first, status=410)
    assert "no link is open" in boss.get(path)
    second = link_in(boss.post(f"{path}/link", status=201).text)
    office.browser().post(second, password=PASSWORD)
    assert "last signed in" in boss.get("/people")
    shown = boss.get(path)
    assert "A password is set" in shown
    assert "Sign out everywhere" in shown


def test_an_invitation_that_expired_is_said_in_the_list_and_on_the_page(office: Office) -> None:
    office.browser("administrator").post("/people", status=201, name="Li", login="li", role="reader", language="en")
    office.hand.forward(days=8)
    office._browsers.clear()
    boss = office.browser("administrator")
    listed = boss.get("/people")
    assert "the invitation has expired" in listed
    path = next(one for one in re.findall(r'href="(/people/\d+)"><strong>Li<', listed))
    assert "no longer works" in boss.get(path)
    assert "Invite again" in boss.get(path)


def test_who_is_signed_out_everywhere_must_sign_in_again(office: Office) -> None:
    boss, other = office.browser("administrator"), office.browser("responder")
    path = next(iter(re.findall(r'href="(/people/\d+)"><strong>Person responder', boss.get("/people"))))
    other.get("/account")
    boss.post(f"{path}/sessions/end")
    other.get("/account", status=303)
    assert "Not signed in anywhere" in boss.get(path)


@pytest.mark.parametrize("role", ["coordinator", "reader"])
def test_others_see_no_page_of_a_person_and_end_nothing(office: Office, role: str) -> None:
    browser = office.browser(role)
    browser.get("/people/1", status=403)
    browser.post("/people/1/sessions/end", status=403)
    browser.post("/people/1/link/withdraw", status=403)


def test_a_person_who_does_not_exist_is_not_found(office: Office) -> None:
    office.browser("administrator").get("/people/999", status=404)
    office.browser("administrator").post("/people/999/sessions/end", status=404)
