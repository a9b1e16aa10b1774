"""Presets over the API: each opens the right incident once, attaches a repeat, and notes the end."""

import json
from pathlib import Path
from typing import Any

import pytest

from incident.data.source_presets import source_presets
from tests.plugins.app import Api, Speaker

SAMPLES = Path(__file__).parents[3] / "samples" / "sources"


def cases(source: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((SAMPLES / f"{source}.json").read_text("utf-8"))
    return found


def sent(api: Api, source: str, payload: object, kind: str = "application/json", **headers: str) -> dict[str, Any]:
    body = payload if isinstance(payload, str) else json.dumps(payload)
    answer = api.ask("POST", f"/alerts/{source}", data=body, content_type=kind, headers=headers)
    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    [item] = answer.json["items"]
    assert item["reason"]
    return dict(item)


def played(speak: Speaker, source: str, case: dict[str, Any]) -> None:
    """Send the alert, its repeat and its end; check the one incident that there is."""
    api, boss = speak("source"), speak("administrator")
    opened, again = sent(api, source, case["opens"]), sent(api, source, case["repeats"])
    assert (opened["decision"], opened["code"]) == ("opened", "new")
    assert (again["decision"], again["incident"]) == ("attached", opened["incident"])
    assert again["code"] == "repeated"
    seen = boss.seen(f"/incidents/{opened['incident']}")
    wanted = case["alert"]
    assert (seen["title"], seen["source"]) == (wanted["title"], case.get("source", source))
    assert seen["category"] == wanted["category"]
    if wanted["grade"] is not None:
        assert seen["grade"] == wanted["grade"]
    assert {indicator["value"] for indicator in seen["indicators"]} == set(wanted["indicators"])
    assert len(boss.seen("/incidents")["items"]) == 1
    if case["ends"] is None:
        return
    end = sent(api, source, case["ends"])
    assert (end["decision"], end["incident"], end["code"]) == ("attached", opened["incident"], "resolved")
    last = boss.seen(f"/incidents/{opened['incident']}/journal")["items"][-1]
    assert "alert.resolved" in last.values()
    assert last["detail"]["alert"].get("ended_at") == case["ended_at"]


@pytest.mark.parametrize("source", [name for name in source_presets() if name != "sns"])  # which is signed: test_sns
def test_each_preset_opens_one_incident_attaches_a_repeat_and_notes_the_end(
    furnished_sqlite: Speaker, source: str
) -> None:
    found = cases(source)
    played(furnished_sqlite, source, next((case for case in found if case["ends"]), found[0]))


def test_a_preset_works_on_every_database(furnished: Speaker) -> None:
    played(furnished, "guardduty", cases("guardduty")[0])


def test_a_cloud_event_in_binary_mode_has_its_attributes_in_headers(furnished_sqlite: Speaker) -> None:
    api, boss = furnished_sqlite("source"), furnished_sqlite("administrator")
    event = cases("cloudevents")[0]["opens"]
    headers = {f"ce-{name}": value for name, value in event.items() if name not in {"data", "datacontenttype"}}
    first = sent(api, "cloudevents", event)
    assert sent(api, "cloudevents", event["data"], **(headers | {"ce-id": "99"})) == first | {
        "decision": "attached",
        "code": "repeated",
        "reason": "The same alert again, with nothing new.",
    }
    assert boss.seen(f"/incidents/{first['incident']}")["title"] == "Intrusion on web-1"


def test_okta_verifies_the_address_of_an_event_hook(furnished_sqlite: Speaker) -> None:
    api = furnished_sqlite("source")
    answer = api.ask("GET", "/alerts/okta", headers={"X-Okta-Verification-Challenge": "c-1"})
    assert (answer.status_code, answer.json) == (200, {"verification": "c-1"})
    assert api.ask("GET", "/alerts/okta").status_code == 422
    assert api.ask("GET", "/alerts/zeek", headers={"X-Okta-Verification-Challenge": "c"}).status_code == 404
    assert furnished_sqlite("reader").ask("GET", "/alerts/okta").status_code == 403


@pytest.mark.parametrize(
    ("source", "body", "pointer", "words"),
    [
        ("grafana", {"receiver": "x"}, "/alerts", "The list /alerts is missing"),
        ("grafana", {"alerts": [{}] * 1001}, "/alerts", "There are 1001 alerts. The limit is 1000"),
        ("wiz", {"title": "x"}, "", "/issue/id"),
    ],
)
def test_what_is_refused_says_what_and_where(
    furnished_sqlite: Speaker, source: str, body: object, pointer: str, words: str
) -> None:
    answer = furnished_sqlite("source").post(f"/alerts/{source}", body)
    assert answer.status_code == 422
    assert answer.json is not None
    places = [fault["pointer"].removeprefix("#") for fault in answer.json.get("errors", [])]
    assert places == [pointer] * bool(pointer)
    assert words in answer.text
