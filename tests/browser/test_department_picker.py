"""Searching for a department if there are too many to list: typing, choosing, saving."""

import re

import pytest
from playwright.sync_api import expect

from incident.web.pages.department_picker import FEW
from tests.browser.conftest import Program, SignIn, keep_picture


@pytest.fixture(scope="module")
def large(program: Program) -> Program:
    """A served instance with more departments than a form offers."""
    for number in range(FEW):
        program.made("/departments", {"code": f"D{number:03d}", "name": f"Bureau {number} / 第{number}局"})
    return program


def test_departments_are_found_as_one_types_and_become_ticks(large: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    page.goto(f"{large.url}/incidents/new")
    page.locator("#field-title").fill("Many departments")
    search = page.locator("#departments-search")
    search.press_sequentially("第42")
    expect(page.locator("#departments-list option")).to_have_count(1)
    expect(page.locator("#departments-list option")).to_have_attribute("value", "D042")
    search.fill("D042")  # the browser's input when the option is chosen
    expect(search).to_have_value("")
    search.press_sequentially("bureau 7")
    expect(page.locator("#departments-list option").first).to_have_attribute("value", "D007")
    search.fill("D007")
    expect(page.get_by_role("checkbox", name="D042")).to_be_checked()
    expect(page.get_by_role("checkbox", name="D007")).to_be_checked()
    search.fill("bureau 99")
    search.press("Enter")
    expect(page.get_by_role("checkbox", name="D099")).to_be_checked()
    keep_picture(page, "department-picker")
    page.get_by_role("checkbox", name="D007").uncheck()
    page.get_by_role("button", name="Open the incident").click()
    expect(page.get_by_role("heading", name="Many departments")).to_be_visible()
    notified = {one["department"] for one in notices(large, page.url.rpartition("/")[2].partition("?")[0])}
    assert notified == {"D042", "D099"}


def test_a_filter_names_what_was_chosen(large: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    field = page.locator("#f-department")
    field.focus()
    expect(page.locator("#f-department-list option")).to_have_count(20)
    field.press_sequentially("bureau 42")
    expect(page.locator("#f-department-list option")).to_have_count(1)
    field.fill("D042")
    expect(page.locator("#f-department-hint")).to_contain_text("Bureau 42")
    field.press("Enter")
    expect(page.locator("#f-department-hint")).to_contain_text("Bureau 42")
    expect(page).to_have_url(re.compile("department=D042"))
    keep_picture(page, "department-filter")


def test_the_forms_fit_a_phone_and_are_in_chinese(large: Program, sign_in: SignIn) -> None:
    page = sign_in("administrator", viewport={"width": 390, "height": 800})
    for path in ("/incidents", "/incidents/new", "/departments", "/departments/NOC", "/people", "/rules", "/inbox"):
        page.goto(f"{large.url}{path}")
        page.locator("details:not(.more)").evaluate_all("all => all.forEach((one) => (one.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        keep_picture(page, f"phone{path.replace('/', '-')}")
    page.context.add_cookies([{"name": "language", "value": "zh_Hans_CN", "url": large.url}])
    page.goto(f"{large.url}/incidents/new")
    expect(page.get_by_text("输入名称或代码的一部分并选择，然后再选下一个。")).to_be_visible()
    keep_picture(page, "phone-zh")


def notices(program: Program, number: str) -> list[dict[str, str]]:
    answer = program.call("GET", f"/notices?incident={number}", program.administrator)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, str]] = answer.json()["items"]
    return found
