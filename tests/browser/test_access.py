"""Use by keyboard alone, and a very long title on a phone. Every page by axe: test_every_page.py."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Program, SignIn
from tests.browser.walk import axe_findings as faults

__all__ = ["faults"]


def test_a_long_title_widens_no_page(program: Program, sign_in: SignIn) -> None:
    number = program.alert("Ein sehr langer Titel ohne Leerzeichen: " + "x" * 200, "long")
    page = sign_in("administrator", viewport={"width": 320, "height": 800})
    for path in ("/incidents", f"/incidents/{number}", f"/incidents/{number}/ledger", "/inbox", "/journal", "/outbox"):
        page.goto(program.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") == 320, path


def test_the_keyboard_alone_acknowledges(program: Program, sign_in: SignIn) -> None:
    number = program.alert("By keyboard", "keys")
    page = sign_in("coordinator")
    page.goto(f"{program.url}/incidents/{number}")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    for wanted in (
        page.locator("summary", has_text="Messages and answers"),
        page.get_by_role("button", name=re.compile("Acknowledge.*Network operations")),
    ):
        for _ in range(60):
            page.keyboard.press("Tab")
            if wanted.evaluate("it => it === document.activeElement"):
                break
        page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("A coordinator")


def test_a_slash_leads_to_the_search(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
