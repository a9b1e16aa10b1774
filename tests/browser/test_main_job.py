"""The main job in a browser, from the set-up of an empty instance to the closure of an incident."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import contain, keep_picture, watch
from tests.core.cacao.build import Json
from tests.stories.served import Served

PASSWORD = "a long enough password"


def set_up(page: Page, served: Served) -> None:
    link = re.search(r"http://\S+/setup/\S+", served.output)
    assert link is not None, served.output
    page.goto(link[0])
    page.get_by_label("Your name").fill("Wang Fang")
    page.get_by_label("Sign-in name").fill("wang")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Playbooks included with the program")).to_be_visible()
    page.get_by_role("link", name="Not now").click()


def sign_in_again(page: Page, served: Served) -> None:
    page.locator("details.more summary", has_text="Wang Fang").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{served.url}/departments")
    page.get_by_label("Sign-in name").fill("wang")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{served.url}/departments")


def add_department(page: Page, served: Served) -> None:
    page.get_by_label("Name").fill("Network operations")
    page.get_by_label("Code").fill("NOC")
    page.get_by_role("button", name="Add").click()
    for level, name in (("1", "Screen"), ("2", "Shift lead")):
        page.goto(f"{served.url}/departments/NOC")
        page.locator("#new-contact").evaluate("fold => fold.open = true")
        page.get_by_label("Name of the contact").fill(name)
        page.locator("#channel").select_option("inbox")
        page.get_by_label("Level", exact=True).fill(level)
        page.locator("#new-contact").get_by_role("button", name="Add").click()
    page.goto(f"{served.url}/departments/NOC/policy")
    page.locator("#level-1").get_by_label("Waits, in minutes").first.fill("PT3S")
    page.locator("#level-2 > summary").click()
    page.locator("#level-2").get_by_label("Waits, in minutes").first.fill("60")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#level-1-wait")).to_have_value("PT3S")
    page.goto(f"{served.url}/departments/NOC")
    expect(page.get_by_text("contacts of this level; after 3 seconds without an answer")).to_be_visible()


def add_playbook_and_rule(page: Page, served: Served) -> None:
    import json

    page.goto(f"{served.url}/playbooks/new")
    page.locator("#document").fill(json.dumps(contain()))
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Contain")).to_be_visible()
    rules = {"rules": [{"when": {}, "set": {"departments": ["NOC"], "playbook": contain()["id"]}}]}
    page.goto(f"{served.url}/rules")
    page.locator("#change summary").click()
    page.get_by_label("The rules as JSON").fill(json.dumps(rules))
    page.get_by_role("button", name="Restore this version").click()
    expect(page.locator("#list").get_by_text("always")).to_be_visible()


def make_token(page: Page, served: Served) -> str:
    page.goto(f"{served.url}/tokens")
    page.locator("details.panel summary").click()
    page.get_by_label("For which program").fill("alertmanager")
    page.get_by_label("Role").select_option("source")
    page.get_by_role("button", name="Make the token").click()
    return page.locator("#secret").inner_text()


ALERT: Json = {
    "version": "4",
    "groupKey": "{}",
    "status": "firing",
    "receiver": "incident",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "HostEncrypted", "severity": "critical"},
            "annotations": {"summary": "Files are being encrypted on acc-11"},
            "startsAt": "2026-11-21T08:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "c0ffee",
        }
    ],
}


def test_from_an_empty_instance_to_a_closed_incident(page: Page, empty_program: Served) -> None:
    served = empty_program
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    watch(page)
    set_up(page, served)
    sign_in_again(page, served)
    add_department(page, served)
    add_playbook_and_rule(page, served)
    token = make_token(page, served)

    page.goto(f"{served.url}/incidents")
    expect(page.get_by_text("There are no open incidents.")).to_be_visible()
    page.evaluate("window.isSameDocument = true")
    answer = served.call("POST", "/alerts/alertmanager", token, ALERT)
    assert answer.status_code == 202, answer.text
    row = page.locator("tr", has_text="INC-")
    expect(row).to_be_visible()
    assert page.evaluate("window.isSameDocument") is True, "the list was not live, it was loaded again"
    row.get_by_role("link").click()

    page.evaluate("window.isSameDocument = true")
    expect(page.locator(".notice")).to_contain_text("level 2 of 2")
    expect(page.locator("#journal")).to_contain_text(
        "No one acknowledged in time. Network operations notified at level 2"
    )
    assert page.evaluate("window.isSameDocument") is True, "the page was not live, it was loaded again"
    keep_picture(page, "escalated")
    page.get_by_text("Messages and answers").click()
    page.get_by_role("button", name=re.compile("Acknowledge.*Network operations")).click()
    expect(page.locator(".notice")).to_contain_text("Wang Fang")

    page.locator("[id^=complete-]").evaluate("fold => fold.open = true")
    page.get_by_label("Hosts", exact=True).fill("3")
    page.get_by_role("button", name=re.compile("Done.*Isolate the hosts")).click()
    page.get_by_role("button", name=re.compile("Done.*Tell the owner")).click()
    expect(page.locator("#runs")).to_contain_text("succeeded")
    page.locator("#note").fill("The files came back from the backup.")
    page.get_by_role("button", name="Add the note").click()

    page.locator("#close summary").click()
    page.get_by_label("Resolution").fill("contained")
    page.get_by_role("button", name="Close the incident").click()
    expect(page.locator(".war-head")).to_contain_text("closed")
    expect(page.locator("#journal")).to_contain_text("Incident closed")
    page.goto(f"{served.url}/journal")
    head = page.locator("#head").inner_text()
    verified = served.run("journal", "verify", "--head", head)
    assert verified.returncode == 0, verified.stdout + verified.stderr
