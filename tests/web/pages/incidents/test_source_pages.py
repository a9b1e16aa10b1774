"""The page of sources: from what an unknown product sends to a working source, without writing code."""

import html
import json
import re

from tests.web.office import Browser, Office

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


def fields_on(page: str) -> dict[str, list[str]]:
    """The fields of the form as a browser would send them, without its buttons."""
    found: dict[str, list[str]] = {}
    form = page.partition('class="panel mapping-form"')[2].partition("</form>")[0]
    shape = r"<(input|select|textarea) ([^>]*name=\"([^\"]+)\"[^>]*)>(.*?)(?=<(?:input|select|textarea|button) |\Z)"
    for kind, attributes, name, rest in re.findall(shape, form, re.S):
        value = re.search(r'value="([^"]*)"', attributes)
        text = value[1] if value else ""
        if kind == "select":
            chosen = re.search(r'<option value="([^"]*)" selected', rest.partition("</select>")[0])
            text = chosen[1] if chosen else ""
        elif kind == "textarea":
            text = rest.partition("</textarea>")[0].removeprefix("\n")
        found.setdefault(name, []).append(html.unescape(text))
    return found


def send(browser: Browser, fields: dict[str, list[str]], path: str, code: int) -> str:
    """Send the fields of a form; the answer."""
    answer = browser.client.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == code, (answer.status_code, answer.text[:3000])
    return answer.text


def result_of(page: str, name: str) -> str:
    cell = page.partition(f'id="result-{name}"')[2].partition(">")[2].partition("</div>")[0]
    return html.unescape(re.sub(r"<[^>]+>", "", cell)).strip()


def proposed(office: Office, sample: str = SAMPLE) -> dict[str, list[str]]:
    page = office.browser("coordinator").post("/sources/new", status=200, step="propose", sample=sample).text
    return fields_on(page)


def test_each_field_shows_where_its_value_comes_from_and_what_results(office: Office) -> None:
    page = office.browser("coordinator").post("/sources/new", status=200, step="propose", sample=SAMPLE).text
    fields = fields_on(page)
    assert (fields["title"], fields["grade"]) == (["/ruleName", ""], ["/severity"])
    assert fields["fingerprint"] == ["/alarmId", ""]
    assert '<option value="/createTime">createTime: 2026-11-21T08:00:00Z</option>' in page
    assert result_of(page, "title") == "Port scan"
    assert "High → II" in result_of(page, "grade")
    assert result_of(page, "fingerprint") == "a-1"
    assert "2026" in result_of(page, "occurred_at")
    assert result_of(page, "description") == "nothing"


def test_a_corrected_field_changes_the_json_and_the_json_changes_the_fields(office: Office) -> None:
    browser = office.browser("coordinator")
    fields = proposed(office) | {"title": ["/severity", ""], "labels": ["/ruleName"], "label_names": ["rule"]}
    page = send(browser, fields | {"step": ["try"]}, "/sources/new", 200)
    assert result_of(page, "title") == "High"
    variant = json.loads(mapping_on(page))["variants"][0]
    assert (variant["title"], variant["labels"]) == ("{/severity}", {"rule": "/ruleName"})
    changed = mapping_on(page).replace("{/severity}", "{/ruleName}: {/severity}")
    again = send(browser, fields_on(page) | {"step": ["try"], "mapping": [changed]}, "/sources/new", 200)
    assert (fields_on(again)["title"][0], fields_on(again)["title_text"][0]) == ("", "{/ruleName}: {/severity}")
    assert result_of(again, "title") == "Port scan: High"
    send(browser, fields_on(again) | {"step": ["save"], "name": ["scanner"]}, "/sources/new", 303)
    assert "{/ruleName}: {/severity}" in html.unescape(browser.get("/sources/scanner"))


def test_a_place_that_is_chosen_replaces_a_text_and_a_text_that_is_typed_replaces_a_place(office: Office) -> None:
    browser = office.browser("coordinator")
    text = fields_on(send(browser, proposed(office) | {"title_text": ["A {/severity} one", ""]}, "/sources/new", 422))
    assert (text["title"][0], text["title_text"][0]) == ("", "A {/severity} one")
    page = send(browser, text | {"step": ["try"], "title": ["/alarmId", ""]}, "/sources/new", 200)
    assert result_of(page, "title") == "a-1"


def test_what_was_changed_in_both_is_asked_for_and_kept(office: Office) -> None:
    browser = office.browser("coordinator")
    fields = proposed(office)
    changed = fields["mapping"][0].replace("{/ruleName}", "{/severity}")
    both = fields | {"mapping": [changed], "fingerprint": ["/ruleName"], "name": ["scanner"]}
    page = send(browser, both | {"step": ["save"]}, "/sources/new", 422)
    assert "Choose below which to use" in page
    assert fields_on(page)["fingerprint"] == ["/ruleName", ""]
    assert mapping_on(page) == changed
    with_json = send(browser, fields_on(page) | {"step": ["use_json"]}, "/sources/new", 200)
    assert (fields_on(with_json)["title"][0], fields_on(with_json)["fingerprint"][0]) == ("/severity", "/alarmId")
    with_fields = send(browser, fields_on(page) | {"step": ["use_fields"]}, "/sources/new", 200)
    assert (fields_on(with_fields)["title"][0], fields_on(with_fields)["fingerprint"][0]) == ("/ruleName", "/ruleName")


def test_a_fault_of_the_mapping_is_beside_its_field_and_nothing_typed_is_lost(office: Office) -> None:
    browser = office.browser("coordinator")
    typed = {
        "title_text": ["{/ruleName", ""],
        "title": [""],
        "grade_from": ["", "many", "", ""],
        "label_names": ["rack"],
        "labels": [""],
        "occurred_at_offset": ["8"],
        "name": ["My Scanner"],
    }
    page = send(browser, proposed(office) | typed | {"step": ["save"]}, "/sources/new", 422)
    for name in ("title", "grade", "labels", "occurred_at"):
        assert f'id="field-{name}-fault"' in page, name
    assert 'id="field-name-fault"' in page
    kept = fields_on(page)
    assert (kept["title_text"][0], kept["label_names"][0]) == ("{/ruleName", "rack")
    assert (kept["grade_from"], kept["occurred_at_offset"]) == (["", "many", "", ""], ["8"])
    assert kept["name"] == ["My Scanner"]
    assert kept["sample"] == [SAMPLE]
    assert result_of(page, "fingerprint") == "a-1", "fields without a fault still show what results"


def test_a_mapping_that_the_fields_cannot_show_is_changed_as_json(office: Office) -> None:
    browser = office.browser("coordinator")
    variant = {"name": "x", "title": "{/t}", "fingerprint": "/id", "ignore": [{"pointer": "/t", "is": ["noise"]}]}
    mapping = json.dumps({"version": 1, "variants": [variant]})
    browser.post("/sources/new", step="save", name="doors", mapping=mapping)
    page = browser.get("/sources/doors/change")
    assert "Change it as JSON" in page
    assert "fingerprint" not in fields_on(page)
    send(browser, fields_on(page) | {"step": ["save"], "is_active": ["1"]}, "/sources/doors/change", 303)
    assert "noise" in browser.get("/sources/doors")


def test_another_list_of_alerts_fills_the_fields_from_it(office: Office) -> None:
    sample = json.dumps(
        {"alerts": [{"id": 1, "title": "a"}], "other": [{"id": 2, "name": "b"}, {"id": 3, "name": "c"}]}
    )
    browser = office.browser("coordinator")
    fields = proposed(office, sample)
    assert fields["alerts"] == ["/alerts"]
    page = send(browser, fields | {"step": ["propose_list"], "alerts": ["/other"]}, "/sources/new", 200)
    assert (fields_on(page)["title"][0], result_of(page, "alerts"), result_of(page, "title")) == (
        "/name",
        "2 alerts",
        "b",
    )


def test_saving_an_unchanged_source_keeps_its_mapping_and_its_version(office: Office) -> None:
    browser = office.browser("coordinator")
    mapping = '{"version": 1, "variants": [{"name": "x", "title": ["{/t}"], "fingerprint": [["/id"]]}]}'
    browser.post("/sources/new", step="save", name="doors", mapping=mapping)
    fields = fields_on(browser.get("/sources/doors/change"))
    assert fields["title"] == ["/t", ""]
    send(browser, fields | {"step": ["save"], "is_active": ["1"]}, "/sources/doors/change", 303)
    shown = browser.get("/sources/doors")
    assert "version 2" not in shown
    send(
        browser,
        fields | {"step": ["save"], "is_active": ["1"], "fingerprint": ["/id", "/t"]},
        "/sources/doors/change",
        303,
    )
    assert "version 2" in browser.get("/sources/doors")


def test_without_a_sample_nothing_can_be_saved_and_the_page_says_what_to_do(office: Office) -> None:
    page = office.browser("coordinator").post("/sources/new", status=422, step="save", name="doors").text
    assert "choose “Propose a mapping”" in page
