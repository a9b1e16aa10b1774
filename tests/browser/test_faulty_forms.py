"""Forms that were sent with faults: axe, narrow screens, no script error; in both languages and themes.

That each fault is shown at its field is in tests/web/pages/test_every_form.py.
"""

from collections.abc import Mapping, Sequence

import pytest
from playwright.sync_api import Browser

from tests.browser.demonstration import RANSOMWARE, Demonstration
from tests.browser.walker import walking

LONG = "x" * 2000
BAD = "bad\x01text"
Fields = Mapping[str, str | Sequence[str]]

FORMS: dict[str, dict[str, Fields]] = {
    "administrator on incidents": {
        "/incidents": {
            "title": "",
            "occurred_at": "soon",
            "indicators": "nonsense here",
            "reports": "x",
            "sector": LONG,
        },
        "/incidents/LIVE/change": {"version": "1", "title": "", "detected_at": "soon", "grade": "9"},
        "/incidents/LIVE/close": {"override": "1", "reason": "", "resolution": LONG, "closing_note": BAD},
        "/incidents/LIVE/merge": {"into": "nothing", "merge_reason": ""},
        "/incidents/LIVE/indicators": {"pasted": "nonsense here\n198.51.100.7"},
        "/incidents/LIVE/grading/decide": {"grade": "", "reason": BAD},
        "/grading-rule-sets/new": {"document": '{"id": "!", "lines": [{"grade": 7}]}', "step": "publish"},
        "/grading-rule-sets/grid/change": {"document": "{", "version": "1", "step": "preview"},
        "/grading-rule-sets/grid/retire": {"version": "1", "reason": ""},
        "/maintenance-windows": {"reason": "", "ends_at": "soon", "begins_at": "x"},
        "/drills": {"playbook": RANSOMWARE, "speed": "x"},
        f"/playbooks/{RANSOMWARE}/simulate": {"seed": "x"},
    },
    "administrator on departments": {
        "/departments": {"name": "", "code": ""},
        "/departments/cert/contacts": {"contact_name": "", "channel": "email", "level": "x"},
        "/departments/cert/settings": {"name": "", "timezone": "Mars", "parent": "nobody", "calendar": "x"},
        "/departments/cert/rota": {"r0-name": "Days", "r0-starts_on": "soon", "r0-every": "x", "r0-days": "chosen"},
        "/departments/cert/rota/questions": {"starts_on": "soon", "handover": "late", "every": "0"},
        "/departments/cert/rota/overrides": {"form": "override", "from": "", "until": "x", "why": BAD},
        "/departments/cert/policy": {
            **dict.fromkeys(("level-1-wait", "level-1-in_turn", "level-2-waits-1", "repeat", "reminder"), "soon"),
            **dict.fromkeys(("level-2-waits-1-from", "quiet-from", "quiet-until"), "late"),
            "levels": "2",
            "level-2-wait": "5",
            "level-2-waits-1-hours": "span",
        },
        "/people": {"name": "", "login": "", "role": "department", "department": "nobody"},
        "/tokens": {"name": "", "role": "reader"},
    },
    "administrator on the rest": {
        "/rules/rule": {"rule": "", "window": "soon", "group_by": "nothing", "category": "x" * 99},
        "/rules": {"document": '{"rules": [{"when": {"grade": 9}, "set": {"departments": "x"}}]}'},
        "/systems/new": {"name": "", "code": "", "addresses": "x y z", "protection_level": "9"},
        "/subscriptions": {"name": "", "url": "ftp://x", "rate": "x"},
        "/playbooks": {"document": "{"},
        "/playbooks/secrets": {"name": "", "places": ""},
        "/playbooks/signers": {"name": "", "public_key": ""},
    },
    "department": {"/handovers": {"to": "", "note": BAD}},
    "nobody": {
        "/report": {"kind": "tip", "text": "x", "occurred_at": "soon"},
        "/receipt": {"receipt": "AAAAA"},
        "/sign-in": {"login": "nobody", "password": "x"},
        "/acknowledge/ANSWER/decline": {"reason": BAD},
    },
}


@pytest.mark.parametrize("who", FORMS)
def test_every_form_that_shows_its_faults_is_without_fault(
    demonstration: Demonstration, browser: Browser, who: str
) -> None:
    with walking(browser, demonstration.url) as walk:
        walk.page.goto(demonstration.links().get(who.partition(" ")[0], f"{demonstration.url}/report"))
        for path, fields in FORMS[who].items():
            walk.send(demonstration.at(path), fields)
        assert not walk.wrong, walk.all_wrong
