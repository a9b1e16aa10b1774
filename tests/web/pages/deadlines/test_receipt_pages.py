"""Pages of receipts: a report filed to a department here is seen, owed onward and filed by its people."""

import pytest

from tests.web.office import Office
from tests.web.pages.deadlines.test_authority_pages import declare
from tests.web.pages.deadlines.test_clock_pages import clock_ids

FILING = {"channel": "phone", "to": "12387", "at": "2026-11-21 08:20"}


@pytest.fixture
def number(office: Office) -> str:
    boss = office.browser("administrator")
    boss.post("/organization", operator_class="cii", regions="330100")
    declare(boss, "NOC", authority_roles=["protection_department"], authority_regions="33")
    number = office.open("CERT")
    browser = office.browser("responder")
    aware = {"form": "aware", "who": "Li", "how": "alarm", "at": "2026-11-21 08:00"}
    browser.post(f"/incidents/{number}/awareness", **aware)
    return number


def test_the_operator_sees_who_owes_it_and_the_department_files_it(office: Office, number: str) -> None:
    operator, department = office.browser("responder"), office.browser("department")
    department.get(f"/incidents/{number}", status=404)
    page = operator.get(f"/incidents/{number}/clocks")
    assert "Received by departments here" in page
    first = clock_ids(page)[0]
    operator.post(f"/clocks/{first}/file", form=f"file-{first}", **FILING, departments=["NOC"])
    page = operator.get(f"/incidents/{number}/clocks")
    assert "received by" in page
    second = next(one for one in clock_ids(page) if one != first)
    assert "You only watch it." in page
    assert "A department here received the report before it" in page
    assert "with proof" not in page
    operator.post(f"/clocks/{second}/file", status=403, form="f", **FILING)
    operator.post(f"/clocks/{second}/set-aside", status=403, form="f", step="waive", reason="no")
    inbox = department.get("/inbox")
    assert "Report received" in inbox
    seen = department.get(f"/incidents/{number}/clocks")
    assert "You only watch it." not in seen
    assert "Owed by: " in seen
    department.post(f"/clocks/{second}/file", form="f", **FILING | {"at": "2026-11-21 08:29"})
    assert "收到报告" in office.browser("department", "zh_Hans_CN").get("/inbox")
    report = operator.get(f"/incidents/{number}/clocks/report")
    assert "Owed by: " in report
    assert "received by" in report


def test_of_a_red_incident_the_receiver_learns_of_the_receipt_and_nothing_else(office: Office) -> None:
    boss = office.browser("administrator")
    boss.post("/organization", operator_class="cii", regions="330100")
    declare(boss, "NOC", authority_roles=["protection_department"], authority_regions="33")
    red = office.open("CERT", tlp="red", title="Secret outage")
    operator, department = office.browser("coordinator"), office.browser("department")
    operator.post(f"/incidents/{red}/awareness", form="aware", who="Li", how="alarm", at="2026-11-21 08:00")
    first, second = clock_ids(operator.get(f"/incidents/{red}/clocks"))[:2]
    operator.post(f"/clocks/{first}/file", form=f"file-{first}", **FILING, departments=["NOC"])
    for path in ("/inbox", "/clocks", "/incidents", "/"):
        page = department.get(path)
        assert "Secret outage" not in page
        assert "First report" not in page
    assert "Report received" in department.get("/inbox")
    for path in (f"/incidents/{red}", f"/incidents/{red}/clocks", f"/incidents/{red}/clocks/report"):
        department.get(path, status=404)
    department.post(f"/clocks/{second}/file", status=404, form="f", **FILING)
