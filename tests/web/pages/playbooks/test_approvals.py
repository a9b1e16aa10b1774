"""Approval of a playbook over the API and on pages: each place shows who has to approve."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from incident.actions.playbooks import playbooks, secrets
from incident.web.instance import KEY
from tests.plugins.app import AT, Speaker, speaking
from tests.web.api.playbooks.test_playbooks import marked
from tests.web.office import BY, Browser, Office
from tests.web.pages.playbooks.test_start_requests import machine_playbook

BLOCK = machine_playbook()
APPROVALS = f"/playbooks/{BLOCK['id']}/approvals"


def deposit(app: Flask) -> None:
    """Deposit a secret, from which on machine commands need approval."""
    secrets.set_secret("wall", "t0ken", ["https://wall.example.org"], app.extensions[KEY].ring, BY, AT)


@pytest.fixture
def guarded(office: Office) -> Office:
    """An office with something at stake, and a playbook that machines carry out."""
    office.do(lambda: deposit(office.app))
    office.do(lambda: playbooks.add_playbook(BLOCK, BY, office.hand.at))
    return office


@pytest.fixture
def speak_office(office: Office) -> Speaker:
    """Programs of each role in the office."""
    return speaking(office.app)


def approve(browser: Browser, content_hash: str) -> TestResponse:
    """Approve over the API as the signed-in person."""
    return browser.client.post(
        f"/api/v1/playbooks/{BLOCK['id']}/approve",
        json={"content_hash": content_hash},
        headers={"Sec-Fetch-Site": "same-origin"},
    )


def test_the_api_shows_what_is_missing_and_refuses_programs_other_roles_and_old_versions(
    guarded: Office, speak_office: Speaker
) -> None:
    boss = speak_office("coordinator")
    status = boss.seen(APPROVALS)
    assert (status["is_needed"], status["missing"], status["items"]) == (True, 2, [])
    number = boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    waits = boss.post(f"/incidents/{number}/runs", {"playbook": BLOCK["id"]})
    assert (waits.status_code, waits.json and waits.json["state"]) == (202, "scheduled")
    assert "Location" not in waits.headers
    again = boss.post(f"/incidents/{number}/runs", {"playbook": BLOCK["id"]})
    assert (again.status_code, again.json and again.json["code"]) == (409, "run.is_scheduled")
    assert [one["state"] for one in boss.seen("/start-requests")["items"]] == ["scheduled"]

    body = {"content_hash": status["content_hash"]}
    token = boss.post(f"/playbooks/{BLOCK['id']}/approve", body)
    assert (token.status_code, token.json and token.json["code"]) == (403, "approval.not_by_person")
    assert boss.post(f"/playbooks/{BLOCK['id']}/approve", {}).status_code == 422
    assert speak_office("responder").post(f"/playbooks/{BLOCK['id']}/approve", body).status_code == 403
    stale = approve(guarded.browser("coordinator"), "0" * 64)
    assert (stale.status_code, stale.json and stale.json["code"]) == (409, "approval.is_stale")

    first = approve(guarded.browser("coordinator"), status["content_hash"])
    assert (first.status_code, first.json and first.json["missing"]) == (201, 1)
    assert approve(guarded.browser("coordinator"), status["content_hash"]).status_code == 409
    second = approve(guarded.browser("administrator"), status["content_hash"])
    assert second.json
    assert [one["by"].split(":")[2] for one in second.json["items"]] == ["Person coordinator", "Person administrator"]
    assert boss.seen("/start-requests")["items"] == []
    assert [one["name"] for one in boss.seen(f"/incidents/{number}")["runs"]] == ["Block the network"]


def test_pages_say_whose_approval_a_run_waits_for_and_start_it_with_the_second(guarded: Office) -> None:
    number = guarded.open("CERT")
    responder, boss, admin = (guarded.browser(one) for one in ("responder", "coordinator", "administrator"))
    before = boss.post(f"/incidents/{number}/runs", playbook=BLOCK["id"])
    assert "/runs/new" in before.location, "that it will wait is shown before it is started"
    assert "It waits until two people have approved it" in boss.get(before.location)
    started = boss.post(f"/incidents/{number}/runs", playbook=BLOCK["id"], seen="1")
    assert started.location.endswith("said=scheduled#runs")
    for page in (boss.get(f"/incidents/{number}"), responder.get(f"/incidents/{number}"), admin.get("/inbox")):
        assert "“Block the network” is waiting for approval" in page
        assert "These people may: Person administrator, Person coordinator." in page
    assert "Read and approve" in boss.get("/inbox")
    assert "Read and approve" not in responder.get(f"/incidents/{number}")

    page = boss.get(f"/playbooks/{BLOCK['id']}")
    approval = page[page.index('id="approval"') : page.index("Approve this version")]
    assert "POST /block HTTP/1.1" in approval, "who approves reads what is sent, and where"
    assert "Firewall" in approval
    content_hash = page.split('name="content_hash" value="')[1][:64]
    assert "Approve this version" not in responder.get(f"/playbooks/{BLOCK['id']}")
    responder.post(f"/playbooks/{BLOCK['id']}/approve", 403, content_hash=content_hash)
    assert approve_on_page(boss, content_hash).endswith("said=approved")
    assert "Approve this version" not in boss.get(f"/playbooks/{BLOCK['id']}")
    waiting = admin.get(f"/incidents/{number}")
    assert "One more person must approve this playbook" in waiting
    assert "These people may: Person administrator." in waiting
    assert "Read and approve" not in boss.get("/inbox")
    boss.post(f"/playbooks/{BLOCK['id']}/approve", 409, content_hash=content_hash)
    assert approve_on_page(admin, content_hash).endswith("said=approved_by_two")
    done = boss.get(f"/incidents/{number}")
    assert "is waiting for approval</strong>" not in done
    assert 'id="run-1"' in done
    assert "Two people have approved this version." in boss.get(f"/playbooks/{BLOCK['id']}")


def approve_on_page(browser: Browser, content_hash: str) -> str:
    """Press the button; return where it leads."""
    return browser.post(f"/playbooks/{BLOCK['id']}/approve", content_hash=content_hash).location


def test_a_start_that_waits_can_be_declined(guarded: Office) -> None:
    number, boss = guarded.open("CERT"), guarded.browser("coordinator")
    boss.post(f"/incidents/{number}/runs", playbook=BLOCK["id"], seen="1")
    assert "Do not start it" in boss.get("/inbox")
    boss.post("/start-requests/1/decline", decline_reason="Not on that network", **{"from": "inbox"})
    assert "is waiting for approval</strong>" not in boss.get(f"/incidents/{number}")


def test_approvals_of_a_red_playbook_are_for_those_who_may_see_it(guarded: Office, speak_office: Speaker) -> None:
    newer: dict[str, Any] = marked(BLOCK | {"modified": "2026-02-02T00:00:00.000Z"}, "TLP:RED")
    guarded.do(lambda: playbooks.add_playbook(newer, BY, guarded.hand.at))
    assert speak_office("responder").get(APPROVALS).status_code == 404
    assert speak_office("coordinator").seen(APPROVALS)["missing"] == 2
