"""The list of incidents in a browser: keys, selection, saved views, chips, and all of it without scripts."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Program, SignIn, keep_picture


@pytest.fixture(scope="module")
def filled(program: Program) -> Program:
    """A served instance with some incidents."""
    for number in range(4):
        program.made("/incidents", {"title": f"Worm number {number}", "grade": number % 4 + 1})
    return program


def focused(page: Page) -> str:
    """The text of the element that has the focus."""
    return str(page.evaluate("document.activeElement.closest('tr')?.id ?? document.activeElement.id"))


def test_keys_move_select_and_open_and_can_be_switched_off(filled: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    page.goto(f"{filled.url}/incidents?sort=oldest&q=worm")
    page.locator("h1").click()
    page.keyboard.press("j")
    first = focused(page)
    page.keyboard.press("j")
    assert focused(page) != first
    page.keyboard.press("k")
    assert focused(page) == first
    page.keyboard.press("x")
    expect(page.locator(f"#{first} input[name=numbers]")).to_be_checked()
    expect(page.locator("#list-news")).to_have_text("1 selected")
    page.keyboard.press("/")
    assert focused(page) == "q"
    page.keyboard.type("xjk?")
    expect(page.locator("#q")).to_have_value(re.compile(r"xjk\?"))
    expect(page.locator(f"#{first} input[name=numbers]")).to_be_checked()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_have_attribute("open", "")
    page.get_by_label("Use these keys").uncheck()
    page.locator("h1").click()
    page.keyboard.press("j")
    assert focused(page) == ""
    page.get_by_label("Use these keys").check()
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/incidents/INC-"))


def test_a_range_is_selected_graded_and_reported(filled: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    page.goto(f"{filled.url}/incidents?sort=oldest&q=worm")
    boxes = page.locator("input[name=numbers]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator("#bulk-count")).to_have_text("3 selected")
    page.get_by_label("Select all on this page").check()
    expect(page.locator("#bulk-count")).to_have_text("4 selected")
    boxes.nth(3).uncheck()
    page.get_by_text("Change the selected incidents").click()
    keep_picture(page, "list-bulk")
    page.locator("#bulk-grade").select_option("1")
    page.get_by_role("button", name="Set the grade").click()
    expect(page.locator("#done li")).to_have_count(3)
    keep_picture(page, "list-bulk-result")
    page.get_by_role("link", name="Back to the list").click()
    expect(page).to_have_url(re.compile(r"q=worm&sort=oldest"))


def test_views_and_chips_work_without_scripts(filled: Program, sign_in: SignIn, browser: Browser) -> None:
    state = sign_in("coordinator").context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(f"{filled.url}/incidents")
    page.locator("#q").fill("worm")
    page.locator("#f-grade").select_option("4")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile(r"/incidents\?q=worm&grade=4$"))
    expect(page.locator("mark")).to_have_text(["Worm"])
    page.locator("#views summary").click()
    page.locator("#view-name").fill("Small worms")
    page.get_by_role("button", name="Save this view").click()
    page.get_by_role("link", name=re.compile("Remove the filter Grade")).click()
    expect(page).to_have_url(re.compile(r"/incidents\?q=worm$"))
    page.locator("#views summary").click()
    page.get_by_role("link", name="Small worms").click()
    expect(page).to_have_url(re.compile(r"q=worm&grade=4"))
    page.locator("#views summary").click()
    page.get_by_role("button", name="Delete the view Small worms").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The view is restored.")).to_be_visible()
    page.locator("input[name=numbers]").first.check()
    page.get_by_text("Change the selected incidents").click()
    page.locator("#bulk-note").fill("Looked at without scripts")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator("#done li")).to_have_count(1)
    context.close()
