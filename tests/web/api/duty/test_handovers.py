"""Shift handovers over the API: by people, and programs only read."""

from typing import Any

from tests.web.office import Office


def json_of(answer: Any) -> Any:
    """The document of an answer."""
    return answer.json


def test_a_person_hands_over_and_the_other_confirms(office: Office) -> None:
    number = office.open("NOC")
    giver, receiver = office.browser("department").client, office.browser("coordinator").client
    office.join("NOC", "coordinator")
    headers = {"Sec-Fetch-Site": "same-origin"}
    made = giver.post("/api/v1/handovers", json={"department": "NOC", "to": "coordinator"}, headers=headers)
    assert made.status_code == 201, made.text
    assert [one["number"] for one in json_of(made)["lists"]["incidents"]] == [number]
    path = f"/api/v1/handovers/{json_of(made)['id']}"
    assert giver.post(f"{path}/confirm", headers=headers).status_code == 403
    assert json_of(receiver.post(f"{path}/confirm", headers=headers))["confirmed_at"] is not None
    assert receiver.post(f"{path}/confirm", headers=headers).status_code == 409
    assert [one["to"] for one in json_of(giver.get("/api/v1/handovers"))["items"]] == ["coordinator"]
    assert office.browser("responder").client.get(path).status_code == 404
    assert json_of(office.browser("responder").client.get("/api/v1/handovers"))["items"] == []
    assert office.browser("reader").client.get("/api/v1/handovers").status_code == 403
