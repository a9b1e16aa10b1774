"""A large spreadsheet is saved in pieces, with progress, in a real browser."""

from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import SignIn

LINES = ["login,name,role", *(f"p{number},Person {number},reader" for number in range(520))]
FILE: FilePayload = {"name": "people.csv", "mimeType": "text/csv", "buffer": "\n".join(LINES).encode()}

NOTE_PROGRESS = """() => {
    window.progress = [];
    new MutationObserver(() => {
        const shown = document.querySelector(".in-pieces [role=status]");
        if (shown) window.progress.push(shown.textContent.trim());
    }).observe(document.body, {childList: true, characterData: true, subtree: true});
}"""
"""Notes each state of the progress: one lasts for less time than a look at the page takes."""


def test_all_pieces_are_saved_with_one_click_and_every_link_is_shown(sign_in: SignIn) -> None:
    page = sign_in("administrator")
    page.goto(f"{page.url.rpartition('/')[0]}/settings/sheets/people")
    page.set_input_files("#file", files=[FILE])
    page.get_by_role("button", name="Show what it would do").click()
    page.evaluate(NOTE_PROGRESS)
    page.get_by_role("button", name="Import the next 250 rows").click()
    expect(page.locator("#links > li")).to_have_count(520, timeout=30_000)
    assert "250 of 520 rows are saved" in page.evaluate("progress")


def test_who_stops_keeps_what_is_saved_and_goes_on_with_the_rest(sign_in: SignIn) -> None:
    page = sign_in("administrator")
    page.goto(f"{page.url.rpartition('/')[0]}/settings/sheets/people")
    more = "\n".join(["login,name,role", *(f"q{number},Person {number},reader" for number in range(520))]).encode()
    page.set_input_files("#file", files=[FilePayload({**FILE, "buffer": more})])
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_role("button", name="Import the next 250 rows").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("250 rows are saved, 270 are not yet.")).to_be_visible()
    expect(page.locator("#links > li")).to_have_count(250)
    page.get_by_role("button", name="Import the next 250 rows").click()
    expect(page.locator("#links > li")).to_have_count(270)
