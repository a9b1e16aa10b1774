"""The overview and the wall display in a browser: live, counting down, by keyboard, and after a restart."""

import re

import pytest
from playwright.sync_api import Page, expect

from incident import clock
from tests.browser.conftest import Program, SignIn

SOON = 0.5
"""Within this time (s) a change is on another screen."""

NOTE_CHANGES = """() => {
  window.changedAt = {};
  new MutationObserver(() => {
    const tile = [...document.querySelectorAll(".tile")].find((one) => one.textContent.includes("Open incidents"));
    window.changedAt[tile.querySelector(".tile-number").textContent] ??= Date.now();
  }).observe(document.getElementById("overview"), {subtree: true, childList: true, characterData: true});
}"""

SMALLEST = """root => [...root.querySelectorAll("li, h2, p")].filter((one) => one.textContent.trim())
  .map((one) => parseFloat(getComputedStyle(one).fontSize))"""


@pytest.fixture(autouse=True)
def patience() -> None:
    """Give a loaded machine time."""
    expect.set_options(timeout=15_000)


def count_of(page: Page, name: str) -> int:
    return int(page.locator(".tile", has_text=name).locator(".tile-number").inner_text())


def test_what_somebody_else_opens_is_counted_at_once(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    page.goto(f"{program.url}/")
    expect(page.locator("#live-sign")).to_be_hidden()
    page.wait_for_timeout(500)
    page.evaluate(NOTE_CHANGES)
    waited = []
    for turn in range(4):
        before = count_of(page, "Open incidents")
        program.alert(f"Seen at once {turn}", f"overview-{turn}")
        sent = clock.now().timestamp()
        expect(page.locator(".tile", has_text="Open incidents").locator(".tile-number")).to_have_text(str(before + 1))
        waited.append(page.evaluate("count => window.changedAt[count]", before + 1) / 1000 - sent)
    assert min(waited) < SOON


def test_a_number_leads_to_its_list_by_keyboard_and_a_countdown_counts_down(program: Program, sign_in: SignIn) -> None:
    program.alert("To be counted down", "overview-keys")
    page = sign_in("coordinator")
    page.goto(f"{program.url}/")
    clock = page.locator("#next time[data-until]").first
    first = clock.inner_text()
    expect(clock).not_to_have_text(first)
    number = page.locator(".tile", has_text="Open incidents").locator(".tile-main")
    number.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents?tab=open")
    expect(page.locator("#list tbody tr").first).to_be_visible()


def test_what_a_reader_has_focused_stays_focused_when_the_page_changes(program: Program, sign_in: SignIn) -> None:
    program.alert("Before", "overview-focus-1")
    page = sign_in("coordinator")
    page.goto(f"{program.url}/")
    link = page.locator(".tile", has_text="Open incidents").locator(".tile-main")
    link.focus()
    before = count_of(page, "Open incidents")
    program.alert("After", "overview-focus-2")
    expect(page.locator(".tile", has_text="Open incidents").locator(".tile-number")).to_have_text(str(before + 1))
    expect(link).to_be_focused()


def test_a_wall_display_can_be_read_from_three_metres_and_needs_no_scrolling(program: Program, sign_in: SignIn) -> None:
    for turn in range(8):
        program.alert(
            f"A long title that says much of what has happened to whom and when, number {turn}", f"wall-{turn}"
        )
    page = sign_in("coordinator", viewport={"width": 1920, "height": 1080}, color_scheme="light")
    page.goto(f"{program.url}/wall")
    expect(page.locator("#wall-next")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        1920,
        1080,
    ]
    sizes: list[float] = page.locator("#wall").evaluate(SMALLEST)
    assert min(sizes) >= 24
    assert page.locator(".head, .bar, nav").count() == 0
    expect(page.locator(".wall-clock")).to_have_text(re.compile(r"^\d\d:\d\d$"))


def test_a_wall_display_says_that_the_program_is_away_and_comes_back(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator", viewport={"width": 1920, "height": 1080})
    page.goto(f"{program.url}/wall")
    expect(page.locator("#live-sign")).to_be_hidden()
    opened = page.locator(".wall-tiles li", has_text="Open incidents").locator("b")
    before = int(opened.inner_text())
    program.stop()
    expect(page.locator("#live-sign")).to_be_visible()
    program.start()
    program.alert("Opened after the restart", "wall-restart")
    expect(opened).to_have_text(str(before + 1), timeout=30_000)
    expect(page.locator("#live-sign")).to_be_hidden(timeout=30_000)


def test_the_first_screen_of_a_phone_shows_what_burns(program: Program, sign_in: SignIn) -> None:
    program.alert("Burns", "overview-phone")
    page = sign_in("coordinator", viewport={"width": 390, "height": 844})
    page.goto(f"{program.url}/")
    for name in ("Not acknowledged", "Overdue deadlines", "Overdue tasks", "Open incidents"):
        expect(page.locator(".tile", has_text=name).first).to_be_in_viewport(ratio=1)
    expect(page.locator(".urgent").first).to_be_in_viewport(ratio=1)
