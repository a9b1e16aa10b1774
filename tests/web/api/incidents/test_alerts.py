"""Alerts over the API: opened, attached, ignored; a repeated alert opens one incident."""

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from incident import watchdog_state
from incident.core.incidents.alert_rate import Rate
from incident.sources import SOURCES
from incident.web.security import alert_limit
from tests.plugins.app import Api, Hand, Speaker, made_app, speaking

SAMPLES = Path(__file__).parents[3] / "samples" / "alerts"
DISK = {"title": "Disk is full", "fingerprint": "disk:web-1", "status": "firing", "grade": 3}


@pytest.fixture
def source(furnished: Speaker) -> Api:
    return furnished("source")


def test_the_same_alert_twice_makes_one_incident(source: Api, boss: Api) -> None:
    first = source.post("/alerts/generic", DISK)
    assert first.status_code == 202
    again = source.post("/alerts/generic", DISK)
    assert first.json is not None
    assert again.json is not None
    [opened], [attached] = first.json["items"], again.json["items"]
    assert (opened["decision"], opened["incident"]) == ("opened", "INC-2026-000001")
    assert (attached["decision"], attached["incident"]) == ("attached", "INC-2026-000001")
    assert opened["reason"]
    [seen] = boss.seen("/incidents")["items"]
    assert (seen["title"], seen["grade"], seen["source"]) == ("Disk is full", 3, "generic")


def test_an_alert_with_a_doubled_member_opens_an_incident_with_all_of_it(source: Api, boss: Api) -> None:
    body = '{"title": "Disk", "fingerprint": "disk", "status": "firing", "status": "resolved"}'
    answer = source.ask("POST", "/alerts/generic", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["items"][0]["decision"]) == (202, "opened")  # type: ignore[index]
    [seen] = boss.seen("/incidents")["items"]
    described = boss.seen(f"/incidents/{seen['number']}")["description"]
    assert '"status": "firing"' in described
    assert '"status": "resolved"' in described


def test_resolved_adds_an_entry_and_never_closes(source: Api, boss: Api) -> None:
    source.post("/alerts/generic", DISK)
    answer = source.post("/alerts/generic", DISK | {"status": "resolved"})
    assert answer.json is not None
    assert answer.json["items"][0]["decision"] == "attached"
    assert boss.seen("/incidents/INC-2026-000001")["status"] == "new"
    event_types = [entry["verb"] for entry in boss.seen("/incidents/INC-2026-000001/journal")["items"]]
    assert event_types[-1] == "alert.resolved"


def test_resolved_without_an_incident_is_ignored(source: Api, boss: Api) -> None:
    answer = source.post("/alerts/generic", DISK | {"status": "resolved"})
    assert answer.json is not None
    [item] = answer.json["items"]
    assert (item["decision"], item["incident"]) == ("ignored", None)
    assert boss.seen("/incidents")["items"] == []


def test_firing_again_after_closing_opens_an_incident_that_names_the_old_one(source: Api, boss: Api) -> None:
    source.post("/alerts/generic", DISK)
    boss.done("/incidents/INC-2026-000001/close")
    answer = source.post("/alerts/generic", DISK)
    assert answer.json is not None
    assert answer.json["items"][0]["incident"] == "INC-2026-000002"
    assert boss.seen("/incidents/INC-2026-000002")["earlier"] == "INC-2026-000001"


def test_alerts_that_arrive_at_the_same_moment_make_one_incident(source: Api, boss: Api) -> None:
    token = source.headers

    def post(_: int) -> str:
        client = source.client.application.test_client()
        answer = client.post("/api/v1/alerts/generic", json=DISK, headers=token)
        assert answer.status_code == 202, answer.text
        assert answer.json is not None
        return str(answer.json["items"][0]["decision"])

    with ThreadPoolExecutor(8) as pool:
        decisions = sorted(pool.map(post, range(16)))
    assert decisions == ["attached"] * 15 + ["opened"]
    assert len(boss.seen("/incidents")["items"]) == 1


def test_alertmanager_tells_of_each_alert_of_a_group(source: Api, boss: Api) -> None:
    firing = json.loads((SAMPLES / "alertmanager-firing.json").read_text())
    answer = source.post("/alerts/alertmanager", firing)
    assert answer.status_code == 202
    assert answer.json is not None
    assert len(answer.json["items"]) == len(firing["alerts"])
    assert {item["decision"] for item in answer.json["items"]} == {"opened"}
    assert all(item["source"] == "alertmanager" for item in boss.seen("/incidents")["items"])


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        ("suricata-alert.json", "application/json"),
        ("suricata-eve.ndjson", "application/x-ndjson"),
        ("suricata-eve.ndjson", "text/plain"),
        ("suricata-eve.ndjson", "application/json"),
    ],
)
def test_suricata_sends_one_object_or_a_line_for_each(source: Api, sample: str, kind: str) -> None:
    body = (SAMPLES / sample).read_bytes()
    answer = source.ask("POST", "/alerts/suricata", data=body, content_type=kind)
    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    assert {item["decision"] for item in answer.json["items"]} <= {"opened", "attached", "ignored"}
    assert "opened" in {item["decision"] for item in answer.json["items"]}
    assert all(item["reason"] for item in answer.json["items"])


def test_a_rule_decides_and_is_shown(source: Api, boss: Api) -> None:
    rules = {
        "rules": [
            {"when": {"source": "generic", "labels": {"site": "north"}}, "set": {"departments": ["CERT"], "grade": 1}}
        ],
        "default": {"departments": []},
    }
    assert boss.put("/rules", rules).status_code == 200
    source.post("/alerts/generic", {**DISK, "grade": None, "labels": {"site": "north"}})
    seen = boss.seen("/incidents/INC-2026-000001")
    assert (seen["departments"], seen["grade"], seen["is_unreached"]) == (["CERT"], 1, False)
    assert seen["matched"]["rule"] == 0
    assert seen["matched"]["matched"]["set"]["grade"] == 1


def test_a_source_that_is_not_known_is_told_which_there_are(source: Api) -> None:
    answer = source.post("/alerts/nagios", DISK)
    assert answer.status_code == 404
    assert answer.json is not None
    for name in ("generic", "alertmanager", "suricata"):
        assert name in answer.json["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"title": "x", "fingerprint": "y"},
        {"title": "x", "fingerprint": "y", "status": "gone"},
        {"title": "x", "fingerprint": "y", "status": "firing", "grade": 5},
        {"title": "x", "fingerprint": "y", "status": "firing", "occurred_at": "0001-01-01T00:00:00Z"},
        {"title": "x", "fingerprint": "y", "status": "firing", "colour": "red"},
        {"title": "x", "fingerprint": "y", "status": "firing", "labels": {"a": 1}},
        [],
        "x",
        None,
    ],
)
def test_an_alert_that_cannot_be_understood_is_refused(furnished_sqlite: Speaker, body: object) -> None:
    source = furnished_sqlite("source")
    answer = source.ask("POST", "/alerts/generic", data=json.dumps(body), content_type="application/json")
    assert answer.status_code in (400, 422), answer.text
    assert furnished_sqlite("reader").seen("/incidents")["items"] == []


def test_ten_megabytes_of_alerts_are_taken_and_more_are_not(furnished_sqlite: Speaker) -> None:
    source = furnished_sqlite("source")
    line = json.dumps({"event_type": "flow", "padding": "x" * 100_000}) + "\n"
    answer = source.ask("POST", "/alerts/suricata", data=line * 90, content_type="application/x-ndjson")
    assert answer.status_code == 202
    answer = source.ask("POST", "/alerts/suricata", data=line * 120, content_type="application/x-ndjson")
    assert answer.status_code == 413
    assert answer.content_type == "application/problem+json"


def group(*fingerprints: str) -> dict[str, Any]:
    """Resolved alerts of Alertmanager."""
    over = [{"status": "resolved", "fingerprint": one, "labels": {"alertname": one}} for one in fingerprints]
    return {"version": "4", "groupKey": "{}", "status": "resolved", "receiver": "x", "alerts": over}


FIVE = group("a", "b", "c", "d", "e")


@pytest.fixture
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock of the rate limit: on a slow machine a bucket would be filled again between two requests."""
    monkeypatch.setattr(alert_limit, "time", SimpleNamespace(monotonic=lambda: 100.0))


@pytest.mark.usefixtures("no_time_passes")
def test_a_sender_of_too_many_is_told_to_come_again_and_people_are_told_of_it(tmp_path: Path, hand: Hand) -> None:
    with made_app(tmp_path, alert_limit=Rate(1, 20)) as app:
        speak = speaking(app)
        storm, other = speak("source"), speak("source")
        statuses = [storm.post("/alerts/alertmanager", FIVE).status_code for _ in range(6)]
        assert statuses == [202] * 4 + [503] * 2, "Alertmanager sends again after 503 and gives up on 4xx"
        refused = storm.post("/alerts/alertmanager", FIVE)
        assert refused.json is not None
        assert refused.json["code"] == "alerts.too_many"
        assert 1 <= int(refused.headers["Retry-After"]) <= 5
        assert other.post("/alerts/alertmanager", FIVE).status_code == 202, "each token has a bucket of its own"
    assert watchdog_state.refused_since(tmp_path, hand.at - dt.timedelta(minutes=1)) == ("source of the tests",)
    assert watchdog_state.refused_since(tmp_path, hand.at) == ()


@pytest.mark.usefixtures("no_time_passes")
def test_nothing_of_a_request_that_is_refused_is_taken(tmp_path: Path, hand: Hand) -> None:
    with made_app(tmp_path, alert_limit=Rate(1, 6)) as app:
        source, boss = speaking(app)("source"), speaking(app)("administrator")
        assert source.post("/alerts/generic", DISK).status_code == 202
        firing = FIVE | {"status": "firing", "alerts": [one | {"status": "firing"} for one in FIVE["alerts"]]}
        assert source.post("/alerts/alertmanager", firing).status_code == 202
        assert source.post("/alerts/alertmanager", firing).status_code == 503
        assert len(boss.seen("/incidents")["items"]) == 6


def firing(number: int, **more: Any) -> dict[str, Any]:
    labels = {"alertname": "CpuHigh", "instance": f"web-{number}", "severity": "warning"}
    return {"status": "firing", "labels": labels, "annotations": {}, "fingerprint": f"f{number}"} | more


def group_of(*alerts: dict[str, Any], key: str = "{}:{}") -> dict[str, Any]:
    return {"version": "4", "groupKey": key, "groupLabels": {"alertname": "CpuHigh"}, "alerts": list(alerts)}


def test_a_storm_opens_twenty_incidents_and_one_of_them_lists_the_other_alerts(source: Api, boss: Api) -> None:
    sent = source.post("/alerts/alertmanager", group_of(*[firing(number) for number in range(30)]))
    assert sent.json is not None
    items = sent.json["items"]
    assert [one["decision"] for one in items] == ["opened"] * 20 + ["attached"] * 10
    assert {(one["incident"], one["code"]) for one in items[20:]} == {("INC-2026-000020", "grouped_in_storm")}
    assert "many incidents in a short time" in items[20]["reason"]
    source.post("/alerts/alertmanager", group_of(firing(25), firing(26, status="resolved")))
    shown = boss.seen("/incidents/INC-2026-000020/alerts")["items"]
    assert [one["fingerprint"] for one in shown] == [f"f{number}" for number in range(19, 30)]
    assert [one["grouped"] for one in shown] == [None] + ["storm"] * 10
    by_fingerprint = {one["fingerprint"]: one for one in shown}
    assert (by_fingerprint["f25"]["count"], by_fingerprint["f26"]["status"]) == (2, "resolved")
    assert (by_fingerprint["f25"]["title"], by_fingerprint["f24"]["count"]) == ("CpuHigh", 1)
    grouped = boss.seen("/incidents/INC-2026-000020")["matched"]["grouped"]
    assert grouped == {"by": "storm", "incidents": 20, "seconds": 60}


def test_the_alerts_of_an_incident_come_in_pages(source: Api, boss: Api) -> None:
    source.post("/alerts/alertmanager", group_of(*[firing(number) for number in range(25)]))
    first = boss.seen("/incidents/INC-2026-000020/alerts?limit=4")
    second = boss.seen(f"/incidents/INC-2026-000020/alerts?limit=4&cursor={first['next']}")
    shown = [one["fingerprint"] for one in (*first["items"], *second["items"])]
    assert (shown, second["next"]) == ([f"f{number}" for number in range(19, 25)], None)
    assert source.get("/incidents/INC-2026-000020/alerts").status_code == 403
    assert boss.get("/incidents/INC-2026-000099/alerts").status_code == 404


def test_a_rule_that_asks_for_it_uses_the_groups_of_alertmanager(source: Api, boss: Api) -> None:
    rule = {"when": {"source": "alertmanager"}, "set": {}, "group_by": ["sender_group"], "window": "PT30M"}
    put = boss.client.put("/api/v1/rules", json={"rules": [rule]}, headers=boss.headers | {"If-Match": '"0"'})
    assert (put.status_code, put.json["rules"]) == (200, [rule])  # type: ignore[index]
    for key, incident in (("a", "INC-2026-000001"), ("b", "INC-2026-000002")):
        sent = source.post(
            "/alerts/alertmanager", group_of(*[firing(n, fingerprint=f"{key}{n}") for n in range(3)], key=key)
        )
        assert sent.json is not None
        assert [one["decision"] for one in sent.json["items"]] == ["opened", "attached", "attached"]
        assert {one["incident"] for one in sent.json["items"]} == {incident}
    grouped = boss.seen("/incidents/INC-2026-000002")["matched"]["grouped"]
    assert grouped == {"by": "rule", "values": {"sender_group": "b"}, "window": "PT30M"}


def test_a_group_of_more_than_a_thousand_is_taken_whole(source: Api, boss: Api) -> None:
    ended = [firing(number, status="resolved") for number in range(1_000)]
    sent = source.post("/alerts/alertmanager", group_of(*ended, firing(1_000)))
    assert sent.json is not None
    assert (sent.status_code, len(sent.json["items"])) == (202, 1_001)
    assert sent.json["items"][-1]["decision"] == "opened"
    assert len(boss.seen("/incidents")["items"]) == 1


def test_a_refused_group_says_what_to_set_or_what_is_missing(source: Api) -> None:
    many = source.post("/alerts/alertmanager", group_of(*[{}] * 10_001))
    assert many.status_code == 422
    assert "max_alerts" in many.get_data(as_text=True)
    missing = source.post("/alerts/alertmanager", {"version": "4"})
    assert missing.status_code == 422
    assert "“alerts” is missing" in missing.get_data(as_text=True)


def refusal(source: Api, path: str, payload: Any) -> str:
    answer = source.post(path, payload)
    assert answer.status_code == 422, answer.text
    return str(answer.text)


@pytest.mark.parametrize(
    ("sender", "payload", "told"),
    [
        ("alertmanager", {"version": "4"}, "The list “alerts” is missing"),
        ("alertmanager", {"version": "4", "alerts": {}}, "must be a list"),
        ("alertmanager", {"version": "4", "alerts": [{}] * 10_001}, "Set max_alerts of this receiver to 10000"),
        ("grafana", {"receiver": "r", "status": "firing", "alerts": [{}] * 1_001}, "The limit is 1000 in one request"),
        ("grafana", {"receiver": "r", "status": "firing", "alerts": [{}] * 1_001}, "Max Alerts in Grafana"),
    ],
)
def test_a_refused_group_is_answered_with_what_to_set_or_what_is_missing(
    source: Api, sender: str, payload: Any, told: str
) -> None:
    answer = refusal(source, f"/alerts/{sender}", payload)
    assert told in answer
    assert "1000000000" not in answer


@pytest.mark.parametrize("payload", [{}, {"alerts": 7}, {"alerts": None}, {"alerts": "x"}, 7])
def test_no_answer_names_a_limit_without_a_meaning(source: Api, payload: Any) -> None:
    for sender in SOURCES:
        answer = source.post(f"/alerts/{sender}", payload)
        assert "000000" not in answer.text, sender
