"""The pages of systems: list, one with its incidents, form, and the systems on the page of an incident."""

from incident.core.incidents.indicator import parse_indicator
from tests.web.office import Office

FACTS = {
    "name": "Payments",
    "code": "PAY",
    "owner": "NOC",
    "protection_level": "3",
    "criticality": "high",
    "is_critical_infrastructure": "1",
    "addresses": "192.0.2.0/24\n2001:db8::/32",
    "names": "*.pay.example，支付",
    "is_active": "1",
}


def test_a_system_is_added_found_changed_and_deleted(office: Office) -> None:
    browser = office.browser("coordinator")
    assert "No systems have been added yet." in browser.get("/systems")
    browser.post("/systems/new", **FACTS)
    shown = browser.get("/systems?q=pay.ex")
    assert "Payments" in shown
    assert "protection level 3" in shown
    assert "No results found." in browser.get("/systems?q=nothing")
    one = browser.get("/systems/PAY")
    assert "critical infrastructure" in one
    assert "*.pay.example, 支付" in one
    form = browser.get("/systems/PAY/change")
    assert "192.0.2.0/24\n2001:db8::/32" in form
    browser.post("/systems/PAY/change", **FACTS | {"name": "Pay", "is_active": "", "version": "1"})
    assert "not in use" in browser.get("/systems")
    browser.post("/systems/PAY/change", status=412, **FACTS | {"version": "1"})
    browser.post("/systems/PAY/delete")
    browser.get("/systems/PAY", status=404)


def test_every_fault_is_next_to_its_field_and_nothing_typed_is_lost(office: Office) -> None:
    wrong = FACTS | {"code": "a b", "addresses": "192.0.2.0/24\nnowhere", "owner": "NO"}
    page = office.browser("coordinator").post("/systems/new", status=422, **wrong).text
    assert 'id="field-code-fault"' in page
    assert 'id="field-addresses-fault"' in page
    assert "instead of “nowhere”" in page
    assert "192.0.2.0/24\nnowhere" in page
    page = office.browser("coordinator").post("/systems/new", status=422, **FACTS | {"owner": "NO"}).text
    assert "192.0.2.0/24" in page


def test_an_incident_shows_its_systems_and_a_person_corrects_them(office: Office) -> None:
    browser = office.browser("coordinator")
    browser.post("/systems/new", **FACTS)
    browser.post("/systems/new", **FACTS | {"code": "HR", "name": "People", "owner": "", "addresses": "", "names": ""})
    number = office.open("CERT", indicators=[parse_indicator("ipv4", "192.0.2.9")])
    page = browser.get(f"/incidents/{number}")
    assert "recognised by the address" in page
    assert number in browser.get("/systems/PAY")
    browser.post(f"/incidents/{number}/systems", add="HR")
    browser.post(f"/incidents/{number}/systems", remove="PAY")
    changed = browser.get(f"/incidents/{number}")
    assert "added by a person" in changed
    assert "Systems removed: Payments" in changed
    assert number not in browser.get("/systems/PAY")
    refused = browser.post(f"/incidents/{number}/systems", status=422, add="NO").text
    assert "There is no system NO." in refused
    assert number in browser.get("/incidents?system=HR")
    assert number not in browser.get("/incidents?system=PAY")


def test_people_of_a_department_see_the_systems_that_it_owns(office: Office) -> None:
    boss, member = office.browser("coordinator"), office.browser("department")
    boss.post("/systems/new", **FACTS)
    boss.post("/systems/new", **FACTS | {"code": "HR", "name": "People", "owner": "CERT"})
    number = office.open("NOC", indicators=[parse_indicator("ipv4", "192.0.2.9")])
    shown = member.get("/systems")
    assert "Payments" in shown
    assert "People" not in shown
    page = member.get(f"/incidents/{number}")
    assert "Payments" in page
    assert "People" not in page
    member.get("/systems/HR", status=404)
    member.get("/systems/new", status=403)
    assert [one["code"] for one in member.client.get("/pick/systems").json["items"]] == ["PAY"]  # type: ignore[index]


def test_a_rule_about_systems_is_made_and_tried_on_the_page(office: Office) -> None:
    browser = office.browser("coordinator")
    browser.post("/systems/new", **FACTS)
    browser.post(
        "/rules/rule", version="0", rule="", when_system="PAY", when_protection_level="3", when_criticality="high",
        owners="1",
    )  # fmt: skip
    page = browser.get("/rules?try=1&system=PAY")
    assert "Network operations" in page.partition('id="trial"')[2]
    assert "owns a system" in page
    assert 'value="PAY"' in browser.get("/rules?rule=0")
