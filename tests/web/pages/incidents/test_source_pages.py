"""The page of sources: from what an unknown product sends to a working source, without writing code."""

import html
import json
import re

from tests.web.office import Office

SAMPLE = json.dumps(
    {"alarmId": "a-1", "ruleName": "Port scan", "severity": "High", "createTime": "2026-11-21T08:00:00Z"}
)


def mapping_on(page: str) -> str:
    found = re.search(r'<textarea[^>]*name="mapping"[^>]*>\n?(.*?)</textarea>', page, re.S)
    assert found
    return html.unescape(found[1])


def test_a_pasted_payload_becomes_a_working_source(office: Office) -> None:
    browser = office.browser("coordinator")
    proposed = browser.post("/sources/new", status=200, step="propose", sample=SAMPLE).text
    mapping = mapping_on(proposed)
    assert "Port scan" in proposed.partition('id="tried"')[2], "the resulting incident is shown before it is saved"
    assert "Grade II" in proposed or "II" in proposed.partition('id="tried"')[2]
    tried = browser.post("/sources/new", status=200, step="try", sample=SAMPLE, mapping=mapping).text
    assert "a-1" in tried.partition('id="tried"')[2]
    browser.post("/sources/new", step="save", sample=SAMPLE, mapping=mapping, name="scanner")
    shown = browser.get("/sources/scanner")
    assert "/api/v1/alerts/scanner" in shown
    made = browser.post("/sources/scanner/tokens", status=201, label="the scanner").text
    secret = re.search(r'id="secret">([^<]+)<', made)
    assert secret
    assert f"Authorization: Bearer {secret[1]}" in made
    assert secret[1] not in browser.get("/sources/scanner")
    answer = office.app.test_client().post(f"/api/v1/alerts/scanner/{secret[1]}", data=SAMPLE)
    assert (answer.status_code, answer.json["items"][0]["decision"]) == (202, "opened")  # type: ignore[index]
    assert "scanner" in browser.get("/sources")


def test_every_fault_is_next_to_its_field_and_nothing_is_lost(office: Office) -> None:
    browser = office.browser("coordinator")
    wrong = '{"version": 1, "variants": [{"name": "x", "title": "a", "fingerprint": "id"}]}'
    page = browser.post("/sources/new", status=422, step="save", name="Bad Name", mapping=wrong, sample=SAMPLE).text
    assert 'id="field-name-fault"' in page
    assert 'id="field-mapping-fault"' in page
    assert html.escape(SAMPLE, quote=True).replace("&quot;", "&#34;") in page
    broken = browser.post("/sources/new", status=400, step="propose", sample='{"a": ').text
    assert 'id="field-sample-fault"' in broken


def test_a_source_is_changed_switched_off_and_removed(office: Office) -> None:
    browser = office.browser("coordinator")
    mapping = '{"version": 1, "variants": [{"name": "x", "title": "{/t}", "fingerprint": "/id"}]}'
    browser.post("/sources/new", step="save", name="doors", mapping=mapping)
    assert "{/t}" in mapping_on(browser.get("/sources/doors/change"))
    browser.post("/sources/doors/change", step="save", mapping=mapping, version="1")
    assert "switched off" in browser.get("/sources/doors")
    browser.post("/sources/doors/change", status=412, step="save", mapping=mapping, version="1", is_active="1")
    browser.post("/sources/doors/remove")
    browser.get("/sources/doors", status=404)


def test_a_reader_looks_and_changes_nothing(office: Office) -> None:
    browser = office.browser("reader")
    assert "Amazon GuardDuty" in browser.get("/sources")
    assert "/sources/guardduty/tokens" not in browser.get("/sources/guardduty")
    browser.get("/sources/new", status=403)
