"""A newcomer goes from the set-up link to a first real incident by the buttons that are offered, without reading."""

import re
import time

from playwright.sync_api import Page, expect

from tests.browser.conftest import watch
from tests.stories.served import Served

FIVE_MINUTES = 300


def test_from_an_empty_home_to_a_first_incident_in_five_minutes(page: Page, empty_program: Served) -> None:
    began = time.monotonic()
    page.set_default_timeout(8_000)
    watch(page)
    link = re.search(r"http://\S+/setup/\S+", empty_program.output)
    assert link is not None
    page.goto(link[0])
    page.get_by_label("Your name").fill("Wang Fang")
    page.get_by_label("Sign-in name").fill("wang")
    page.get_by_label("Password").fill("a long enough password")
    main = page.locator("main")
    for name in ("Continue", "Add selected playbooks"):
        main.get_by_role("button", name=name).click()
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
