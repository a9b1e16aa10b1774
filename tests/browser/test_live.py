"""Open pages show changes and keep typed text."""

from contextlib import ExitStack

import pytest
import requests
from playwright.sync_api import Page, expect

from incident.web.streams.sse import PER_SESSION
from tests.browser.conftest import Program, SignIn
from tests.browser.relay import relaying


@pytest.fixture(autouse=True)
def patience() -> None:
    """Give a loaded machine time."""
    expect.set_options(timeout=15_000)


def write_note(program: Program, number: str, text: str) -> None:
    program.made(f"/incidents/{number}/notes", {"text": text})


def test_what_is_being_typed_survives_a_change(program: Program, sign_in: SignIn) -> None:
    number = program.alert("Typing", "typing")
    page = sign_in("coordinator")
    page.goto(f"{program.url}/incidents/{number}")
    page.locator("[id^=complete-]").evaluate("fold => fold.open = true")
    page.get_by_label("Hosts", exact=True).fill("42")
    page.locator("#edit > summary").click()
    page.get_by_label("Title").fill("Half a ti")
    page.get_by_label("Grade").select_option("1")
    page.locator("#close > summary").click()
    page.locator("#note").click()
    page.keyboard.type("I am still wri")
    page.evaluate("window.scrollTo(0, 300)")
    write_note(program, number, "Somebody else was quicker.")
    expect(page.locator("#journal")).to_contain_text("Somebody else was quicker.")
    page.keyboard.type("ting this")
    expect(page.locator("#note")).to_be_focused()
    expect(page.locator("#note")).to_have_value("I am still writing this")
    expect(page.get_by_label("Hosts", exact=True)).to_have_value("42")
    expect(page.get_by_label("Title")).to_have_value("Half a ti")
    expect(page.get_by_label("Grade")).to_have_value("1")
    expect(page.get_by_label("Resolution")).to_be_visible()


def test_one_persons_button_shows_on_the_others_page(program: Program, sign_in: SignIn) -> None:
    number = program.alert("Two people", "two")
    coordinator, duty = sign_in("coordinator"), sign_in("department", viewport={"width": 390, "height": 844})
    coordinator.goto(f"{program.url}/incidents/{number}")
    expect(coordinator.locator(".notice")).to_contain_text("not acknowledged")
    article = duty.locator("article", has_text=number).first
    article.get_by_role("button", name="Acknowledge").click()
    expect(coordinator.locator(".notice")).to_contain_text("A department")
    expect(coordinator.locator(".notice")).not_to_contain_text("not acknowledged")


def test_an_inbox_on_a_phone_is_told_of_new_work(program: Program, sign_in: SignIn) -> None:
    page = sign_in("department", viewport={"width": 390, "height": 844})
    expect(page.locator("#to-answer")).to_be_visible()
    number = program.alert("New work", "work")
    expect(page.locator("article", has_text=number).first).to_be_visible()


def test_when_the_program_is_away_the_page_says_so_and_comes_back(program: Program, sign_in: SignIn) -> None:
    number = program.alert("Away", "away")
    page = sign_in("coordinator")
    page.goto(f"{program.url}/incidents/{number}")
    expect(page.locator("#live-sign")).to_be_hidden()
    program.stop()
    expect(page.locator("#live-sign")).to_be_visible()
    program.start()
    write_note(program, number, "Back again.")
    expect(page.locator("#journal")).to_contain_text("Back again.", timeout=30_000)
    expect(page.locator("#live-sign")).to_be_hidden()


NOTE_SIGN = """() => {
  const sign = document.getElementById("live-sign");
  new MutationObserver(() => { window.wasShown ||= !sign.hidden; }).observe(sign, {attributes: true});
}"""


@pytest.mark.slow
def test_a_connection_that_died_without_a_word_is_noticed_and_opened_anew(program: Program, sign_in: SignIn) -> None:
    number = program.alert("Silence", "silence")
    with relaying(program.port) as relay:
        page = sign_in("coordinator", base=relay.url)
        page.goto(f"{relay.url}/incidents/{number}")
        write_note(program, number, "While it is heard.")
        expect(page.locator("#journal")).to_contain_text("While it is heard.")
        page.evaluate(NOTE_SIGN)
        relay.mute()
        write_note(program, number, "Into the silence.")
        expect(page.locator("#journal")).to_contain_text("Into the silence.", timeout=60_000)
        expect(page.locator("#live-sign")).to_be_hidden()
        assert page.evaluate("window.wasShown")
        write_note(program, number, "Heard again.")
        expect(page.locator("#journal")).to_contain_text("Heard again.", timeout=4_000)
        page.context.close()


def listening(program: Program, cookies: dict[str, str]) -> requests.Response:
    return requests.get(f"{program.url}/live/incidents", cookies=cookies, stream=True, timeout=30)


def test_a_page_for_which_there_is_no_stream_looks_by_itself_and_says_so(program: Program, sign_in: SignIn) -> None:
    number = program.alert("Full", "full")
    page = sign_in("coordinator")
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    page.goto("about:blank")  # its own stream ends, at a time of the browser's choice
    with ExitStack() as stack:
        taken = 0
        while taken < PER_SESSION:
            taken += stack.enter_context(listening(program, cookies)).status_code == 200
            page.wait_for_timeout(50)
        assert stack.enter_context(listening(program, cookies)).status_code == 503
        page.goto(f"{program.url}/incidents/{number}")
        expect(page.locator("#live-sign")).to_contain_text("too many pages are open")
        expect(page.locator("#live-sign")).to_be_visible()
        write_note(program, number, "Seen without a stream.")
        expect(page.locator("#journal")).to_contain_text("Seen without a stream.")
        expect(page.locator("#live-sign")).to_be_visible()
    expect(page.locator("#live-sign")).to_be_hidden(timeout=30_000)
    write_note(program, number, "Live again.")
    expect(page.locator("#journal")).to_contain_text("Live again.", timeout=4_000)


def test_a_countdown_counts_down(program: Program, sign_in: SignIn) -> None:
    number = program.alert("Counting", "counting")
    page = sign_in("coordinator")
    page.goto(f"{program.url}/incidents/{number}")
    clock = page.locator(".notice time[data-until]")
    first = shown(page)
    expect(clock).not_to_have_text(first)
    assert shown(page) < first


def shown(page: Page) -> str:
    return page.locator(".notice time[data-until]").inner_text()


HIDE = """is_hidden => {
  Object.defineProperty(document, "hidden", {configurable: true, get: () => is_hidden});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_page_that_nobody_looks_at_lets_go_of_its_stream_and_catches_up(program: Program, sign_in: SignIn) -> None:
    # A browser opens six connections to a host: streams of hidden pages would use them all.
    # Two people on the page of an incident see each other as long as neither page is hidden.
    number = program.alert("Hidden", "hidden")
    page, other = sign_in("coordinator"), sign_in("administrator")
    for one in (page, other):
        one.goto(f"{program.url}/incidents/{number}")
    expect(page.locator("#others")).to_have_text("Also here: A administrator")
    expect(other.locator("#others")).to_have_text("Also here: A coordinator")
    write_note(program, number, "While it is looked at.")
    expect(page.locator("#journal")).to_contain_text("While it is looked at.")
    page.evaluate(HIDE, True)
    page.wait_for_timeout(500)
    write_note(program, number, "While it is hidden.")
    page.wait_for_timeout(2000)
    expect(page.locator("#journal")).not_to_contain_text("While it is hidden.")
    expect(other.locator("#others")).to_be_empty()
    page.evaluate(HIDE, False)
    expect(page.locator("#journal")).to_contain_text("While it is hidden.")
    expect(other.locator("#others")).to_have_text("Also here: A coordinator")
    expect(page.locator("#live-sign")).to_be_hidden()


def is_live(page: Page, program: Program, number: str, text: str) -> None:
    """Expect a note of somebody else on the page, which was not loaded again."""
    write_note(program, number, text)
    expect(page.locator("#journal")).to_contain_text(text)
    expect(page.locator("#live-sign")).to_be_hidden()


@pytest.mark.parametrize("has_workers", [True, False])
def test_the_pages_of_a_browser_share_one_stream_until_the_last_is_closed(
    program: Program, sign_in: SignIn, has_workers: bool
) -> None:
    numbers = [program.alert(f"Shared {number}", f"shared {number} {has_workers}") for number in range(3)]
    pages = [sign_in("coordinator")]
    context = pages[0].context
    if not has_workers:
        context.add_init_script("delete window.SharedWorker")
    pages += [context.new_page() for _ in numbers[1:]]
    cookies = {one["name"]: one["value"] for one in context.cookies()}
    pages[0].goto("about:blank")
    with ExitStack() as stack:
        taken = 0
        while taken < PER_SESSION - 2:  # the place that is left beside the shared stream is for its successor
            taken += stack.enter_context(listening(program, cookies)).status_code == 200
        for page, number in zip(pages, numbers, strict=True):
            page.goto(f"{program.url}/incidents/{number}")
        if not has_workers:  # each has its own: the same number of places is too small
            expect(pages[2].locator("#live-sign")).to_contain_text("too many pages are open")
            return
        for page, number in zip(pages, numbers, strict=True):
            is_live(page, program, number, f"To all of {number}")
        pages[0].close()
        for page, number in zip(pages[1:], numbers[1:], strict=True):
            is_live(page, program, number, f"After one was closed, to {number}")
