"""Passages that tell who reported: sealed over the API, shown before sending on the web."""

import json

import pytest

from incident.store.db.database import db
from incident.store.journal.journal import Entry
from incident.store.reports.reports import Report
from tests.plugins.app import Speaker
from tests.web.api.reports.test_identity_requests import person
from tests.web.office import Office
from tests.web.pages.reports.test_public_reports import fields_of, last, walk

TEXT = "我叫欧阳明月，电话 13987654321，我看到有人行贿"
EVERYWHERE = {
    "text": TEXT,
    "url": "https://evil.example/13987654321",
    "evidence": "mail from ming@yue.example",
    "kind": "claim",
}
SECRETS = ("欧阳明月", "13987654321", "ming@yue.example")


def test_what_tells_who_reported_is_sealed_and_replaced_over_the_api(furnished: Speaker) -> None:
    public, responder = furnished(), furnished("responder")
    made = public.made("/reports", EVERYWHERE)
    assert made["protection"] == "sealed"
    seen = responder.seen("/reports/1")
    assert seen["text"] == "我叫〔已封存 1〕，电话 〔已封存 2〕，我看到有人行贿"
    assert seen["url"] == "https://evil.example/〔已封存 2〕"
    assert seen["contact_fields"] == ["passage_1", "passage_2", "passage_3"]
    assert [one["id"] for one in responder.seen("/reports?q=行贿")["items"]] == [1]
    for secret in SECRETS:
        assert responder.seen(f"/reports?q={secret}")["items"] == []
    with public.client.application.app_context():
        rows = [vars(row) for model in (Report, Entry) for row in db.session.scalars(db.select(model))]
        assert not any(secret in json.dumps(rows, default=str, ensure_ascii=False) for secret in SECRETS)
        db.session.remove()
    kept = EVERYWHERE | {"channel": "web"}
    checked = public.done("/receipts/verify", {"proof": made["proof"], "report": kept})
    assert checked["is_genuine"]  # the proof is for what the reporter sent


def test_a_call_that_the_desk_enters_is_sealed_as_well(furnished_sqlite: Speaker) -> None:
    responder = furnished_sqlite("responder")
    responder.made("/reports", {"text": TEXT, "channel": "phone"})
    assert "13987654321" not in responder.get("/reports/1").text


def test_a_sealed_passage_is_opened_like_a_contact(office: Office) -> None:
    responder, coordinator = person(office, "responder"), person(office, "coordinator")
    responder.made("/reports", {"text": TEXT, "channel": "phone"})
    asked = responder.made("/reports/1/identity-requests", {"purpose": "to call back", "fields": ["passage_2"]})
    coordinator.done(f"/identity-requests/{asked['id']}/approve")
    opened = responder.seen(f"/identity-requests/{asked['id']}", headers={"Identity-Secret": asked["secret"]})
    assert opened["fields"] == {"passage_2": "13987654321"}
    page = (
        office.browser("responder").post(f"/identity-requests/{asked['id']}", status=200, secret=asked["secret"]).text
    )
    assert "Sealed passage 2" in page


@pytest.mark.parametrize("text", ["我叫李伟", "call 139\u200b8765 4321"])
def test_a_passage_that_must_be_protected_is_refused_without_custodians(furnished_sqlite: Speaker, text: str) -> None:
    given = {"text": text, "category": "official_misconduct"}
    answer = furnished_sqlite().post("/reports", given)
    assert (answer.status_code, answer.json["code"]) == (422, "custody.passage_not_set_up")  # type: ignore[index]


def test_an_anonymous_report_with_a_passage_is_sealed(furnished_sqlite: Speaker) -> None:
    assert furnished_sqlite().made("/reports", {"text": TEXT, "protection": "anonymous"})["protection"] == "sealed"


def test_on_the_web_passages_are_shown_before_anything_is_stored_and_sealed_if_wanted(office: Office) -> None:
    browser = office.browser()
    page = walk(browser, {"emergency": "none"}, {"kind": "question"}, {"text": TEXT}, {})
    assert "<mark>欧阳明月</mark>" in page
    assert office.browser("responder").get("/reports").count("13987654321") == 0
    browser.post("/report", status=201, **fields_of(page), seal="1", go="send")
    assert "13987654321" not in last(office).text
    page = walk(browser, {"emergency": "none"}, {"kind": "question"}, {"text": "It called from 13987654321"}, {})
    browser.post("/report", status=201, **fields_of(page), go="send")
    assert "13987654321" in last(office).text


def test_what_was_ticked_is_not_lost_on_the_way_back(office: Office) -> None:
    browser = office.browser()
    page = walk(browser, {"emergency": "none"}, {"kind": "question"}, {"text": TEXT}, {})
    back = browser.post("/report", status=200, **fields_of(page), seal="1", go="text").text
    assert fields_of(back)["seal"] == "1"
    page = browser.post("/report", status=200, **fields_of(back), text=TEXT, go="next").text
    page = browser.post("/report", status=200, **fields_of(page), go="next").text
    assert 'name="seal" value="1" checked' in page
