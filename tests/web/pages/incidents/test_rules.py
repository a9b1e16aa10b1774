"""The page of routing rules: edited in forms, tried out, and shown on the incident."""

import re

from incident.store.incidents.rules import rules_in_force
from tests.web.office import Office


def in_force(office: Office) -> list[dict[str, object]]:
    with office.app.app_context():
        row = rules_in_force()
        return [] if row is None else row.rules


def version(office: Office) -> str:
    with office.app.app_context():
        row = rules_in_force()
        return "0" if row is None else str(row.id)


def test_a_rule_is_made_by_a_form_and_changed_moved_and_removed(office: Office) -> None:
    browser = office.browser("coordinator")
    first = {"when_category": "MP, NA", "when_grade": ["1", "2"], "when_region": "33", "when_sector": "energy"}
    browser.post("/rules/rule", version="0", **first, departments=["NOC"], competent="1", grade="2")
    browser.post("/rules/rule", version=version(office), when_labels="site=a\nsite=b", is_nobody="1")
    made = {
        "when": {"category": ["MP", "NA"], "grade": [1, 2], "sector": "energy", "region": "33"},
        "set": {"departments": ["NOC"], "competent": True, "grade": 2},
    }
    labelled = {"when": {"labels": {"site": ["a", "b"]}}, "set": {"departments": []}}
    assert in_force(office) == [made, labelled]
    page = browser.get("/rules?rule=0")
    assert 'name="when_category" value="MP" checked' in page
    assert "Change rule 1" in page
    browser.post("/rules/rule", version=version(office), rule="0", when_campaign="HW-2026", departments=["NOC"])
    browser.post("/rules/move", version=version(office), rule="0", way="down")
    changed = {"when": {"campaign": "HW-2026"}, "set": {"departments": ["NOC"]}}
    assert in_force(office) == [labelled, changed]
    browser.post("/rules/remove", version=version(office), rule="0")
    assert in_force(office) == [changed]


def test_a_form_with_a_fault_changes_nothing_and_keeps_what_was_typed(office: Office) -> None:
    browser = office.browser("coordinator")
    answer = browser.post("/rules/rule", status=422, version="0", when_region="x" * 61, departments=["NOC"])
    assert re.search(r'<a href="#field-when_region">Region: [^<]+</a>', answer.text)
    assert "x" * 61 in answer.text
    assert in_force(office) == []
    browser.post("/rules/rule", version="0", departments=["NOC"])
    browser.post("/rules/rule", status=412, version="0", departments=["NOC"])


def test_the_default_is_chosen_by_a_form(office: Office) -> None:
    browser = office.browser("coordinator")
    browser.post("/rules/default", version="0", departments=["NOC"], competent="1")
    with office.app.app_context():
        row = rules_in_force()
        assert row is not None
        assert row.fallback == {"departments": ["NOC"], "competent": True}


def test_one_sees_who_would_be_told_and_what_would_follow(office: Office) -> None:
    browser = office.browser("coordinator")
    browser.post("/rules/rule", version="0", when_region="33", departments=["NOC"])
    page = office.browser("reader").get("/rules?try=1&region=330106&category=MPRANS&grade=1&at=2026-11-22T02:00")
    trial = page.partition('id="trial"')[2]
    assert "rule 1" in trial
    assert "Network operations" in trial
    assert "named by the rule" in trial
    assert "level 1" in trial
    assert "inbox Screen" in trial
    nobody = office.browser("reader").get("/rules?try=1&region=44")
    assert "No one would be notified." in nobody


def test_the_incident_shows_the_rule_and_what_it_looked_at(office: Office) -> None:
    office.browser("coordinator").post("/rules/rule", version="0", when_region="33", departments=["NOC"])
    office.browser("responder").post("/incidents", title="Worm", region="330106", sector="energy", campaign="HW-2026")
    page = office.browser("reader").get("/incidents/INC-2026-000001")
    assert "rule 1" in page
    assert "Zhejiang 330106" in page
    assert "What was known then:" in page
    assert "HW-2026" in page
    found = office.browser("reader").get("/incidents?region=33&sector=energy&campaign=HW-2026")
    assert "INC-2026-000001" in found
    assert "INC-2026-000001" not in office.browser("reader").get("/incidents?region=44")


def test_what_a_department_answers_for_is_changed_on_its_page(office: Office) -> None:
    browser = office.browser("administrator")
    typed = {"is_competent": "1", "categories": "MP， NA", "regions": "33", "grades": ["1", "2"], "sectors": ["energy"]}
    browser.post("/departments/NOC/competence", version=number_of(browser.get("/departments/NOC")), **typed)
    page = browser.get("/departments/NOC")
    assert "Zhejiang 33" in page
    assert 'value="MP, NA"' in page
    browser.post("/rules/default", version="0", departments=["CERT"], competent="1")
    trial = browser.get("/rules?try=1&region=330106&category=MPRANS&grade=2&sector=energy")
    assert "competent</span>" in trial
    browser.post("/departments/NOC/competence", version=number_of(page), regions="33")
    assert "Not set: routing rules do not find" in browser.get("/departments/NOC")
    browser.post("/departments/NOC/competence", status=422, is_competent="1", regions="x" * 61)


def number_of(page: str) -> str:
    """The version that the page's form of the competence holds."""
    return page.partition('id="change-competence"')[2].partition('name="version" value="')[2].partition('"')[0]


def test_alerts_are_grouped_by_a_form(office: Office) -> None:
    browser = office.browser("coordinator")
    grouped = {"group_by": "region, labels.alertname", "window": "PT30M"}
    browser.post("/rules/rule", version="0", departments=["NOC"], **grouped)
    [rule] = in_force(office)
    assert (rule["group_by"], rule["window"]) == (["region", "labels.alertname"], "PT30M")
    page = browser.get("/rules?rule=0")
    assert 'value="region, labels.alertname"' in page
    assert "grouped by" in page


def test_a_rule_that_can_never_decide_says_why(office: Office) -> None:
    browser = office.browser("coordinator")
    for category, code in (("MP", "NOC"), ("MPRANS", "CERT"), ("mprans", "NOC")):
        browser.post("/rules/rule", version=version(office), when_category=category, departments=[code])
    first, second, third = (
        browser.get("/rules").partition(f'id="rule-{n}"')[2].partition("</li>")[0] for n in range(3)
    )
    assert "Never used" not in first
    assert "Never used" in second
    assert '<a href="#rule-0">rule 1</a>' in second
    assert "There is no category called mprans." in third
    assert "Emergency response" in second


def test_a_rule_is_moved_to_a_position(office: Office) -> None:
    browser = office.browser("coordinator")
    for campaign in ("a", "b", "c"):
        browser.post("/rules/rule", version=version(office), when_campaign=campaign, departments=["NOC"])
    answer = browser.post("/rules/move", version=version(office), rule="2", to="0")
    assert [rule["when"] for rule in in_force(office)] == [{"campaign": one} for one in ("c", "a", "b")]
    assert " data-moved" in browser.get(answer.location).partition('id="rule-0"')[2].partition("</button>")[0]
    browser.post("/rules/move", version=version(office), rule="0", to="9")
    assert [rule["when"] for rule in in_force(office)] == [{"campaign": one} for one in ("c", "a", "b")]


def test_what_was_removed_comes_back_by_undo_and_goes_by_a_second_one(office: Office) -> None:
    browser = office.browser("coordinator")
    browser.post("/rules/rule", version="0", when_campaign="a", departments=["NOC"])
    made = in_force(office)
    browser.post("/rules/remove", version=version(office), rule="0")
    assert "Undo the last change" in browser.get("/rules")
    browser.post("/rules/restore", version=version(office))
    assert in_force(office) == made
    browser.post("/rules/restore", version=version(office))
    assert in_force(office) == []
    browser.post("/rules/restore", status=412, version="1")


def test_an_earlier_version_is_put_in_force_again(office: Office) -> None:
    browser = office.browser("coordinator")
    assert "Undo the last change" not in browser.get("/rules")
    browser.post("/rules/rule", version="0", when_campaign="a", departments=["NOC"])
    first, made = version(office), in_force(office)
    browser.post("/rules/rule", version=first, when_campaign="b", departments=["NOC"])
    browser.post("/rules/rule", version=version(office), when_campaign="c", departments=["NOC"])
    assert f'name="set" value="{first}"' in browser.get("/rules").partition('id="versions"')[2]
    browser.post("/rules/restore", version=version(office), set=first)
    assert in_force(office) == made
    browser.post("/rules/restore", status=404, version=version(office), set="999")
    office.browser("reader").post("/rules/restore", status=403, version=version(office), set=first)
