"""Notification of a department on pages: repeated until accepted, with a decline and a certificate."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Program, SignIn, keep_picture, watch
from tests.stories.served import Sink, sink, wait_until

PEOPLE = {"li": "member", "wang": "deputy", "zhao": "head"}
POLICY = {
    "levels": [
        {"wait": "PT2S", "notify": ["duty"]},
        {"wait": "PT2S", "notify": ["deputy"]},
        {"wait": "PT1H", "notify": ["head"]},
    ],
    "until": "accepted",
}
REASON = "The plant belongs to the water bureau"


@pytest.fixture
def phone() -> Iterator[Sink]:
    """Where the messages to the duty officer and to the deputy arrive."""
    with sink() as receiver:
        yield receiver


def prepare(program: Program, phone: Sink) -> None:
    """Set up the department: a person on duty, a deputy, and a head who reads the inbox."""
    program.made("/departments", {"code": "cert", "name": "Response team"})
    for login in ("li", "wang"):
        program.made("/people", {"login": login, "name": login.title(), "role": "department", "department": "cert"})
    program.add_person("zhao", "Zhao", "department", PASSWORD, "cert")
    for login in PEOPLE:
        way = {"channel": "inbox"} if login == "zhao" else {"channel": "webhook", "address": f"{phone.url}/{login}"}
        program.made("/departments/cert/contacts", {"name": f"{login} phone", "person": login, "level": 20, **way})
    members = [{"person": login, "position": position} for login, position in PEOPLE.items()]
    program.put("/departments/cert/members", {"members": members})
    turn = {"name": "duty", "people": ["li"], "starts_on": "2026-01-05", "every": "P7D", "handover": "09:00"}
    program.put("/departments/cert/rota", {"rotations": [turn], "overrides": [], "leave": []})
    program.put("/departments/cert/policy", POLICY)


def link_of(phone: Sink, level: int) -> str:
    """Return the link in the message of a level."""
    [found] = [body["data"] for _, body in phone.got if body["data"]["level"] == level]
    return str(found["acknowledge_url"])


def open_incident(page: Page) -> str:
    page.get_by_role("link", name="New incident").first.click()
    page.get_by_label("Title").fill("Water plant controllers locked")
    page.locator("#field-grade").select_option("1")
    page.get_by_label("Response team").check()
    page.get_by_role("button", name="Open the incident").click()
    return page.locator(".war-head .number").inner_text()


def decline(page: Page, link: str) -> None:
    watch(page)
    page.goto(link)
    page.get_by_text("Decline with a reason").click()
    page.get_by_label("Why is this not for your department?").fill(REASON)
    page.get_by_role("button", name="Decline", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Declined. The coordinator will be notified.")


def accept(page: Page, number: str) -> None:
    article = page.locator("article", has_text=number)
    expect(article.locator(".band-bad")).to_contain_text(REASON, timeout=30_000)
    article.get_by_role("button", name="Accept the work").click()
    in_hand = page.locator("section", has=page.locator("#in-hand")).locator("article", has_text=number)
    expect(in_hand.get_by_role("button", name="Mark as done")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def download_certificate(page: Page, folder: Path) -> Path:
    page.get_by_role("link", name="Ledger and certificate").click()
    facts = page.locator(".ledger tbody tr")
    expect(facts.filter(has_text="declined")).to_contain_text(REASON)
    expect(facts.filter(has_text="work accepted")).to_contain_text("Zhao")
    page.get_by_role("link", name="Certificate of notice").click()
    expect(page.get_by_role("heading", name="Signature")).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download as JSON").click()
    file = folder / coming.value.suggested_filename
    coming.value.save_as(file)
    return file


@pytest.mark.slow
def test_told_until_the_head_accepts_and_proved_afterwards(
    program: Program, sign_in: SignIn, phone: Sink, page: Page, tmp_path: Path
) -> None:
    prepare(program, phone)
    coordinator, head = sign_in("coordinator"), sign_in("zhao", viewport={"width": 390, "height": 844})
    number = open_incident(coordinator)
    notice = coordinator.locator(".notice")
    expect(notice).to_contain_text("level 3 of 3", timeout=20_000)
    wait_until(lambda: len(phone.got) == 2, 10, "duty and deputy are told")

    decline(page, link_of(phone, 2))
    expect(notice.locator(".tag-bad", has_text="declined")).to_be_visible()
    expect(notice).to_contain_text(REASON)
    expect(notice).to_have_class(re.compile("notice-declined"))
    red = coordinator.evaluate("getComputedStyle(document.querySelector('.notice .tag-bad')).color")
    assert notice.evaluate("it => getComputedStyle(it).borderLeftColor") == red
    keep_picture(coordinator, "declined")

    accept(head, number)
    expect(notice).to_contain_text("accepted")
    certificate = download_certificate(coordinator, tmp_path)
    assert certificate.name == f"{number}-certificate.json"
    assert REASON in json.dumps(json.loads(certificate.read_text()), ensure_ascii=False)
    key = tmp_path / "key.pem"
    key.write_text(program.run("certificate", "key").stdout)
    verified = program.run("certificate", "verify", str(certificate), "--key", str(key))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert number in verified.stdout
