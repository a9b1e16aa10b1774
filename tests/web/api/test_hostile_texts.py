"""Hostile text in log lines, reports and notes: nothing raises, and no alert affects another."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident.actions.incidents import receive
from incident.core.incidents.alert import Alert
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from tests.core.incidents.test_search_tokenizer import URLISH
from tests.plugins.app import Api, Speaker

BAIT = "https://bank.example/login?next=https://evil.example/x"


def alert(name: str, **more: Any) -> dict[str, Any]:
    return {"status": "firing", "labels": {"alertname": name}, "fingerprint": name, **more}


@pytest.fixture
def source(furnished: Speaker) -> Api:
    return furnished("source")


@pytest.fixture
def public(furnished: Speaker) -> Api:
    return furnished()


def decisions(source: Api, *alerts: Any) -> list[str]:
    answer = source.post("/alerts/alertmanager", {"version": "4", "alerts": list(alerts)})
    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    return [item["decision"] for item in answer.json["items"]]


def titles(boss: Api, query: str | None = None) -> list[str]:
    more = f"?q={query}" if query else ""
    return sorted(item["title"] for item in boss.seen(f"/incidents{more}")["items"])


def test_an_address_inside_another_is_taken_everywhere_found_and_kept(source: Api, boss: Api, public: Api) -> None:
    notified = alert("Phish", annotations={"description": f"GET {BAIT} 200"})
    assert decisions(source, alert("Disk"), notified, alert("Memory")) == ["opened"] * 3
    opened = boss.made("/incidents", {"title": "By hand", "description": BAIT, "indicators": [BAIT]})
    assert public.post("/reports", {"text": f"I got {BAIT}", "url": BAIT}).status_code == 201
    noted = boss.made("/incidents", {"title": "Noted"})["number"]
    boss.made(f"/incidents/{noted}/notes", {"text": BAIT})
    for query in ("evil.example", "bank.example"):
        assert titles(boss, query) == ["By hand", "Noted", "Phish"]
        assert len(boss.seen(f"/reports?q={query}")["items"]) == 1
    kept = [{"kind": "url", "value": BAIT}, {"kind": "url", "value": "https://evil.example/x"}]
    assert boss.seen(f"/incidents/{opened['number']}")["indicators"] == kept
    [number] = [item["number"] for item in boss.seen("/incidents?q=bank.example")["items"] if item["title"] == "Phish"]
    assert boss.seen(f"/incidents/{number}")["indicators"] == kept


def test_an_alert_that_cannot_be_read_is_opened_as_it_came_and_takes_no_other_along(source: Api, boss: Api) -> None:
    broken = {"status": "firing", "labels": {"alertname": 7}, "fingerprint": "bb", "note": "somebody must see this"}
    assert decisions(source, alert("Disk"), broken, alert("Memory")) == ["opened"] * 3
    assert decisions(source, broken) == ["attached"]
    [title] = set(titles(boss)) - {"Disk", "Memory"}
    assert title == "Alert of alertmanager could not be handled / 来自 alertmanager 的告警无法处理"
    [number] = [item["number"] for item in boss.seen("/incidents")["items"] if item["title"] == title]
    assert json.loads(boss.seen(f"/incidents/{number}")["description"]) == broken


def test_an_alert_whose_handling_fails_is_opened_as_it_came(
    source: Api, boss: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def new(alert: Alert) -> Any:
        if not alert.is_raw and alert.title == "Phish":
            raise ZeroDivisionError
        return made(alert)

    made = receive._new
    monkeypatch.setattr(receive, "_new", new)
    notified = alert("Phish", annotations={"description": "what it was"})
    answer = source.post("/alerts/alertmanager", {"alerts": [alert("Disk"), notified, alert("Memory")]})
    assert answer.json is not None
    assert [item["code"] for item in answer.json["items"]] == ["new", "unhandled", "new"]
    assert answer.json["items"][1]["reason"]
    opened = boss.seen(f"/incidents/{answer.json['items'][1]['incident']}")
    assert json.loads(opened["description"]) == notified
    assert opened["title"] == "Alert that could not be handled: Phish / 无法处理的告警：Phish"


def test_an_alert_that_the_rules_fail_on_is_opened_without_them(
    source: Api, boss: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("incident.actions.incidents.routing.route", fail)
    assert decisions(source, alert("Disk"), alert("Memory")) == ["opened"] * 2
    assert decisions(source, alert("Disk")) == ["attached"]
    items = boss.seen("/incidents")["items"]
    assert [item["is_unreached"] for item in items] == [True, True]
    assert {json.loads(boss.seen(f"/incidents/{item['number']}")["description"])["fingerprint"] for item in items} == {
        "Disk",
        "Memory",
    }


def test_an_alert_that_nothing_can_be_done_with_is_asked_for_again_and_takes_no_other_along(
    source: Api, boss: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def new(alert: Alert) -> Any:
        if "Phish" in alert.description + alert.title:
            raise ZeroDivisionError
        return made(alert)

    made = receive._new
    monkeypatch.setattr(receive, "_new", new)
    answer = source.post("/alerts/alertmanager", {"alerts": [alert("Disk"), alert("Phish"), alert("Memory")]})
    assert answer.status_code == 500
    assert titles(boss) == ["Disk", "Memory"]
    monkeypatch.undo()
    assert decisions(source, alert("Disk"), alert("Phish"), alert("Memory")) == ["attached", "opened", "attached"]


TEXTS = URLISH | st.text(st.characters(codec="utf-8"), max_size=60)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=TEXTS)
def test_nothing_that_people_can_type_is_an_error(source: Api, boss: Api, public: Api, text: str) -> None:
    notified = alert(f"x{text}", annotations={"description": text}, labels={"a": text})
    assert set(decisions(source, notified)) <= {"opened", "attached"}
    asked = quote(text, errors="surrogatepass")
    answers = [
        boss.post("/incidents", {"title": text or "x", "description": text, "indicators": [text]}),
        boss.post("/incidents", {"title": "x", "description": text}),
        public.post("/reports", {"text": text or "x", "url": text or None}),
        boss.get(f"/incidents?q={asked}"),
        boss.get(f"/reports?q={asked}"),
    ]
    number = db_number(boss)
    answers.append(boss.post(f"/incidents/{number}/notes", {"text": text or "x"}))
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


def db_number(boss: Api) -> str:
    with boss.client.application.app_context():
        number = db.session.scalar(db.select(Incident.number).order_by(Incident.id).limit(1))
    return str(number)


def test_what_nobody_sees_is_taken_out_of_what_comes_from_outside_and_nothing_is_lost(
    source: Api, boss: Api, public: Api
) -> None:
    notified = alert("Invoice \u202efdp.exe\u200b", annotations={"description": "ab\u2066cd"})
    hidden = alert("\u200b\u202e")
    assert decisions(source, notified, hidden, alert("Disk")) == ["opened"] * 3
    boss.made("/incidents", {"title": "By \u202ehand", "description": "a\u200bb"})
    everything = json.dumps([boss.seen(f"/incidents/{one['number']}") for one in boss.seen("/incidents")["items"]])
    assert {"By hand", "Disk", "Invoice fdp.exe"} < set(titles(boss))
    assert len(titles(boss)) == 4
    assert not {"\\u202e", "\\u200b", "\\u2066"} & set(re.findall(r"\\u2\w{3}", everything.split('"payload"')[0]))
    public.made("/reports", {"text": "I \u202egot this\u2069", "url": "http://bank\u200b.example/x"})
    [report] = boss.seen("/reports")["items"]
    assert (report["text"], report["url"]) == ("I got this", "http://bank.example/x")


def test_a_changed_title_loses_what_nobody_sees(boss: Api) -> None:
    number = boss.made("/incidents", {"title": "Scan"})["number"]
    answer = boss.patch(f"/incidents/{number}", {"title": "S\u202ecan\u200b 2"}, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    assert boss.seen(f"/incidents/{number}")["title"] == "Scan 2"
