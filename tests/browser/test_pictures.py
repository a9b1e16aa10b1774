"""The picture of a playbook: it opens readable at its start, and is zoomed, moved and fitted everywhere."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Program, SignIn, keep_picture, watch
from tests.browser.pictures import part_shown, steps_outside
from tests.core.cacao.build import action, document, manual

PHONE = {"width": 390, "height": 844}
COUNT = 24
LONG = document(
    {f"s{at}": action(f"s{at + 1}", manual("Do it."), name=f"Step number {at} of many") for at in range(COUNT)}
    | {f"s{COUNT}": None},
    "A long playbook",
)
LETTERS = "text => text.getBoundingClientRect().height"


def is_read_and_fitted(page: Page, name: str) -> None:
    """Look at the picture as it opens, move it by keys and mouse, and fit it."""
    frame = page.locator(".graph-frame", has=page.locator(".graph[data-name='A long playbook']"))
    graph, start = frame.locator(".graph"), frame.locator("text", has_text="Step number 0")
    expect(start).to_be_visible()
    assert "Step number 0 of many" not in " ".join(steps_outside(frame)), "it opens at its start"
    assert start.evaluate(LETTERS) >= 9, "the letters can be read"
    expect(frame.locator(".legend")).to_contain_text("if it fails")
    keep_picture(page, name)
    opened = part_shown(frame)
    graph.focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowDown")
    assert part_shown(frame) != opened
    frame.get_by_role("button", name="Fit").click()
    assert steps_outside(frame) == [], "all of it is seen"
    frame.get_by_role("button", name="Zoom in").click()
    graph.scroll_into_view_if_needed()
    box = graph.bounding_box()
    assert box is not None
    before, (x, y) = part_shown(frame), (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 20, y - 40, steps=3)
    page.mouse.up()
    assert part_shown(frame) != before


@pytest.mark.parametrize("size", [{"width": 1440, "height": 900}, PHONE], ids=["desktop", "phone"])
def test_a_long_playbook_is_read_moved_and_fitted_on_every_page(
    program: Program, sign_in: SignIn, size: dict[str, int]
) -> None:
    program.made("/playbooks", LONG)
    number = program.made("/incidents", {"title": "Long", "departments": ["NOC"]})["number"]
    program.made(f"/incidents/{number}/runs", {"playbook": LONG["id"]})
    page = sign_in("coordinator", viewport=size)
    watch(page)
    where = f"/playbooks/{LONG['id']}"
    for path in (where, f"{where}/edit", f"/incidents/{number}"):
        page.goto(program.url + path)
        is_read_and_fitted(page, f"picture{path.replace('/', '-')}-{size['width']}")
    page.goto(f"{program.url}/drills/new?playbook={LONG['id']}")
    page.get_by_label("Network operations").check()
    page.get_by_role("button", name="Start the drill").click()
    expect(page.locator(".graph .node-live")).to_have_count(1)
    is_read_and_fitted(page, f"picture-drill-{size['width']}")
