"""A product that nobody has described becomes a source in a browser, without code or JSON.

Counted in the test below, from the page *Sources* to the token: 5 clicks, 5 fields typed or pasted, 3 places chosen.
"""

import json
import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Program, SignIn, keep_picture
from tests.browser.hands import Hands

FIRST: dict[str, Any] = {
    "site": "plant-4",
    "sentBy": "HawkEye 3.1",
    "detections": [
        {
            "detectionId": "HE-2041",
            "headlineText": "Beacon to a known command server",
            "riskLevel": "P1",
            "phase": "open",
            "seenFirst": "2026-11-21 08:10:05",
            "endpoint": {"hostName": "acc-11", "ipAddress": "10.2.3.4"},
            "remote": [{"ip": "203.0.113.9", "port": 443}],
            "count": 3,
        }
    ],
}
SENDER = "hawkeye"


def again(**changes: Any) -> dict[str, Any]:
    return FIRST | {"detections": [FIRST["detections"][0] | changes]}


def test_a_pasted_message_becomes_a_source_whose_alerts_open_repeat_and_end(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    hands = Hands(page)
    page.goto(f"{program.url}/sources")
    hands.click("link", "Add a source")
    hands.type("#field-sample", json.dumps(FIRST, indent=1))
    hands.click("button", "Propose a mapping")
    expect(page.locator("#result-fingerprint")).to_have_text("HE-2041")
    expect(page.locator("#result-occurred_at")).to_contain_text("2026")

    hands.choose("#field-title", "/headlineText")
    expect(page.locator("#result-title")).to_have_text("Beacon to a known command server")
    hands.choose("#field-status", "/phase")
    expect(page.locator("#result-status")).to_contain_text("Enter which words")
    hands.type("[name=resolved]", "closed")
    expect(page.locator("#result-status")).to_have_text("open → ongoing")
    hands.type("[name=grade_words] >> nth=1", "P1, P2")
    expect(page.locator("#result-grade")).to_contain_text("P1 → II")
    hands.choose("[name=indicators] >> nth=1", "/remote/*/ip")
    expect(page.locator("#result-indicators")).to_contain_text("203.0.113.9")
    keep_picture(page, "mapping-corrected")

    hands.click("button", "Try it")
    expect(page.locator("#tried h3").nth(1)).to_have_text("Beacon to a known command server")
    hands.type("#field-name", SENDER)
    hands.click("button", "Save")
    expect(page.get_by_role("heading", name=SENDER)).to_be_visible()
    hands.type("input[name=label]", "the console")
    hands.click("button", "Make the token")
    token = page.locator("#secret").inner_text()
    keep_picture(page, "mapping-token")
    assert (hands.clicks, hands.typed, hands.chosen) == (5, 5, 3)

    [opened] = received(program, token, FIRST)
    assert opened["decision"] == "opened"
    [repeat] = received(program, token, again(count=9))
    assert (repeat["decision"], repeat["code"], repeat["incident"]) == ("attached", "repeated", opened["incident"])
    [ended] = received(program, token, again(phase="closed"))
    assert (ended["code"], ended["incident"]) == ("resolved", opened["incident"])

    page.goto(f"{program.url}/incidents/{opened['incident']}")
    expect(page.locator(".war-head")).to_contain_text("Beacon to a known command server")
    expect(page.locator(".war-head")).to_contain_text("II")
    expect(page.locator("main")).to_contain_text(re.compile(r"203[.\[\]]+0[.\[\]]+113[.\[\]]+9"))
    page.goto(f"{program.url}/incidents/{opened['incident']}/alerts")
    expect(page.locator("#alerts")).to_contain_text("3 times")
    expect(page.locator("#alerts")).to_contain_text("resolved")


def received(program: Program, token: str, message: dict[str, Any]) -> list[dict[str, Any]]:
    """POST a message as its sender does and return the decisions."""
    answer = program.call("POST", f"/alerts/{SENDER}", token, message)
    assert answer.status_code == 202, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_the_fields_work_without_scripts_and_fit_a_phone_in_chinese(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator", java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.context.add_cookies([{"name": "language", "value": "zh_Hans_CN", "url": program.url}])
    page.goto(f"{program.url}/sources/new")
    page.locator("#field-sample").fill(json.dumps(FIRST))
    page.locator("button[value=propose]").click()
    page.locator("#field-title").select_option("/headlineText")
    page.locator("[name=grade_from] >> nth=1").fill("very")
    page.locator("button[value=try] >> nth=1").click()
    expect(page.locator("#field-grade-fault")).to_be_visible()
    expect(page.locator("[name=grade_from] >> nth=1")).to_have_value("very")
    expect(page.locator("#field-title")).to_have_value("/headlineText")
    keep_picture(page, "mapping-phone-zh")
    page.locator("[name=grade_from] >> nth=1").fill("")
    page.locator("#field-name").fill("hawkeye-plain")
    page.locator("button[value=save]").click()
    expect(page.get_by_role("heading", name="hawkeye-plain")).to_be_visible()
