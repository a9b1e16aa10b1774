"""Reports as incident handlers see them."""

import re

from incident.actions.directory.members import NamedMember, put_members
from incident.store.directory.departments import department_by_code
from tests.web.office import BY, Office
from tests.web.pages.reports.test_identity_requests import leave_contact
from tests.web.pages.reports.test_public_reports import fields_of


def test_a_message_to_the_reporter_that_is_sent_twice_by_a_double_click_is_one(office: Office) -> None:
    leave_contact(office)
    desk = office.browser("responder")
    form = fields_of(desk.get("/reports/1")) | {"text": "When was it?"}
    for _ in range(2):
        desk.post("/reports/1/messages", **form)
    assert desk.get("/reports/1").count('<p class="wrote mb-0">When was it?</p>') == 1


def test_reports_are_listed_searched_and_filtered(office: Office) -> None:
    first, second = office.report("诈骗电话"), office.report("A strange mail", receipt="BBBBB")
    browser = office.browser("responder")
    page = browser.get("/reports")
    assert page.index(f'/reports/{second}"') < page.index(f'/reports/{first}"')
    assert f'/reports/{second}"' not in browser.get("/reports?q=诈骗")
    assert "No reports match your search." in browser.get("/reports?state=handled")


def test_a_report_is_linked_to_an_incident_by_its_number(office: Office) -> None:
    report, number = office.report(), office.open("NOC", title="The incident")
    browser = office.browser("responder")
    answer = browser.post(f"/reports/{report}/link", number=number.lower())
    assert "The incident" in browser.get(answer.location)
    assert f"/incidents/{number}" in browser.get("/reports")


def test_a_number_that_is_not_there_is_not_found(office: Office) -> None:
    office.browser("responder").post(f"/reports/{office.report()}/link", status=404, number="INC-2026-000099")


def test_an_incident_is_opened_from_a_report(office: Office) -> None:
    report = office.report("The screen is red")
    page = office.browser("responder").get(f"/reports/{report}")
    assert f'href="/incidents/new?report={report}"' in page


def test_an_address_in_a_report_cannot_be_clicked(office: Office) -> None:
    report = office.report(url="https://evil.example/login")
    page = office.browser("responder").get(f"/reports/{report}")
    assert "hxxps://evil[.]example/login" in page
    assert 'href="https://evil' not in page


def test_a_report_that_is_not_there_is_not_found(office: Office) -> None:
    for number in ("9", "2147483648", "x"):
        office.browser("responder").get(f"/reports/{number}", status=404)


def test_of_an_incident_that_one_may_not_see_a_report_says_nothing(office: Office) -> None:
    report = office.report()
    number = office.open("NOC", tlp="red", reports=[report])
    assert number in office.browser("coordinator").get(f"/reports/{report}")
    assert number not in office.browser("responder").get(f"/reports/{report}", status=404)
    assert number not in office.browser("responder").get("/reports")


def test_open_incidents_are_proposed_the_likeliest_first_and_linked_by_one_button(office: Office) -> None:
    newest_last = [
        office.open(title="Named", description="It leads to https://evil.example/other"),
        office.open(title="Of its kind", category="NAPHISH"),
        office.open(title="Another"),
    ]
    report = office.report(url="https://evil.example/login", category="NAPHISH")
    browser = office.browser("responder")
    proposed = browser.get(f"/reports/{report}").partition('id="candidates"')[2]
    assert re.findall(r'name="number" value="(INC[^"]+)"', proposed) == newest_last
    assert proposed.index("names the same address") < proposed.index("same category")
    browser.post(f"/reports/{report}/link", number=newest_last[0])
    assert re.findall(r'name="number" value="(INC[^"]+)"', browser.get(f"/reports/{report}")) == newest_last[1:]


def test_incidents_that_one_may_not_see_and_closed_ones_are_not_proposed(office: Office) -> None:
    number = office.open(title="Hidden from most", tlp="red")
    report = office.report()
    assert "Hidden from most" not in office.browser("responder").get(f"/reports/{report}")
    assert "Hidden from most" in office.browser("coordinator").get(f"/reports/{report}")
    office.browser("coordinator").post(f"/incidents/{number}/close", resolution="done")
    assert "Hidden from most" not in office.browser("coordinator").get(f"/reports/{report}")


def test_the_desk_restricts_a_report_and_reads_it_no_more(office: Office) -> None:
    report = office.report("The head sells data")
    browser = office.browser("administrator")
    assert "Restrict the report" in browser.get(f"/reports/{report}")
    browser.post(f"/reports/{report}/units", 422, about_unit="")
    answer = browser.post(f"/reports/{report}/units", about_unit="NOC")
    assert answer.location.startswith("/reports?")
    assert "The head sells data" not in browser.get("/reports")
    browser.get(f"/reports/{report}", 404)


def test_who_leads_the_department_above_reads_a_report_about_it(office: Office) -> None:
    report = office.report("The head sells data")
    leads = [NamedMember("responder", "head")]
    office.do(lambda: put_members(department("CERT"), leads, None, BY, office.hand.at))
    office.browser("coordinator").post(f"/reports/{report}/units", about_unit="NOC")
    assert "The head sells data" in office.browser("responder").get(f"/reports/{report}")
    assert "The head sells data" not in office.browser("coordinator").get("/reports")
    found = "/journal/csv?type=report.unit_added"
    assert f"report:{report}" in office.browser("responder").get(found)
    assert f"report:{report}" not in office.browser("coordinator").get(found)


def department(code: str) -> int:
    found = department_by_code(code)
    assert found is not None
    return found.id
