"""Incoming papers in the API: registered, handled, circulated to those who may read them, answered."""

from typing import Any

from tests.plugins.app import Api
from tests.web.api.deadlines.test_decisions import person, refused
from tests.web.api.documents.test_documents import drafted
from tests.web.office import Office


def came(office: Office, by: Api, number: str | None = None, **more: Any) -> Any:
    """A letter that came in about a new incident."""
    given = {"incident": number or office.open("CERT"), "kind": "letter", "title": "来函", "sender": "Y公司"}
    return by.made("/incoming-papers", given | {"received_at": office.hand.at.isoformat()} | more)


def test_a_paper_goes_from_its_registration_to_its_end(office: Office) -> None:
    duty, boss, reader = (person(office, one) for one in ("responder", "coordinator", "reader"))
    due = "2026-11-30T08:00:00Z"
    paper = came(office, duty, due_at=due, sender_number="Y函〔2026〕3号")
    assert (paper["number"], paper["state"], paper["is_overdue"]) == ("收〔2026〕1号", "open", False)
    place = f"/incoming-papers/{paper['id']}"
    assert [one["id"] for one in reader.seen("/due-papers")["items"]] == [paper["id"]]
    duty.done(f"{place}/propose", {"text": "拟复函"})
    assert duty.post(f"{place}/instruct", {"text": "x"}).status_code == 403
    assert boss.done(f"{place}/instruct", {"text": "同意"})["instruction"] == "同意"
    asked = duty.done(f"{place}/circulate", {"people": ["reader"]})
    assert [(one["login"], one["read_at"]) for one in asked["readers"]] == [("reader", None)]
    assert reader.done(f"{place}/read")["readers"][0]["read_at"]
    assert refused(reader.post(f"{place}/read")) == (409, "incoming_paper.not_your_turn")
    answer = drafted(office, duty, incident=paper["incident"])
    assert duty.done(f"{place}/answer", {"document": answer["id"]})["answered_by"] == [answer["id"]]
    assert duty.done(f"{place}/finish", {"text": "已复函"})["state"] == "done"
    assert refused(duty.post(f"{place}/propose", {"text": "x"})) == (409, "incoming_paper.is_done")
    assert reader.seen("/due-papers")["items"] == []
    assert [one["id"] for one in reader.seen(f"/incoming-papers?incident={paper['incident']}")["items"]] == [
        paper["id"]
    ]


def test_a_paper_is_circulated_only_to_those_who_may_see_it_and_does_not_exist_for_others(office: Office) -> None:
    duty, boss, reader = (person(office, one) for one in ("responder", "coordinator", "reader"))
    paper = came(office, duty, marking="work_secret")
    place = f"/incoming-papers/{paper['id']}"
    answer = duty.post(f"{place}/circulate", {"people": ["coordinator", "reader", "nobody"]})
    assert answer.json is not None
    assert [one["pointer"] for one in answer.json["errors"]] == ["/people/1", "/people/2"]
    assert reader.get(place).status_code == 404
    assert reader.seen("/incoming-papers")["items"] == []
    assert boss.seen(place)["title"] == "来函"
    assert "来函" not in reader.get(f"/incidents/{paper['incident']}/journal").text


def test_a_paper_is_refused_with_all_that_is_wrong(office: Office) -> None:
    duty, secret = person(office, "responder"), person(office, "coordinator")
    number = office.open("CERT")
    hidden = drafted(office, secret, incident=number, marking="work_secret")
    given = {"incident": number, "kind": "letter", "title": "x", "sender": "y", "received_at": "2026-11-22T08:00:00Z"}
    wrong = duty.post("/incoming-papers", given | {"due_at": "2026-01-01T00:00:00Z"})
    assert wrong.json is not None
    assert [one["pointer"] for one in wrong.json["errors"]] == ["/received_at", "/due_at"]
    assert refused(duty.post("/incoming-papers", given | {"answers": hidden["id"]})) == (
        422,
        "incoming_paper.answer_unknown",
    )
    assert refused(duty.post("/incoming-papers", given | {"scan": 7})) == (422, "incoming_paper.scan_unknown")
    assert refused(duty.post("/incoming-papers", given | {"marking": "秘密"}))[0] == 422


def test_a_paper_is_given_to_a_department_on_the_incident_only(office: Office) -> None:
    duty = person(office, "responder")
    paper = came(office, duty)
    place = f"/incoming-papers/{paper['id']}"
    assert paper["department"] is None
    assert duty.done(f"{place}/propose", {"text": "拟请承办", "department": "CERT"})["department"] == "CERT"
    refusal = refused(duty.post(f"{place}/propose", {"text": "拟请承办", "department": "NOBODY"}))
    assert refusal == (422, "incoming_paper.department_unfit")
    assert duty.done(f"{place}/propose", {"text": "拟请承办"})["department"] == "CERT"


def test_an_entry_is_corrected_with_a_reason_by_who_has_read_it(office: Office) -> None:
    duty = person(office, "responder")
    paper = came(office, duty)
    place, given = f"/incoming-papers/{paper['id']}", {"sender": "Z公司", "due_at": "2026-12-30T08:00:00Z"}
    assert duty.patch(place, given | {"reason": "x"}).status_code == 428
    tag = duty.get(place).headers["ETag"]
    refusal = duty.patch(place, given, headers={"If-Match": tag})
    assert refused(refusal)[0] == 422
    answer = duty.patch(place, given | {"reason": "抄错了"}, headers={"If-Match": tag})
    assert (answer.json["sender"], answer.json["due_at"]) == ("Z公司", "2026-12-30T08:00:00.000000Z")  # type: ignore[index]
    again = duty.patch(place, given | {"reason": "抄错了"}, headers={"If-Match": tag})
    assert again.status_code == 412
