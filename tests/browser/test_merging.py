"""A duplicate in a browser: indicators pasted and copied, the incident merged, and the merge undone."""

from playwright.sync_api import expect

from tests.browser.conftest import Program, SignIn
from tests.browser.test_access import faults

PASTED = "hxxps://evil[.]example/a\n198[.]51.100.7\n"


def test_a_coordinator_finds_a_duplicate_by_its_indicators_merges_it_and_undoes_that(
    program: Program, sign_in: SignIn
) -> None:
    expect.set_options(timeout=20_000)
    program.put("/rules", {"rules": []})  # so that no playbook starts, whose run would have to end first
    survivor = program.made("/incidents", {"title": "Phishing wave", "indicators": ["198.51.100.7"]})["number"]
    duplicate = program.made("/incidents", {"title": "Strange mail"})["number"]
    page = sign_in("coordinator")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{program.url}/incidents/{duplicate}/indicators")
    page.get_by_role("textbox", name="Indicators").fill(PASTED)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#counts")).to_contain_text("Added: 2.")
    assert faults(page) == []
    page.get_by_role("button", name="Copy plain hxxps://evil[.]example/a").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "https://evil.example/a"
    page.goto(f"{program.url}/incidents/{duplicate}")
    expect(page.locator("#related-incidents")).to_contain_text(survivor)
    page.locator("#merge summary").click()
    page.get_by_label("Number of the other incident").fill(survivor)
    page.get_by_label("Why is this a duplicate?").fill("The same sender")
    page.get_by_role("button", name="Merge and close this incident").click()
    expect(page.locator("#related")).to_contain_text("Merged into this one:")
    page.locator("#related").get_by_role("link", name=duplicate).click()
    expect(page.locator("#merged-away")).to_contain_text(survivor)
    assert faults(page) == []
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.locator("#merged-away")).to_have_count(0)
    expect(page.locator("#indicators")).to_contain_text("hxxps://evil[.]example/a")
