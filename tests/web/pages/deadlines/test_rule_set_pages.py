"""Pages of rule sets: every fault at its line, what would change, a trial, publication, earlier versions, retiring."""

import copy
import io
import json
from typing import Any

from incident.web.api.deadlines.rule_set_documents import EXAMPLE
from tests.web.office import Office

NEW = "/grading-rule-sets/new"
CHANGE = "/grading-rule-sets/grid/change"


def written(at_least: int = 3, **changes: Any) -> str:
    document = copy.deepcopy(EXAMPLE) | changes
    document["lines"][0]["conditions"][0]["at_least"] = at_least
    return json.dumps(document, ensure_ascii=False, indent=1)


def publish(office: Office) -> None:
    office.browser("administrator").post(NEW, document=written(), step="publish")


def test_a_rule_set_is_checked_tried_and_published(office: Office) -> None:
    boss = office.browser("administrator")
    assert "No rule set of your own yet" in boss.get("/grading-rule-sets")
    page = boss.post(NEW, status=200, document=written(), step="preview").text
    assert "New question" in page
    assert "New line" in page
    assert "At least IV Minor; II Major is possible" in page
    tried = {"document": written(), "step": "preview", "answer-stations_down": "3"}
    assert "II Major: no higher grade is possible" in boss.post(NEW, status=200, **tried).text
    wrong = boss.post(NEW, status=422, **tried | {"answer-stations_down": "many"}).text
    assert 'id="field-answer-stations_down-fault"' in wrong
    assert "No rule set of your own yet" in boss.get("/grading-rule-sets")
    answer = boss.post(NEW, document=written(), step="publish")
    assert answer.headers["Location"] == "/grading-rule-sets/grid?said=rule_set_published"
    page = boss.get("/grading-rule-sets/grid")
    assert "How many substations are down? At least 3" in page
    assert "Public communication" not in page


def test_each_fault_names_its_line_and_what_was_typed_stays(office: Office) -> None:
    boss = office.browser("administrator")
    document = json.loads(written())
    document["title"]["en"] = "<script>alert(1)</script>"
    document["lines"][0]["grade"] = 7
    text = json.dumps(document, ensure_ascii=False, indent=1)
    page = boss.post(NEW, status=422, document=text, step="publish").text
    line = 1 + next(at for at, one in enumerate(text.splitlines()) if '"grade": 7' in one)
    assert 'id="field-document-fault"' in page
    assert f"Line {line}, Lines, number 1, Grade: Enter a grade from 1 to 3." in page
    assert "Line 4, Title, English: " in page
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    page = boss.post(NEW, status=422, document='{"id": "a", "id": "b"}', step="preview").text
    assert "Line 1, Id: " in page
    for broken in ("{", '{"id": NaN}', "[" * 50_000, "9" * 5_000, ""):
        page = boss.post(NEW, status=400, document=broken, step="preview").text
        assert 'id="field-document-fault"' in page
    page = boss.post(NEW, status=422, document="x" * 600_000, step="preview").text
    assert "The rule set is larger than 256 KiB" in page


def test_a_file_replaces_what_was_typed(office: Office) -> None:
    boss = office.browser("administrator")
    sent = {"document": "{", "step": "publish", "file": (io.BytesIO(b"\xef\xbb\xbf" + written().encode()), "grid.json")}
    answer = boss.post(NEW, **sent)
    assert answer.headers["Location"].startswith("/grading-rule-sets/grid")
    sent = {"document": written(), "step": "publish", "file": (io.BytesIO(b"\xff\xfe\x00"), "grid.json")}
    assert 'id="field-document-fault"' in boss.post(NEW, status=400, **sent).text


def test_a_change_shows_what_differs_and_the_earlier_version_stays(office: Office) -> None:
    publish(office)
    boss = office.browser("administrator")
    page = boss.post(CHANGE, status=200, document=written(5), version="1", step="preview").text
    assert "Line changed" in page
    assert "At least 3)" in page.partition("before:")[2].partition("</del>")[0]
    assert "At least 5)" in page.partition("from now on:")[2].partition("</div>")[0]
    boss.post(CHANGE, document=written(5), version="1", step="publish")
    stale = boss.post(CHANGE, status=412, document=written(6), version="1", step="publish").text
    assert "Someone else has changed this" in stale
    assert "&#34;at_least&#34;: 6" in stale
    other = boss.post(CHANGE, status=422, document=written(id="water"), version="2", step="publish").text
    assert "The id must be “grid”" in other
    page = boss.get("/grading-rule-sets/grid")
    hashes = [one.partition('"')[0] for one in page.split("/versions/")[1:]]
    assert len(hashes) == 2
    old = boss.get(f"/grading-rule-sets/grid/versions/{hashes[1]}")
    assert "At least 3" in old
    assert "This is version 1" in old
    boss.get(f"/grading-rule-sets/grid/versions/{'0' * 64}", status=404)


def test_it_is_retired_with_a_reason_and_used_again(office: Office) -> None:
    publish(office)
    boss, path = office.browser("administrator"), "/grading-rule-sets/grid"
    assert 'id="field-reason-fault"' in boss.post(f"{path}/retire", status=422, version="1", reason="").text
    boss.post(f"{path}/retire", version="1", reason="The ministry has its own now.")
    page = boss.get(path)
    assert "This rule set is retired" in page
    assert "The ministry has its own now." in page
    assert "retired" in boss.get("/grading-rule-sets")
    journal = boss.get("/journal")
    assert "Rule set published: Outages of the grid, version 1" in journal
    assert "Rule set retired: Outages of the grid. Reason: The ministry has its own now." in journal
    boss.post(CHANGE, document=written(), version="2", step="publish")
    assert "This rule set is retired" not in boss.get(path)


def test_those_who_grade_read_the_rules_and_do_not_change_them(office: Office) -> None:
    publish(office)
    browser = office.browser("responder")
    assert "/grading-rule-sets/new" not in browser.get("/grading-rule-sets")
    assert "/change" not in browser.get("/grading-rule-sets/grid")
    browser.get(NEW, status=403)
    browser.post(NEW, status=403, document=written(), step="publish")
    browser.post("/grading-rule-sets/grid/retire", status=403, reason="no")
    browser.get("/grading-rule-sets/water", status=404)


def test_the_questions_are_asked_on_the_page_of_an_incident(office: Office) -> None:
    publish(office)
    office.browser("administrator").post("/organization", operator_class="cii", sectors="energy", regions="")
    number, browser = office.open("CERT"), office.browser("responder")
    page = browser.get(f"/incidents/{number}/grading")
    assert "How many substations are down?" in page
    assert page.count("Critical infrastructure</h2>") == 1
    browser.post(f"/incidents/{number}/grading", **{"number-stations_down": "3"})
    page = browser.get(f"/incidents/{number}/grading")
    assert "3 substations or more down" in page
    assert 'href="/grading-rule-sets/grid"' in page
