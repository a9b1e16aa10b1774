"""The incident list, the form for a new incident, and the page of one."""

import re

import pytest

from incident.actions.operations import timers
from incident.data import category_by_code
from tests.web.office import Office, playbook


def numbers(page: str) -> list[str]:
    return re.findall(r'id="row-(INC-\d{4}-\d{6})"', page)


def test_what_nobody_was_told_of_stands_first_and_in_red(office: Office) -> None:
    unreached, notified = office.open(), office.open("CERT")
    page = office.browser("reader").get("/incidents")
    assert numbers(page) == [unreached, notified]
    assert re.search(rf'id="row-{unreached}" class="unreached"', page)
    assert page.count("No one was notified</div>") == 1


def test_what_cannot_be_told_is_named_on_top(office: Office) -> None:
    number = office.open("PRESS")
    band = office.browser("reader").get("/incidents").partition("have no contact and")[2].partition("</ul>")[0]
    assert number in band
    assert "/departments/PRESS" in band
    office.hand.forward(minutes=16)
    office.do(lambda: timers.fire_due(office.hand.at))
    page = office.browser("reader").get("/incidents")
    assert number in page.partition("have no contact and")[2].partition("</ul>")[0], (
        "its time has passed, nobody knows yet"
    )
    assert "cannot be notified</span>" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=payment", ["INC-2026-000002"]),
        ("q=勒索", ["INC-2026-000001"]),
        ("grade=1", ["INC-2026-000002"]),
        ("department=NOC", ["INC-2026-000002"]),
        ("department=NOWHERE", []),
        ("status=closed", []),
        ("category=MPRANS", ["INC-2026-000001"]),
        ("from=2026-11-22", []),
        ("to=2026-11-21", ["INC-2026-000002", "INC-2026-000001"]),
        ("from=nonsense&grade=9&status=odd", ["INC-2026-000002", "INC-2026-000001"]),
        ("q=%00", []),
    ],
)
def test_the_list_is_filtered_and_searched(office: Office, query: str, found: list[str]) -> None:
    office.open("CERT", title="财务部门遭勒索软件攻击", grade=2, category="MPRANS")
    office.open("NOC", title="Attack on the payment gateway", grade=1)
    assert numbers(office.browser("reader").get(f"/incidents?{query}")) == found


def test_a_long_list_is_paged(office: Office) -> None:
    for _ in range(41):
        office.open("NOC")
    first = office.browser("reader").get("/incidents")
    older = re.search(r'href="(/incidents\?cursor=[^"]+)"', first)
    assert older is not None
    assert numbers(office.browser("reader").get(older[1])) == ["INC-2026-000001"]


def test_a_cursor_that_was_not_made_here_is_refused(office: Office) -> None:
    office.browser("reader").get("/incidents?cursor=abc", status=422)


def test_an_incident_that_tells_nobody_is_not_said_to_be_told(office: Office) -> None:
    browser = office.browser("responder")
    opened = browser.post("/incidents", title="Files cannot be opened", tlp="amber")
    page = browser.get(opened.location)
    assert "No one was notified of this incident." in page
    assert "being told" not in page


def test_an_incident_is_opened_with_everything_the_form_holds(office: Office) -> None:
    report = office.report()
    answer = office.browser("responder").post(
        "/incidents",
        title="  Ransomware   in accounting ",
        description="Three hosts\r\nare encrypted",
        grade="2",
        category="MPRANS",
        tlp="green",
        departments=["CERT", "NOC"],
        playbook=playbook()["id"],
        occurred_at="2026-11-21T08:00",
        indicators="hxxp://evil[.]example/a\naccount root\n198.51.100.7",
        reports=str(report),
    )
    assert answer.location == "/incidents/INC-2026-000001?said=opened"
    page = office.browser("responder").get(answer.location)
    for shown in (
        "The incident is open. Its departments are being notified.",
        "Ransomware in accounting</h1>",
        "Three hosts\nare encrypted",
        "TLP:GREEN",
        "hxxp://evil[.]example/a",
        "198[.]51[.]100[.]7",
        "Emergency response",
        "Network operations",
        "Isolate the hosts",
        "Report 1",
    ):
        assert shown in page


def test_a_form_with_faults_names_each_field_and_keeps_what_was_typed(office: Office) -> None:
    answer = office.browser("responder").post(
        "/incidents",
        status=422,
        title="",
        description="typed with care",
        occurred_at="0001-01-01T00:00",
        indicators="?",
        grade="7",
    )
    assert "There is a problem" in answer.text
    assert "typed with care</textarea>" in answer.text
    for field in ("title", "occurred_at", "indicators", "grade"):
        assert f'<a href="#field-{field}">' in answer.text
    assert numbers(office.browser("reader").get("/incidents")) == []


def test_a_new_incident_begins_with_what_its_report_says(office: Office) -> None:
    report = office.report("A red screen\nasks for money", url="http://evil.example/a", category="MPRANS")
    page = office.browser("responder").get(f"/incidents/new?report={report}")
    assert 'value="A red screen"' in page
    assert "asks for money</textarea>" in page
    assert 'value="Ransomware" list="categories"' in page


def test_of_tlp_red_only_those_who_may_know_that_it_exists(office: Office) -> None:
    number = office.open("NOC", tlp="red", title="The secret matter")
    for role in ("responder", "department", "reader"):
        assert "The secret matter" not in office.browser(role).get("/incidents")
        office.browser(role).get(f"/incidents/{number}", status=404)
        office.browser(role).get(f"/live/incidents/{number}", status=404)
    assert "The secret matter" in office.browser("coordinator").get(f"/incidents/{number}")


def test_a_department_sees_its_own_incidents_notices_and_tasks_only(office: Office) -> None:
    own, other = office.open("NOC", "CERT", title="Ours"), office.open("CERT", title="Theirs")
    browser = office.browser("department")
    assert numbers(browser.get("/incidents")) == [own]
    browser.get(f"/incidents/{other}", status=404)
    page = browser.get(f"/incidents/{own}")
    assert page.count('<li class="notice') == 1
    assert 'id="journal"' not in page


@pytest.mark.parametrize("number", ["INC-2026-999999", "inc", "INC-2026-000001%00", "9" * 400])
def test_an_incident_that_is_not_there_is_not_found(office: Office, number: str) -> None:
    office.browser("coordinator").get(f"/incidents/{number}", status=404)


def test_what_people_wrote_is_shown_as_text(office: Office) -> None:
    number = office.open("CERT", title="<script>alert(1)</script>", description='"><img src=x onerror=alert(1)>')
    page = office.browser("coordinator").get(f"/incidents/{number}")
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</h1>" in page


def test_the_rule_that_matched_is_shown(office: Office) -> None:
    rules = '{"rules": [{"when": {"category": "MP"}, "set": {"departments": ["NOC"], "grade": 3}}]}'
    office.browser("coordinator").post("/rules", document=rules, version="0")
    number = office.open(category="MPRANS")
    page = office.browser("reader").get(f"/incidents/{number}")
    assert "rule 1" in page
    assert "The rule asks for" in page


def test_the_form_shows_who_will_be_notified_before_anything_is_opened(office: Office) -> None:
    coordinator, browser = office.browser("coordinator"), office.browser("responder")
    coordinator.post("/rules/rule", version="0", when_category="Ransomware", departments=["NOC"])
    assert "No one would be notified." in browser.get("/incidents/new")
    typed = {"title": "", "category": "ransomware", "occurred_at": "2026-11-21 08:00"}
    seen = browser.post("/incidents", status=200, step="preview", **typed).text.partition('id="who-is-notified"')[2]
    assert "Network operations" in seen
    assert "named by the rule" in seen
    assert "inbox Screen" in seen
    chosen = browser.post("/incidents", status=200, step="preview", departments=["PRESS"]).text
    assert "No contact: cannot be notified." in chosen.partition('id="who-is-notified"')[2]
    assert "INC-" not in browser.get("/incidents")


def test_a_category_is_chosen_by_its_name_in_either_language(office: Office) -> None:
    for language, name in (("en", category_by_code()["MPRANS"].en), ("zh_Hans_CN", category_by_code()["MPRANS"].zh)):
        answer = office.browser("responder", language).post("/incidents", title="Files locked", category=name)
        number = answer.location.rpartition("/")[2].partition("?")[0]
        assert office.incident(number).category == "MPRANS"
    page = office.browser("responder").get("/incidents/new")
    assert f'<option value="{category_by_code()["MPRANS"].en}"></option>' in page
