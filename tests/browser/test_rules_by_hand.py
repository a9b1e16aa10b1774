"""Rules in order by keyboard and by dragging, undone; and who will be notified while an incident is typed in."""

from playwright.sync_api import expect

from tests.browser.conftest import Program, SignIn, keep_picture


def test_rules_are_moved_by_keys_and_by_dragging_and_the_change_is_undone(program: Program, sign_in: SignIn) -> None:
    rules = [{"when": {"campaign": name}, "set": {"departments": ["NOC"]}} for name in ("one", "two", "three")]
    program.put("/rules", {"rules": rules})
    page = sign_in("coordinator")
    page.goto(f"{program.url}/rules")
    words = page.locator(".rule-words")
    page.locator(".handle").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("The order is changed.")).to_be_visible()
    expect(words.nth(1)).to_contain_text("one")
    expect(page.locator(".handle").nth(1)).to_be_focused()
    start, end = page.locator(".handle").nth(1).bounding_box(), page.locator(".handle").nth(2).bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 5, end["y"] + end["height"] + 8, steps=6)
    page.mouse.up()
    expect(words.nth(2)).to_contain_text("one")
    keep_picture(page, "rules-in-order")
    page.get_by_role("button", name="Undo the last change").click()
    expect(page.get_by_text("The earlier version is in force again.")).to_be_visible()
    expect(words.nth(1)).to_contain_text("one")


def test_who_will_be_notified_follows_the_form_before_it_is_complete(program: Program, sign_in: SignIn) -> None:
    program.put("/rules", {"rules": [{"when": {"category": "MPRANS"}, "set": {"departments": ["NOC"]}}]})
    page = sign_in("coordinator")
    page.goto(f"{program.url}/incidents/new")
    shown = page.locator("#who-is-notified")
    expect(shown).to_contain_text("No one would be notified.")
    page.get_by_label("Category").fill("Ransomware")
    page.get_by_label("Description").focus()
    expect(shown).to_contain_text("named by the rule")
    keep_picture(page, "new-incident-preview")
