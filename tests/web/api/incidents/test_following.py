"""Following an incident over the API: by people, and programs only read."""

from typing import Any

from tests.plugins.app import Speaker
from tests.web.office import Browser, Office

HEADERS = {"Sec-Fetch-Site": "same-origin"}


def put(browser: Browser, path: str, *, is_following: bool) -> Any:
    return browser.client.put(path, json={"is_following": is_following}, headers=HEADERS)


def test_a_person_follows_an_incident_over_the_api_and_finds_its_news_in_the_inbox(office: Office) -> None:
    number = office.open("NOC", grade=3)
    reader, boss = office.browser("reader"), office.browser("coordinator")
    path = f"/api/v1/incidents/{number}/following"
    assert reader.client.get(path).json == {"is_following": False}
    for _ in range(2):
        followed = put(reader, path, is_following=True)
        assert (followed.status_code, followed.json) == (200, {"is_following": True}), followed.text
    assert boss.client.get(path).json == {"is_following": False}
    boss.post(f"/incidents/{number}/acknowledge")
    assert "The status is now: in progress." in reader.get("/inbox")
    assert put(reader, path, is_following=False).json == {"is_following": False}
    assert reader.client.get(path).json == {"is_following": False}


def test_nobody_follows_an_incident_over_the_api_that_they_may_not_see(office: Office) -> None:
    path = f"/api/v1/incidents/{office.open('NOC', tlp='red')}/following"
    reader = office.browser("reader")
    assert reader.client.get(path).status_code == 404
    assert put(reader, path, is_following=True).status_code == 404


def test_a_program_follows_nothing(speak: Speaker) -> None:
    boss = speak("administrator")
    path = f"/incidents/{boss.made('/incidents', {'title': 'x'})['number']}/following"
    assert boss.seen(path) == {"is_following": False}
    assert boss.put(path, {"is_following": True}).status_code == 403
    assert boss.put(path, {}).status_code == 422
