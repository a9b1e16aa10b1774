"""Reports as incident handlers see them."""

from tests.web.office import Office


def test_reports_are_listed_searched_and_filtered(office: Office) -> None:
    first, second = office.report("诈骗电话"), office.report("A strange mail", receipt="BBBBB")
    browser = office.browser("responder")
    page = browser.get("/reports")
    assert page.index(f'/reports/{second}"') < page.index(f'/reports/{first}"')
    assert f'/reports/{second}"' not in browser.get("/reports?q=诈骗")
    assert "No report fits." in browser.get("/reports?state=handled")


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
