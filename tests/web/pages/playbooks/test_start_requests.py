"""People who may not start a playbook can request it; the request appears where it can be answered."""

from typing import Any

import pytest

from incident.actions.playbooks import playbooks
from tests.core.cacao.build import MACHINE_AGENT, action, document, http, manual
from tests.plugins.app import Speaker
from tests.web.api.playbooks.test_playbooks import marked
from tests.web.office import BY, Office


def machine_playbook() -> dict[str, Any]:
    """A playbook that a machine carries out."""
    return document({"block": action("end", http(), agent=MACHINE_AGENT), "end": None}, "Block the network")


@pytest.fixture
def number(furnished: Speaker) -> str:
    """An incident, and a playbook with machine commands."""
    boss = furnished("coordinator")
    boss.made("/playbooks", machine_playbook())
    return str(boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"])


def test_a_request_waits_for_who_may_start_it_and_goes_when_the_run_starts(furnished: Speaker, number: str) -> None:
    responder, boss, playbook = furnished("responder"), furnished("coordinator"), machine_playbook()["id"]
    path = f"/incidents/{number}/start-requests"
    made = responder.made(path, {"playbook": playbook, "note": "It spreads"})
    assert (made["state"], made["name"], made["note"]) == ("pending", "Block the network", "It spreads")
    assert [one["id"] for one in boss.seen("/start-requests")["items"]] == [made["id"]]
    assert [one["id"] for one in responder.seen(f"/start-requests?incident={number}")["items"]] == [made["id"]]
    again = responder.post(path, {"playbook": playbook})
    assert (again.status_code, again.json and again.json["code"]) == (409, "start_request.is_pending")
    entries = responder.seen(f"/incidents/{number}/journal")["items"]
    assert entries[-1]["verb"] == "run.requested"
    assert entries[-1]["detail"]["note"] == "It spreads"
    boss.made(f"/incidents/{number}/runs", {"playbook": playbook})
    assert boss.seen("/start-requests")["items"] == []
    late = boss.post(f"/start-requests/{made['id']}/decline", {"reason": "Too late"})
    assert (late.status_code, late.json and late.json["code"]) == (409, "start_request.has_ended")
    assert responder.made(path, {"playbook": playbook})["id"] != made["id"]


def test_a_declined_request_is_gone_and_its_reason_can_be_read(furnished: Speaker, number: str) -> None:
    responder, boss, playbook = furnished("responder"), furnished("coordinator"), machine_playbook()["id"]
    made = responder.made(f"/incidents/{number}/start-requests", {"playbook": playbook})
    decline = f"/start-requests/{made['id']}/decline"
    assert responder.post(decline, {"reason": "no"}).status_code == 403
    assert boss.post(decline, {}).status_code == 422
    done = boss.done(decline, {"reason": "The hospital is on that network"})
    assert (done["state"], done["reason"]) == ("declined", "The hospital is on that network")
    assert boss.seen("/start-requests")["items"] == []
    last = responder.seen(f"/incidents/{number}/journal")["items"][-1]
    assert (last["verb"], last["detail"]["reason"]) == ("run.request_declined", "The hospital is on that network")


def test_what_one_may_start_or_not_see_cannot_be_requested(furnished: Speaker, number: str) -> None:
    responder, boss = furnished("responder"), furnished("coordinator")
    path, playbook = f"/incidents/{number}/start-requests", machine_playbook()["id"]
    people = document({"look": action("end", manual("Look")), "end": None}, "Look")
    red = marked(document({"block": action("end", http(), agent=MACHINE_AGENT), "end": None}, "Red"), "TLP:RED")
    for one in (people, red):
        boss.made("/playbooks", one)
    for asking, wanted, status, code in (
        (responder, people["id"], 409, "start_request.not_needed"),
        (boss, playbook, 409, "start_request.not_needed"),
        (responder, red["id"], 422, "playbook.unknown"),
        (responder, "playbook--00000000-0000-4000-8000-000000000000", 422, "playbook.unknown"),
    ):
        refused = asking.post(path, {"playbook": wanted})
        assert refused.status_code == status, refused.text
        assert code in refused.text
    assert furnished("reader").post(path, {"playbook": playbook}).status_code == 403
    boss.done(f"/incidents/{number}/close", {"override": True, "reason": "over"})
    assert responder.post(path, {"playbook": playbook}).status_code == 409


def test_a_request_is_for_those_alone_who_may_see_its_incident_and_its_playbook(
    furnished: Speaker, number: str
) -> None:
    boss, responder, playbook = furnished("coordinator"), furnished("responder"), machine_playbook()
    made = responder.made(f"/incidents/{number}/start-requests", {"playbook": playbook["id"]})
    newer = marked(playbook | {"modified": "2026-02-02T00:00:00.000Z"}, "TLP:RED")
    boss.made("/playbooks", newer)
    assert [one["id"] for one in boss.seen("/start-requests")["items"]] == [made["id"]]
    assert responder.seen("/start-requests")["items"] == []
    assert boss.patch(f"/incidents/{number}", {"tlp": "red"}, headers={"If-Match": "*"}).status_code == 200
    assert responder.seen(f"/start-requests?incident={number}")["items"] == []


def test_pages_show_who_may_start_a_playbook_and_bring_the_request_to_them(office: Office) -> None:
    office.do(lambda: playbooks.add_playbook(machine_playbook(), BY, office.hand.at))
    number, playbook = office.open("CERT"), machine_playbook()["id"]
    responder, boss = office.browser("responder"), office.browser("coordinator")
    page = responder.get(f"/incidents/{number}")
    own, _, others = page[page.index('id="start-run"') :].partition("Playbook to start")
    assert "Contain and tell" in own
    assert "Block the network" not in own
    assert "Person administrator, Person coordinator" in own
    assert "Block the network" in others
    assert "Request the start" in others
    assert "Block the network" not in responder.get("/incidents/new")
    assert "Block the network" in boss.get("/incidents/new")
    assert "Playbook to start" not in boss.get(f"/incidents/{number}")
    before = responder.get(f"/incidents/{number}/runs/new?playbook={playbook}")
    assert "Person administrator, Person coordinator" in before
    assert f'action="/incidents/{number}/runs"' not in before

    asked = responder.post(f"/incidents/{number}/start-requests", requested=playbook, request_note="It spreads")
    assert asked.location.endswith("said=requested#runs")
    waiting = responder.get(f"/incidents/{number}")
    assert "Waiting for someone who may start it." in waiting
    assert "Start of the playbook “Block the network” requested" in waiting
    responder.post(f"/incidents/{number}/start-requests", 409, requested=playbook)
    inbox = boss.get("/inbox")
    for text in ("Playbooks to start", "Block the network", "It spreads", "Person responder"):
        assert text in inbox, text
    assert "Playbooks to start" not in responder.get("/inbox")

    boss.post("/start-requests/1/decline", 422, **{"from": "inbox"})
    declined = boss.post("/start-requests/1/decline", decline_reason="Not on that network", **{"from": "inbox"})
    assert declined.location == "/inbox?said=request_declined"
    assert "Playbooks to start" not in boss.get("/inbox")
    page = responder.get(f"/incidents/{number}")
    assert "Request to start the playbook “Block the network” declined" in page
    assert "Not on that network" in page
    assert "Playbook to start" in page


def test_a_request_is_counted_beside_the_inbox_of_who_may_answer_it(office: Office) -> None:
    office.do(lambda: playbooks.add_playbook(machine_playbook(), BY, office.hand.at))
    number = office.open("CERT")
    office.browser("responder").post(f"/incidents/{number}/start-requests", requested=machine_playbook()["id"])
    before = {role: office.browser(role).get("/departments") for role in ("coordinator", "responder")}
    office.browser("coordinator").post("/start-requests/1/decline", decline_reason="No")
    after = {role: office.browser(role).get("/departments") for role in ("coordinator", "responder")}
    assert before["coordinator"] != after["coordinator"]
    assert before["responder"] == after["responder"]
