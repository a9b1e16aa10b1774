"""Use by keyboard alone, and a very long title on a phone. Every page by axe: test_every_page.py."""

import re

import pytest
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


OVERLAPS = """() => {
  document.querySelector(".head-in > .more > summary > .label").textContent = "Alexandra Montgomery-Featherstone";
  const all = [...document.querySelectorAll(".head-in > :not(.menu), .menu > *")];
  const parts = all.filter(one => one.checkVisibility());
  const boxes = parts.map(one => one.getBoundingClientRect()).sort((one, other) => one.left - other.left);
  return boxes.some((one, place) => place && one.left < boxes[place - 1].right - 1) || boxes.at(-1).right > innerWidth;
}"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_in_the_head_of_a_page_covers_anything_at_any_width(sign_in: SignIn, language: str) -> None:
    page = sign_in("administrator")
    page.goto(f"{page.url.partition('?')[0]}?lang={language}")
    covered = []
    for width in range(320, 1600, 20):
        page.set_viewport_size({"width": width, "height": 500})
        covered += [width] if page.evaluate(OVERLAPS) else []
    assert covered == []
