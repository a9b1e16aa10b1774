"""The editor of playbooks in a browser: a slip is shown while typing, corrected, saved and compared."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, contain
from tests.stories.served import Served


def test_a_slip_shows_its_cause_is_corrected_by_keyboard_saved_and_compared(program: Served, sign_in: SignIn) -> None:
    page: Page = sign_in("coordinator")
    errors: list[str] = []
    page.on("console", lambda one: errors.append(one.text) if one.type == "error" else None)
    page.goto(f"{program.url}/playbooks/{contain()['id']}/edit")
    text = page.get_by_label("Playbook as YAML or JSON")
    good = text.input_value()
    text.fill(good.replace("type: action", "type: acton", 1))
    expect(page.get_by_role("heading", name=re.compile("thing.? to put right"))).to_be_visible()
    first = page.locator(".findings > li").first
    expect(first).to_contain_text("acton")
    expect(first).to_contain_text("Isolate the hosts")
    line = good[: good.index("type: action")].count("\n") + 1
    expect(page.locator(".gutter .is-faulty").first).to_have_text(str(line))

    first.get_by_role("link", name=f"line {line}").focus()
    page.keyboard.press("Enter")
    expect(text).to_be_focused()
    assert page.evaluate("document.activeElement.selectionStart") == good.index("type: action") - 4

    page.reload()
    expect(page.get_by_text("Your unsaved text was put back.")).to_be_visible()
    assert "type: acton" in text.input_value()

    text.fill(good.replace("Isolate the hosts", "Isolate every host"))
    expect(page.get_by_text("This playbook has no faults.")).to_be_visible()
    expect(page.locator("#graph svg")).to_contain_text("Isolate every host")
    page.get_by_role("button", name="Save as a new version").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What has changed")).to_be_visible()
    expect(page.locator(".changes")).to_contain_text("Isolate every host")
    assert errors == []
