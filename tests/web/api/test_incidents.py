"""Incidents over the API: opened, told, listed, changed, acknowledged, closed, reopened."""

import pytest

from tests.plugins.app import Api, Hand, Speaker


@pytest.fixture
def boss(speak: Speaker) -> Api:
    """A coordinator, with the department CERT told by two contacts."""
    administrator = speak("administrator")
    administrator.made("/departments", {"code": "CERT", "name": "Emergency response"})
    for level, name in ((1, "Duty"), (2, "Head")):
        administrator.made("/departments/CERT/contacts", {"name": name, "channel": "inbox", "level": level})
    policy = {"levels": [{"wait": "PT5M"}, {"wait": "PT10M"}], "repeat": 1}
    assert administrator.put("/departments/CERT/policy", policy).status_code == 200
    return speak("coordinator")


def test_an_opened_incident_has_a_number_and_its_department_is_told(boss: Api) -> None:
    incident = boss.made("/incidents", {"title": "网页被篡改", "departments": ["CERT"], "grade": 2})
    assert incident["number"] == "INC-2026-000001"
    seen = boss.seen("/incidents/INC-2026-000001")
    assert seen["status"] == "new"
    assert seen["departments"] == ["CERT"]
    assert seen["is_untold"] is False
    [notice] = seen["notices"]
    assert (notice["state"], notice["level"], notice["department"]) == ("open", 1, "CERT")
    assert notice["next_at"] == "2026-11-21T08:35:00.000000Z"
    assert [delivery["contact"] for delivery in notice["deliveries"]] == ["Duty"]


def test_the_place_of_a_new_incident_is_told(boss: Api) -> None:
    answer = boss.post("/incidents", {"title": "A worm"})
    assert answer.headers["Location"] == "/api/v1/incidents/INC-2026-000001"
    assert boss.seen("/incidents/INC-2026-000001")["title"] == "A worm"


def test_an_acknowledgement_ends_the_escalation(boss: Api, hand: Hand) -> None:
    number = boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    hand.forward(minutes=2)
    seen = boss.done(f"/incidents/{number}/acknowledge", {"department": "CERT"})
    assert seen["status"] == "handling"
    [notice] = seen["notices"]
    assert (notice["state"], notice["next_at"]) == ("acknowledged", None)
    assert notice["acknowledged_at"] == "2026-11-21T08:32:00.000000Z"
