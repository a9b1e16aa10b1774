"""The page of an incident on a phone, by keyboard, with few actions, and with two people at once."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Program, SignIn, keep_picture
from tests.browser.pictures import steps_outside
from tests.browser.test_access import faults
from tests.web.pages.incidents.test_incident_page import long_playbook

PHONE = {"width": 390, "height": 844}
BAR = 56
"""The height of the bar at the bottom of a phone's screen."""


@pytest.fixture(autouse=True)
def patience() -> None:
    """Give a loaded machine time."""
    expect.set_options(timeout=15_000)


def opened(program: Program, title: str) -> str:
    """An incident of NOC with a description and a run whose first task is limited in time."""
    body = {"title": title, "description": "Three hosts are encrypted.\nA note asks for payment.", "grade": 1}
    return str(program.made("/incidents", body | {"departments": ["NOC"]})["number"])


def is_on_screen(page: Page, selector: str) -> bool:
    """Whether an element begins on the first screen of a phone, above its bar."""
    box = page.locator(selector).first.bounding_box()
    return box is not None and box["y"] >= 0 and box["y"] + min(box["height"], 24) <= PHONE["height"] - BAR


def test_a_phones_first_screen_shows_the_description_what_to_do_and_until_when(
    program: Program, sign_in: SignIn
) -> None:
    number = opened(program, "On a phone")
    page = sign_in("department", viewport=PHONE)
    page.goto(f"{program.url}/incidents/{number}")
    keep_picture(page, "war-room-phone")
    for selector in ("#facts .wrote", "#clock time", "#now h2", "#now form button"):
        assert is_on_screen(page, selector), selector
    expect(page.locator("#now form button").first).to_contain_text("Acknowledge")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_closing_over_live_work_takes_three_actions(program: Program, sign_in: SignIn) -> None:
    number = program.alert("To be closed", "closing")
    page = sign_in("coordinator")
    page.goto(f"{program.url}/incidents/{number}")
    page.get_by_role("link", name="Close", exact=True).click()
    expect(page.get_by_label("Why is this work cancelled?")).to_be_focused()
    page.keyboard.type("A false alarm")
    page.keyboard.press("Enter")
    expect(page.locator(".war-sub")).to_contain_text("closed")


def test_a_change_by_somebody_else_is_shown_beside_what_was_typed(program: Program, sign_in: SignIn) -> None:
    number = opened(program, "Two people change it")
    page = sign_in("coordinator")
    page.goto(f"{program.url}/incidents/{number}")
    page.locator("#edit > summary").click()
    page.locator("#field-description").fill("Typed by the one")
    version = program.call("GET", f"/incidents/{number}", program.administrator).headers["ETag"]
    other = {"description": "Typed by the other"}
    token, headers = program.administrator, {"If-Match": version}
    changed = program.call("PATCH", f"/incidents/{number}", token, other, headers=headers)
    assert changed.status_code == 200, changed.text
    expect(page.locator("#facts .clamp")).to_contain_text("Typed by the other")
    expect(page.locator("#field-description")).to_have_value("Typed by the one")
    page.locator("#edit-form").get_by_role("button", name="Save").click()
    conflict = page.locator("#conflict")
    expect(conflict).to_contain_text("Nothing is overwritten yet")
    expect(conflict).to_contain_text("Typed by the other")
    expect(page.locator("#field-description")).to_have_value("Typed by the one")


def test_the_picture_opens_fitted_and_is_zoomed_by_keys(program: Program, sign_in: SignIn) -> None:
    number = program.alert("Pictured", "pictured")
    page = sign_in("coordinator")
    page.goto(f"{program.url}/incidents/{number}")
    graph = page.locator(".graph")
    opened = graph.locator("svg").get_attribute("viewBox")
    assert opened is not None
    expect(graph.locator("text", has_text="Isolate the hosts")).to_be_visible()
    graph.focus()
    page.keyboard.press("+")
    expect(graph.locator("svg")).not_to_have_attribute("viewBox", opened)
    page.get_by_role("button", name="Fit").click()
    assert steps_outside(page.locator(".graph-frame")) == []


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh_Hans_CN")])
def test_axe_finds_nothing_on_the_page(program: Program, sign_in: SignIn, scheme: str, language: str) -> None:
    number = program.alert(f"Looked at {scheme}", f"axe {scheme}")
    page = sign_in("coordinator", color_scheme=scheme)
    page.context.add_cookies([{"name": "language", "value": language, "url": program.url}])
    page.goto(f"{program.url}/incidents/{number}")
    keep_picture(page, f"war-room-{scheme}")
    assert faults(page) == []
    page.locator("main details").evaluate_all("folds => folds.forEach(fold => { fold.open = true; })")
    assert faults(page) == []


def test_all_steps_of_a_long_run_are_loaded_when_they_are_opened_and_stay_live(
    program: Program, sign_in: SignIn
) -> None:
    book = long_playbook(40)
    program.made("/playbooks", book)
    body = {"title": "A long run", "departments": ["NOC"], "playbook": book["id"]}
    number = str(program.made("/incidents", body)["number"])
    page = sign_in("coordinator")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{program.url}/incidents/{number}")
    steps = page.locator("#runs details li .name", has_text="at place")
    expect(page.locator("#runs").get_by_text("All steps", exact=True)).to_be_visible()
    assert not any(one.endswith("/steps") for one in asked)
    page.locator("#runs").get_by_text("All steps", exact=True).click()
    expect(steps).to_have_count(40)
    expect(page.locator("#runs details li.is-succeeded")).to_have_count(0)
    keep_picture(page, "all-steps")
    token = program.administrator
    [task] = program.call("GET", f"/tasks?incident={number}", token).json()["items"]
    done = program.call("POST", f"/tasks/{task['id']}/complete", token, {"result": "succeeded"})
    assert done.status_code == 200, done.text
    expect(page.locator("#runs details li.is-succeeded")).to_have_count(1)
    expect(steps).to_have_count(40)
    assert faults(page) == []
