"""What was typed is kept when the language changes, when the colours do, and when the session has ended."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Program, SignIn

TITLE = "A server that talks to strangers"


def typed(page: Page, program: Program) -> None:
    page.goto(f"{program.url}/incidents/new")
    page.locator("#field-title").fill(TITLE)


def test_typed_text_survives_a_change_of_language_and_colours(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    typed(page, program)
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("#field-title")).to_have_value(TITLE)
    expect(page.locator("#draft-back")).to_be_visible()
    page.locator("[data-theme-switch]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("#field-title")).to_have_value(TITLE)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("#field-title")).to_have_value("")


def test_typed_text_survives_a_change_of_language_after_a_refusal(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    typed(page, program)
    page.get_by_text("Sector, playbook, times and indicators").click()
    page.locator("#field-indicators").fill("no indicator of any kind")
    page.locator("main form button.btn-primary").click()
    expect(page.locator("#fault")).to_be_focused()
    page.locator("#fault a").click()
    expect(page.locator("#field-indicators")).to_be_focused()
    page.get_by_role("link", name="中文").click()
    expect(page).to_have_url(f"{program.url}/incidents/new?lang=zh")
    expect(page.locator("#field-title")).to_have_value(TITLE)


def test_typed_text_survives_the_end_of_the_session(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    typed(page, program)
    page.context.clear_cookies(name="incident_session")
    page.locator("main form button.btn-primary").click()
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    page.locator("input[name=login]").fill("coordinator")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page).to_have_url(re.compile("/incidents/new"))
    expect(page.locator("#field-title")).to_have_value(TITLE)
    assert page.evaluate("JSON.stringify(sessionStorage)").count(PASSWORD) == 0


def test_another_person_does_not_get_what_was_typed(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    typed(page, program)
    page.context.clear_cookies(name="incident_session")
    page.locator("main form button.btn-primary").click()
    page.locator("input[name=login]").fill("administrator")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page).to_have_url(re.compile("/incidents/new"))
    expect(page.locator("#field-title")).to_have_value("")
