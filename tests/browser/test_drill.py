"""A coordinator new to drills starts one from the page, follows it to its score and reads its lessons."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Program, SignIn, keep_picture
from tests.core.cacao.build import action, document, manual

RANSOMWARE = document(
    {
        "isolate": action(None, manual("Pull the cable."), name="Isolate the hosts", on_success="tell",
                          on_failure="tell", timeout=3_600_000),
        "tell": action("end", manual("Tell the owner."), name="Tell the owner", timeout=180_000),
        "end": None,
    },
    "Ransomware",
)  # fmt: skip


def start_from_the_page(page: Page) -> None:
    page.get_by_role("link", name="Drills", exact=True).first.click()
    expect(page.get_by_text("No drill has been held yet.")).to_be_visible()
    page.get_by_role("link", name="New drill").click()
    page.get_by_label("Which playbook do you want to practise?").select_option(label="Ransomware")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Nothing leaves this machine: no email, no webhook, no command.")).to_be_visible()
    page.get_by_label("How fast should the clock run?").select_option("60")
    page.get_by_label("Network operations").check()
    page.get_by_role("button", name="Start the drill").click()
    expect(page.get_by_text("The drill is running.")).to_be_visible()


@pytest.mark.slow
def test_a_coordinator_drills_ransomware_from_the_page_to_its_score(program: Program, sign_in: SignIn) -> None:
    program.made("/playbooks", RANSOMWARE)
    page = sign_in("coordinator")
    start_from_the_page(page)
    drill = page.url
    page.get_by_role("link", name="Open the exercise").click()
    expect(page.locator(".band-exercise")).to_contain_text("This has not happened. Nothing leaves this machine.")
    page.get_by_text("Messages and answers").click()
    page.get_by_role("button", name=re.compile("Acknowledge.*Network operations")).click()
    page.get_by_role("button", name=re.compile("Done.*Isolate the hosts")).click()
    expect(page.locator("#tasks")).to_contain_text("Tell the owner")

    page.goto(drill.partition("?")[0])
    page.evaluate("window.isSameDocument = true")
    # Three minutes of the playbook last half a minute, the shortest time that a person can act in: nobody acts.
    expect(page.get_by_role("heading", name="What to do better")).to_be_visible(timeout=60_000)
    assert page.evaluate("window.isSameDocument") is True, "the page was not live, it was loaded again"
    expect(page.locator("#lessons")).to_contain_text("Network operations did not do “Tell the owner” within 30 min")
    expect(page.locator("#score")).to_contain_text("2 of 3")
    keep_picture(page, "drill")

    page.get_by_role("link", name="Incidents", exact=True).first.click()
    expect(page.get_by_text("There are no open incidents.")).to_be_visible()
    page.get_by_role("link", name="Drills", exact=True).first.click()
    expect(page.locator("tbody tr")).to_contain_text("66 %")
