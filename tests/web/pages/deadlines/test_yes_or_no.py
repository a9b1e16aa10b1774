"""Questions of yes or no of own rule sets: answered on the page, kept when others are, printed as words."""

import json
import re

import pytest

from tests.web.office import Office

RULES = {
    "id": "yard",
    "title": {"en": "Yard"},
    "ref": "House rule 1",
    "sectors": [],
    "questions": [{"key": "blackstart", "kind": "yes_no", "text": {"en": "Black start needed?"}}],
    "lines": [
        {
            "key": "yard.1",
            "grade": 2,
            "conditions": [{"key": "blackstart"}],
            "text": {"en": "Black start"},
            "evidence": "primary",
        }
    ],
}


@pytest.fixture
def path(office: Office) -> str:
    boss = office.browser("administrator")
    boss.post("/grading-rule-sets/new", document=json.dumps(RULES), step="publish")
    return f"/incidents/{office.open('CERT')}/grading"


def fields_of(page: str) -> dict[str, str]:
    """The fields of the form of answers as a browser sends them."""
    form = page.partition('id="answers"')[2].partition("</form>")[0]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        parts = dict(re.findall(r'(name|value|type)="([^"]*)"', tag))
        if "name" in parts and (parts.get("type") not in ("radio", "checkbox") or " checked" in tag):
            sent[parts["name"]] = parts.get("value", "on")
    return sent


def test_yes_is_answered_on_the_page_and_stays_when_another_question_is_answered(office: Office, path: str) -> None:
    browser = office.browser("responder")
    sent = fields_of(browser.get(path))
    assert sent["choice-blackstart"] == ""
    browser.post(path, **sent | {"choice-blackstart": "yes"})
    sent = fields_of(browser.get(path))
    assert (sent["choice-blackstart"], sent["was-blackstart"]) == ("yes", "yes")
    browser.post(path, **sent | {"number-persons_leaked": "5"})
    assert fields_of(browser.get(path))["choice-blackstart"] == "yes"
    assert "II Major" in browser.get(path).partition('id="grade-result"')[2]
    browser.post(path, **{"number-persons_leaked": "6", "was-persons_leaked": "5", "was-blackstart": "yes"})
    assert fields_of(browser.get(path))["choice-blackstart"] == "yes"
    browser.post(path, **fields_of(browser.get(path)) | {"choice-blackstart": "no"})
    assert fields_of(browser.get(path))["choice-blackstart"] == "no"


def test_the_report_for_auditors_prints_yes_as_a_word(office: Office, path: str) -> None:
    browser = office.browser("responder")
    browser.post(path, **fields_of(browser.get(path)) | {"choice-blackstart": "yes"})
    report = path.replace("/grading", "/clocks/report")
    assert "True" not in browser.get(report)
    assert "Yes" in browser.get(report)
    assert "True" not in office.browser("responder", "zh_Hans_CN").get(report)
