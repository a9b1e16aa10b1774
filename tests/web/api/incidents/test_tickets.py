"""Tickets of other systems in the API and on the page of an incident."""

import pytest

from tests.plugins.app import Api, Speaker
from tests.web.office import Office

TICKET = {"system": "Jira", "key": "SEC-7", "url": "https://jira.example/browse/SEC-7?a=1&b=2"}


@pytest.fixture
def place(boss_sqlite: Api) -> str:
    number = boss_sqlite.made("/incidents", {"title": "Scan", "departments": ["CERT"]})["number"]
    return f"/incidents/{number}/tickets"


def test_a_ticket_is_linked_listed_in_the_incident_and_removed(boss_sqlite: Api, place: str) -> None:
    made = boss_sqlite.made(place, TICKET)
    assert {name: made[name] for name in TICKET} == TICKET
    assert boss_sqlite.seen(place)["items"] == [made]
    assert boss_sqlite.seen(place.removesuffix("/tickets"))["tickets"] == [made]
    again = boss_sqlite.post(place, TICKET)
    assert (again.status_code, again.json and again.json["code"]) == (409, "ticket.exists")
    assert boss_sqlite.delete(f"{place}/{made['id']}").status_code == 204
    assert boss_sqlite.delete(f"{place}/{made['id']}").status_code == 404
    assert boss_sqlite.seen(place)["items"] == []


def test_the_same_key_makes_it_once(boss_sqlite: Api, place: str) -> None:
    key = {"Idempotency-Key": "k"}
    assert boss_sqlite.made(place, TICKET, headers=key) == boss_sqlite.made(place, TICKET, headers=key)


def test_faults_are_told_at_their_fields(boss_sqlite: Api, place: str) -> None:
    answer = boss_sqlite.post(place, {"system": "x" * 61, "key": "", "url": "https://x"})
    assert answer.json is not None
    assert {one["pointer"] for one in answer.json["errors"]} == {"/system", "/key"}
    script = boss_sqlite.post(place, TICKET | {"url": "javascript:alert(1)"})
    assert script.json is not None
    assert [one["code"] for one in script.json["errors"]] == ["address.not_http"]


def test_who_may_not_see_an_incident_finds_no_ticket(furnished_sqlite: Speaker, boss_sqlite: Api) -> None:
    number = boss_sqlite.made("/incidents", {"title": "Secret", "tlp": "red"})["number"]
    made = boss_sqlite.made(f"/incidents/{number}/tickets", TICKET)
    responder = furnished_sqlite("responder")
    assert responder.get(f"/incidents/{number}/tickets").status_code == 404
    assert responder.post(f"/incidents/{number}/tickets", TICKET).status_code == 404
    assert responder.delete(f"/incidents/{number}/tickets/{made['id']}").status_code == 404


def test_the_page_links_a_ticket_safely_and_removes_it(office: Office) -> None:
    number = office.open("CERT")
    browser = office.browser("responder")
    browser.post(f"/incidents/{number}/tickets", system='<b>"Jira"', key="SEC-7", url=TICKET["url"])
    page = browser.get(f"/incidents/{number}")
    assert 'href="https://jira.example/browse/SEC-7?a=1&amp;b=2" rel="noopener noreferrer nofollow"' in page
    assert "<b>" not in page.split('id="tickets"')[1].split("</section>")[0]
    assert "Linked to the ticket" in page
    refused = browser.post(
        f"/incidents/{number}/tickets", status=422, system="Jira", key="SEC-8", url="javascript:alert(1)"
    ).text
    assert "SEC-8" in refused
    assert 'href="javascript' not in refused
    browser.post(f"/incidents/{number}/tickets/1/unlink")
    assert "browse/SEC-7" not in browser.get(f"/incidents/{number}").split('id="tickets"')[1].split("</section>")[0]
    assert 'action="/incidents' in browser.get(f"/incidents/{number}")
    assert f"/incidents/{number}/tickets" not in office.browser("reader").get(f"/incidents/{number}")
