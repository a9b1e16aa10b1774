"""Reporters at a busy time: the browser sends again, or computes for some seconds in place of waiting."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Program, watch


def test_the_browser_sends_a_report_again_by_itself_while_many_are_reporting(
    program: Program, browser: Browser
) -> None:
    page = browser.new_context(locale="en-GB").new_page()
    watch(page)
    answer_questions(page, program.url)
    page.evaluate(
        """async () => {
            const form = document.querySelector("form[action*=report]");
            form.insertAdjacentHTML("beforeend", '<p id="again" hidden>Again</p>');
            await import("/static/js/send_again.js");
        }"""
    )
    expect(page.locator("#again")).to_be_visible()
    expect(page.locator("#receipt")).to_be_visible(timeout=30_000)


def answer_questions(page: Page, url: str) -> None:
    """Answer the questions of the form up to the last page."""
    page.goto(f"{url}/report")
    page.locator("input[name=emergency][value=none]").check()
    page.get_by_role("button", name="Continue").click()
    page.locator("input[name=kind][value=question]").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox").fill("Is this mail yours?")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Continue").click()


def test_the_report_is_sent_after_the_browser_has_computed_and_without_a_script_the_page_says_how_long_to_wait(
    program: Program, browser: Browser
) -> None:
    while program.call("POST", "/reports", program.administrator, {"text": "A strange mail"}).status_code == 201:
        continue
    for has_script in (False, True):
        page = browser.new_context(locale="en-GB", java_script_enabled=has_script).new_page()
        watch(page)
        answer_questions(page, program.url)
        page.get_by_role("button", name="Send the report").click()
        if has_script:
            expect(page.locator("#receipt")).to_be_visible(timeout=120_000)
        else:
            expect(page.locator("#work")).to_be_hidden()
            expect(page.get_by_text("minutes")).to_be_visible()
            expect(page.get_by_text("Is this mail yours?")).to_be_visible()
