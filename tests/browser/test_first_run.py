"""A newcomer goes from the set-up link to a first real incident by the buttons that are offered, without reading."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import watch
from tests.stories.served import Served

FIVE_MINUTES = 300


def become_administrator(page: Page, program: Served) -> None:
    """Follow the set-up link to the page of the playbooks."""
    link = re.search(r"http://\S+/setup/\S+", program.output)
    assert link is not None
    page.goto(link[0])
    page.get_by_label("Your name").fill("Wang Fang")
    page.get_by_label("Sign-in name").fill("wang")
    page.get_by_label("Password").fill("a long enough password")
    page.locator("main").get_by_role("button", name="Continue").click()


def test_from_an_empty_home_to_a_first_incident_in_five_minutes(page: Page, empty_program: Served) -> None:
    began = time.monotonic()
    page.set_default_timeout(8_000)
    watch(page)
    main = page.locator("main")
    become_administrator(page, empty_program)
    main.get_by_role("button", name="Add selected playbooks").click()
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"Adding \d+ of \d+: \w"))
    expect(main.get_by_role("button", name="Add selected departments")).to_be_visible(timeout=60_000)
    main.get_by_role("button", name="Add selected departments").click()
    main.get_by_role("link", name="Choose", exact=False).first.click()
    main.get_by_role("button", name="Continue").click()
    main.locator("[name=operator_class]").first.select_option(index=1)
    main.get_by_role("button", name="Save").first.click()
    page.get_by_label("Name of the contact").fill("Duty")
    page.get_by_label("Channel").select_option("inbox")
    main.get_by_role("button", name="Add and send a test message").click()
    expect(main.get_by_text("The inbox shows its messages directly.")).to_be_visible()
    for step in ("Add contacts", "Invite people", "Run a drill"):
        page.goto(f"{empty_program.url}/setup/next")
        main.get_by_role("button", name=re.compile(rf"^Skip\s*: {step}")).click()
    page.goto(f"{empty_program.url}/setup/next")
    main.locator("a.btn-big").click()
    main.get_by_role("button", name="Use these rules").click()
    expect(main.get_by_text("Ready for the first incident.")).to_be_visible()
    main.locator("a.btn-big").click()
    page.get_by_label("Title").fill("Files are being encrypted")
    main.get_by_role("button", name=re.compile("Open")).first.click()
    expect(page).to_have_url(re.compile(r"/incidents/INC-"))
    assert time.monotonic() - began < FIVE_MINUTES


def test_adding_playbooks_is_stopped_and_goes_on(page: Page, empty_program: Served) -> None:
    become_administrator(page, empty_program)
    added, left = page.locator(".tag-good"), page.locator("input[name=file]:enabled")
    offered = left.count()
    page.get_by_role("button", name="Add selected playbooks").click()
    page.get_by_role("button", name="Stop").click()
    expect(added.first).to_be_visible(timeout=30_000)
    assert added.count() + left.count() == offered
    assert left.count()
    page.route("**/setup/playbooks", lost_once())
    page.get_by_role("button", name="Add selected playbooks").click()
    expect(page.get_by_role("button", name="Add selected departments")).to_be_visible(timeout=60_000)
    page.goto(f"{empty_program.url}/setup/playbooks")
    assert added.count() == offered


def lost_once() -> Callable[[Route], None]:
    """Lose the first request that adds a playbook, as a bad connection does."""
    lost: list[Route] = []

    def handle(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route)
            route.abort()
        else:
            route.continue_()

    return handle
