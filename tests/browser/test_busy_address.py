"""A reporter whose address has sent many reports: the browser computes for some seconds in place of waiting."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Program, watch


def test_the_report_is_sent_after_the_browser_has_computed_and_without_a_script_the_page_says_how_long_to_wait(
    program: Program, browser: Browser
) -> None:
    while program.call("POST", "/reports", program.administrator, {"text": "A strange mail"}).status_code == 201:
        continue
    for has_script in (False, True):
        page = browser.new_context(locale="en-GB", java_script_enabled=has_script).new_page()
        watch(page)
        page.goto(f"{program.url}/report")
        page.locator("input[name=emergency][value=none]").check()
        page.get_by_role("button", name="Continue").click()
        page.locator("input[name=kind][value=question]").check()
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("textbox").fill("Is this mail yours?")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Send the report").click()
        if has_script:
            expect(page.locator("#receipt")).to_be_visible(timeout=120_000)
        else:
            expect(page.locator("#work")).to_be_hidden()
            expect(page.get_by_text("minutes")).to_be_visible()
            expect(page.get_by_text("Is this mail yours?")).to_be_visible()
