"""Service of documents in the API: attempts, who may see them, proofs of service, and filings that documents prove."""

from typing import Any

from tests.plugins.app import Api
from tests.web.api.deadlines.test_decisions import person, refused
from tests.web.api.documents.test_documents import signed
from tests.web.api.incidents.test_evidence import uploaded
from tests.web.office import Office


def sealed(office: Office, **more: Any) -> Any:
    """A document after its seal."""
    return person(office, "coordinator").done(f"/documents/{signed(office, **more)['id']}/seal")


def attempt(office: Office, **more: Any) -> dict[str, Any]:
    """An attempt to serve a party in person, now."""
    return {"way": "in_person", "to": "zqparty", "at": office.hand.at.isoformat()} | more


def test_a_document_is_served_with_its_proof_and_archived(office: Office) -> None:
    duty, boss = person(office, "responder"), person(office, "coordinator")
    done = sealed(office)
    place = f"/documents/{done['id']}"
    bounced = attempt(office, way="post", served=False, reason="returned to sender")
    assert duty.made(f"{place}/service", bounced)["reason"] == "returned to sender"
    waiting = person(office, "reader").seen("/unserved-documents")["items"]
    assert [(one["id"], one["unserved_at"] is not None) for one in waiting] == [(done["id"], True)]
    assert refused(boss.post(f"{place}/archive")) == (409, "official_document.is_unserved")
    service = duty.made(f"{place}/service", attempt(office, term_days=15))
    assert [one["id"] for one in person(office, "reader").seen("/running-terms")["items"]] == [service["id"]]
    now = duty.seen(place)
    assert (now["state"], [one["served"] for one in now["services"]]) == ("served", [False, True])
    assert duty.seen("/unserved-documents")["items"] == []
    receipt = duty.made(f"/document-services/{service['id']}/receipt", {})
    assert (receipt["kind"], receipt["fields"]["party"]) == ("service-receipt", "zqparty")
    assert duty.seen(place)["services"][1]["receipt"] == receipt["id"]
    assert "zqparty" in duty.get(f"/documents/{receipt['id']}.html").text
    assert boss.done(f"{place}/archive")["state"] == "archived"
    assert "zqparty" in boss.get(f"/incidents/{done['incident']}/journal").text


def test_everything_that_a_way_lacks_is_said_at_once_and_a_form_sent_twice_serves_once(office: Office) -> None:
    duty, done = person(office, "responder"), sealed(office)
    place = f"/documents/{done['id']}/service"
    answer = duty.post(place, attempt(office, way="left"))
    assert answer.json is not None
    assert [one["pointer"] for one in answer.json["errors"]] == ["/reason", "/witness", "/evidence"]
    assert refused(duty.post(place, attempt(office, evidence=[7]))) == (422, "document_service.evidence_unknown")
    made = [duty.made(place, attempt(office), headers={"Idempotency-Key": "k"})["id"] for _ in range(2)]
    assert made[0] == made[1]
    stale = duty.post(place, attempt(office), headers={"If-Match": '"1-0"'})
    assert stale.status_code == 412


def test_the_service_of_a_red_incident_or_a_work_secret_does_not_exist_for_others(office: Office) -> None:
    boss, duty, reader = (person(office, one) for one in ("coordinator", "responder", "reader"))
    done = sealed(office)
    failed = attempt(office, served=False, reason="moved")
    service = duty.made(f"/documents/{done['id']}/service", failed)
    term = duty.made(f"/documents/{done['id']}/service", attempt(office, to="B", term_days=3))
    assert boss.patch(f"/incidents/{done['incident']}", {"tlp": "red"}, headers={"If-Match": "*"}).status_code == 200
    for asking in (duty, reader):
        assert asking.seen("/unserved-documents")["items"] == []
        assert asking.seen("/running-terms")["items"] == []
    assert [one["id"] for one in boss.seen("/running-terms")["items"]] == [term["id"]]
    assert duty.post(f"/documents/{done['id']}/service", failed).status_code == 404
    assert duty.post(f"/document-services/{service['id']}/receipt", {}).status_code == 404
    assert boss.seen("/unserved-documents")["items"][0]["id"] == done["id"]


def test_one_document_proves_the_filings_of_several_clocks(office: Office) -> None:
    boss, reader = person(office, "administrator"), person(office, "reader")
    number = office.open("CERT")
    profile = {"operator_class": "cii", "regimes": ["au-ransom", "cn-pipl-57"]}
    assert boss.put("/organization/profile", profile, headers={"If-Match": "*"}).status_code == 200
    at = office.hand.at.isoformat()
    boss.put(f"/incidents/{number}/awareness", {"at": at, "who": "Li", "how": "an alarm"})
    draft = person(office, "responder").made("/documents", {"kind": "circular", "incident": number})
    clocks = _fileable(boss, number)[:2]
    filing = {"channel": "letter", "at": at, "to": "CAC"}
    unsigned = boss.post(f"/clocks/{clocks[0]}/file", filing | {"document": draft["id"]})
    assert refused(unsigned) == (422, "filing.document_unfit")
    done = signed(office, incident=number)
    for clock in clocks:
        filed = boss.made(f"/clocks/{clock}/file", filing | {"document": done["id"]})
        assert (filed["proved"], filed["document"]) == (True, done["id"])
    assert [one["clock"] for one in reader.seen(f"/documents/{done['id']}")["filings"]] == clocks
    other = signed(office)
    assert refused(boss.post(f"/clocks/{clocks[0]}/file", filing | {"document": other["id"]}))[0] == 422


def test_a_filing_does_not_name_a_work_secret_to_others(office: Office) -> None:
    boss, reader, number = person(office, "administrator"), person(office, "reader"), office.open("CERT")
    assert boss.put("/organization/profile", {"operator_class": "cii"}, headers={"If-Match": "*"}).status_code == 200
    at = office.hand.at.isoformat()
    boss.put(f"/incidents/{number}/awareness", {"at": at, "who": "Li", "how": "an alarm"})
    done = signed(office, incident=number, marking="work_secret")
    clock = _fileable(boss, number)[0]
    boss.made(f"/clocks/{clock}/file", {"channel": "letter", "at": at, "to": "CAC", "document": done["id"]})
    for asking, expected in ((boss, done["id"]), (reader, None)):
        [filing] = [one for it in asking.seen(f"/incidents/{number}/clocks")["items"] for one in it["filings"]]
        assert filing["document"] == expected


def _fileable(boss: Api, number: str) -> list[int]:
    """The clocks of an incident that have a start."""
    return [one["id"] for one in boss.seen(f"/incidents/{number}/clocks")["items"] if one["start_at"]]


def test_files_that_a_merge_moved_are_chosen_by_those_who_may_see_the_other_incident(office: Office) -> None:
    boss, duty = person(office, "coordinator"), person(office, "responder")
    done, survivor = sealed(office), office.open("CERT")
    number, page = done["incident"], f"/documents/{done['id']}"
    photo = uploaded(boss, f"/incidents/{number}/evidence")["id"]
    boss.made(f"/incidents/{number}/merge", {"into": survivor, "reason": "the same mail"})
    browser = office.browser("responder")
    assert 'name="evidence" value="' in browser.get(page)
    hidden = boss.patch(f"/incidents/{survivor}", {"tlp": "red"}, headers={"If-Match": "*"})
    assert hidden.status_code == 200
    assert 'name="evidence" value="' not in browser.get(page)
    refusal = refused(duty.post(f"{page}/service", attempt(office, evidence=[photo])))
    assert refusal == (422, "document_service.evidence_unknown")
    assert boss.made(f"{page}/service", attempt(office, evidence=[photo]))["evidence"][0]["id"] == photo
    assert f"/incidents/{survivor}/evidence/{photo}" in office.browser("coordinator").get(page)
    page_of_others = browser.get(page)
    assert "photo" in page_of_others
    assert survivor not in page_of_others
