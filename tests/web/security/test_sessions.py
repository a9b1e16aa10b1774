"""The API with a browser session: allowed from our pages, refused from other sites."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from incident.actions.directory import people, tokens
from incident.store.db.database import db
from incident.web.security.auth import SESSION_COOKIE
from tests.plugins.app import AT, Hand

INCIDENT = {"title": "A worm"}


@pytest.fixture
def browser(app: Flask, hand: Hand) -> FlaskClient:
    """A browser in which a coordinator has signed in."""
    client = app.test_client()
    with app.app_context():
        person = people.add_person("li.wei", "李伟", "coordinator", None, None, "zh_Hans_CN", "tests", AT)
        client.set_cookie(SESSION_COOKIE, people.open_session(person, AT))
        db.session.remove()
    return client


def test_who_has_signed_in_uses_the_api_and_stands_in_the_journal(browser: FlaskClient) -> None:
    made = browser.post("/api/v1/incidents", json=INCIDENT, headers={"Sec-Fetch-Site": "same-origin"})
    assert made.status_code == 201, made.text
    entries = browser.get("/api/v1/incidents/INC-2026-000001/journal").json
    assert entries is not None
    assert entries["items"][0]["actor"] == "person:1:李伟"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_changes_nothing_on_a_session(browser: FlaskClient, headers: dict[str, str]) -> None:
    answer = browser.post("/api/v1/incidents", json=INCIDENT, headers=headers)
    assert answer.status_code == 403
    listed = browser.get("/api/v1/incidents").json
    assert listed is not None
    assert listed["items"] == []


def test_a_token_counts_whatever_page_it_is_sent_from(browser: FlaskClient, app: Flask) -> None:
    with app.app_context():
        secret = tokens.make_token("program", "responder", None, "tests", AT).secret
        db.session.remove()
    headers = {"Authorization": f"Bearer {secret}", "Sec-Fetch-Site": "cross-site"}
    assert app.test_client().post("/api/v1/incidents", json=INCIDENT, headers=headers).status_code == 201


def test_the_public_reports_from_any_page(browser: FlaskClient) -> None:
    answer = browser.post("/api/v1/reports", json={"text": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 201


def test_a_session_ends_in_time_and_when_it_is_revoked(browser: FlaskClient, hand: Hand, app: Flask) -> None:
    assert browser.get("/api/v1/incidents").status_code == 200
    with app.app_context():
        people.revoke_session(1, "tests", hand.at)
        db.session.remove()
    assert browser.get("/api/v1/incidents").status_code == 401


def test_a_session_is_over_after_its_hours(browser: FlaskClient, hand: Hand) -> None:
    for _ in range(3):
        hand.forward(hours=3, minutes=50)
        assert browser.get("/api/v1/incidents").status_code == 200
    hand.forward(hours=1)
    assert browser.get("/api/v1/incidents").status_code == 401


def test_a_wrong_token_is_not_made_good_by_a_session(browser: FlaskClient) -> None:
    assert browser.get("/api/v1/incidents", headers={"Authorization": "Bearer wrong"}).status_code == 401
