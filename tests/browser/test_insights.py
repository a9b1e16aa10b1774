"""Insights in a browser: counted by the scheduler, drawn under the strict policy, and printed by a head."""

from playwright.sync_api import expect

from tests.browser.conftest import Program, SignIn


def test_a_month_is_counted_drawn_and_printed(program: Program, sign_in: SignIn) -> None:
    for number in range(3):
        program.alert(f"Counted {number}", f"insights-{number}")
    page = sign_in("coordinator")
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(f"{program.url}/insights")
    drawn = page.locator("#categories canvas").first
    for _ in range(30):  # the scheduler counts every ten seconds
        if drawn.count():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    expect(drawn).to_be_visible()
    expect(page.locator("#figures-categories")).to_contain_text("Ransomware")
    dark = drawn.evaluate("canvas => canvas.toDataURL()")
    page.locator("[data-theme-switch]").first.click()
    expect(page.locator("#categories canvas").first).to_be_visible()
    page.wait_for_function("before => document.querySelector('#categories canvas').toDataURL() !== before", arg=dark)
    page.get_by_role("link", name="Report to print").click()
    page.emulate_media(media="print")
    expect(page.locator("article.report")).to_contain_text("Figures, compared with the month before")
    expect(page.locator("header.head")).to_be_hidden()
    expect(page.locator("article.report button, article.report form")).to_have_count(0)
    assert faults == []
