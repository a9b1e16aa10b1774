"""The command palette: by keyboard alone, on a narrow screen, in both languages, and without a script."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Program, SignIn, keep_picture
from tests.browser.walk import CUT, axe_findings

FIELD = "#palette [role=combobox]"


def chosen(page: Page) -> str:
    """The words of the option that a screen reader says, which is the one shown as chosen."""
    active = page.locator(FIELD).get_attribute("aria-activedescendant")
    option = page.locator(f"#{active}")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(page.locator("#palette [aria-selected=true]")).to_have_count(1)
    return option.inner_text()


def test_everything_is_found_and_opened_by_keyboard_alone(program: Program, sign_in: SignIn) -> None:
    number = program.alert("Palette of colours", "palette")
    page = sign_in("coordinator")
    page.keyboard.press("Control+k")
    field = page.locator(FIELD)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-expanded", "true")
    assert "Log an incident" in chosen(page)
    page.keyboard.press("ArrowUp")
    assert chosen(page) == page.locator("#palette [role=option]").last.inner_text()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("colours")
    expect(page.locator("#palette [role=status]")).to_have_text("1 result")
    assert number in chosen(page)
    assert axe_findings(page) == []
    keep_picture(page, "palette")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/incidents/{number}"))


def test_enter_right_after_typing_opens_what_was_typed(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    page.keyboard.press("Control+k")
    page.keyboard.type("drills")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/drills$"))


def test_it_switches_theme_and_language_and_fits_a_phone(program: Program, sign_in: SignIn) -> None:
    page = sign_in("department", viewport={"width": 320, "height": 640})
    page.get_by_role("button", name="Search").click()
    page.keyboard.type("dark")
    before = page.locator("html").get_attribute("data-bs-theme")
    expect(page.locator("#palette [role=status]")).to_have_text("1 result")
    page.keyboard.press("Enter")
    expect(page.locator("html")).not_to_have_attribute("data-bs-theme", str(before))
    expect(page.locator("#palette")).to_be_hidden()
    page.goto(f"{program.url}/inbox?exercise=false")
    page.keyboard.press("Control+k")
    page.keyboard.type("中文")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("exercise=false&lang=zh"))
    page.keyboard.press("Control+k")
    page.keyboard.type("zqnichts")
    expect(page.locator("#palette-nothing")).to_contain_text("没有找到")
    assert page.evaluate(CUT) == []
    assert axe_findings(page) == []
    keep_picture(page, "palette-narrow")


def test_it_says_so_when_the_server_does_not_answer(sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    page.route("**/search/results*", lambda route: route.abort())
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [data-away]")).to_be_visible()


def test_without_a_script_the_search_is_a_page(program: Program, sign_in: SignIn) -> None:
    number = program.alert("Scriptless", "scriptless")
    page = sign_in("coordinator", java_script_enabled=False)
    page.get_by_role("link", name="Search", exact=True).click()
    page.locator("#q").fill("scriptless")
    page.locator("main").get_by_role("button", name="Search").click()
    page.get_by_role("link", name=number).click()
    expect(page).to_have_url(re.compile(f"/incidents/{number}"))
