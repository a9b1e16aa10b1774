"""Alerts of Alertmanager."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident.core.incidents.alert import Alert
from incident.core.values.error_messages import FAULT_WORDS, fill
from incident.core.values.faults import RuleError
from incident.sources import Ignored, alertmanager

SAMPLES = Path(__file__).parents[1] / "samples" / "alerts"
LEAST: dict[str, Any] = {"status": "firing", "labels": {"alertname": "Down"}, "fingerprint": "aa"}


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"alertmanager-{name}.json").read_bytes())


def only(alert: dict[str, Any], **group: Any) -> Alert:
    [item] = alertmanager.parse({"version": "4", "alerts": [alert], **group})
    assert isinstance(item, Alert)
    return item


def refused(payload: object) -> set[tuple[str, str]]:
    with pytest.raises(RuleError) as caught:
        alertmanager.parse(payload)
    return {(fault.pointer, fault.code) for fault in caught.value.all}


def test_each_alert_of_a_group_stands_for_itself() -> None:
    first, second = alertmanager.parse(sample("firing"))
    assert first == Alert(
        source="alertmanager",
        fingerprint="1d5f0a4b8c2e7f93",
        title="Many failed sign-ins on vpn-1",
        status="firing",
        grade=2,
        labels={
            "alertname": "TooManyFailedLogins",
            "instance": "vpn-1.example:9100",
            "severity": "critical",
            "team": "network",
        },
        occurred_at=datetime(2026, 11, 21, 2, 58, 30, 123_456, tzinfo=UTC),
        description="412 failed sign-ins in 5 minutes.",
        sender_group='{}/{team="network"}:{alertname="TooManyFailedLogins"}',
    )
    assert isinstance(second, Alert)
    assert (second.title, second.grade, second.fingerprint) == ("TooManyFailedLogins", 3, "77aa0c3de1b24f60")


def test_a_resolved_alert_has_the_fingerprint_of_the_firing_one() -> None:
    firing, _ = alertmanager.parse(sample("firing"))
    resolved, cut_off = alertmanager.parse(sample("resolved"))
    assert isinstance(firing, Alert)
    assert isinstance(resolved, Alert)
    assert (resolved.fingerprint, resolved.status) == (firing.fingerprint, "resolved")
    assert cut_off == Ignored("cut_off_by_sender", {"count": 3})


@pytest.mark.parametrize(
    ("severity", "grade"),
    [("critical", 2), ("Critical", 2), ("page", 2), ("high", 2), ("error", 2), ("warning", 3), ("info", 4), ("none", 4),
     ("purple", None), ("", None)],
)  # fmt: skip
def test_a_severity_becomes_a_grade(severity: str, grade: int | None) -> None:
    assert only(LEAST | {"labels": {"severity": severity}}).grade == grade


def test_no_severity_makes_an_incident_of_the_first_grade_but_a_label_of_ours_does() -> None:
    assert 1 not in alertmanager.SEVERITIES.values()
    assert only(LEAST | {"labels": {"severity": "info", "grade": "1"}}).grade == 1
    assert only(LEAST | {"labels": {"severity": "info", "grade": "0"}}).grade == 4


def test_the_title_is_the_best_that_there_is() -> None:
    assert only(LEAST).title == "Down"
    assert only(LEAST | {"annotations": {"summary": "API is down"}}).title == "API is down"
    assert only(LEAST | {"labels": {}}).title == "Alertmanager"


def test_without_a_fingerprint_the_labels_make_one() -> None:
    one = only({"status": "firing", "labels": {"a": "1", "b": "2"}})
    same = only({"status": "resolved", "labels": {"b": "2", "a": "1"}, "annotations": {"summary": "x"}})
    other = only({"status": "firing", "labels": {"a": "1"}})
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_the_group_says_the_status_where_the_alert_does_not() -> None:
    alert = {"labels": {}, "fingerprint": "aa"}
    assert only(alert, status="resolved").status == "resolved"
    assert only(alert).is_raw


def test_a_category_label_becomes_the_category() -> None:
    alert = only(LEAST | {"labels": {"category": "NADOS"}})
    assert (alert.category, alert.labels) == ("NADOS", {"category": "NADOS"})


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "soon", None, 7])
def test_a_moment_that_is_none_is_left_out(moment: object) -> None:
    assert only(LEAST | {"startsAt": moment}).occurred_at is None


def test_fields_that_are_not_known_are_let_by() -> None:
    assert only(LEAST | {"silenceURL": "x"}, notificationReason="y") == only(LEAST)


def test_another_format_is_refused_with_every_fault() -> None:
    assert refused({"version": "1", "alerts": 7}) == {
        ("/version", "alertmanager.version"),
        ("/alerts", "alertmanager.alerts_no_list"),
    }


def test_the_group_is_its_key_else_its_labels() -> None:
    assert only(LEAST, groupKey="{}:{a}", groupLabels={"a": "b"}).sender_group == "{}:{a}"
    assert only(LEAST, groupLabels={"a": "b"}).sender_group == '{"a": "b"}'
    assert only(LEAST, groupKey=7, groupLabels={}).sender_group is None


def test_a_group_without_alerts_and_one_with_too_many_are_told_what_is_wrong() -> None:
    assert refused({"version": "4"}) == {("/alerts", "alertmanager.alerts_missing")}
    with pytest.raises(RuleError) as raised:
        alertmanager.parse({"version": "4", "alerts": [{}] * 10_001})
    [fault] = raised.value.all
    notified = fill(FAULT_WORDS[fault.code], fault.arguments)
    assert notified.startswith("There are 10001 alerts. The limit is 10000 in one request.")
    assert "max_alerts" in notified


UNREADABLE: list[Any] = [
    {"status": "active", "labels": {}, "fingerprint": "bb"},
    {"status": "firing", "labels": {"a": 1}, "fingerprint": "bb"},
    {"status": "firing", "annotations": []},
    7,
    "Down",
    None,
]


@pytest.mark.parametrize("alert", UNREADABLE)
def test_an_alert_that_cannot_be_read_is_kept_as_it_came_and_takes_no_other_along(alert: Any) -> None:
    first, kept, last = alertmanager.parse({"alerts": [LEAST, alert, LEAST]})
    assert first == last == only(LEAST)
    assert isinstance(kept, Alert)
    assert kept.is_raw
    assert json.loads(kept.description) == alert if not isinstance(alert, str) else kept.description == alert
    assert "alertmanager" in kept.title


def test_what_cannot_be_read_keeps_the_fingerprint_and_the_status_of_its_sender() -> None:
    kept = only({"status": "resolved", "labels": [], "fingerprint": "bb"})
    assert (kept.is_raw, kept.fingerprint, kept.status) == (True, "bb", "resolved")
    assert only({"status": "x"}).fingerprint == only({"status": "x"}).fingerprint != only({"status": "y"}).fingerprint
    assert only({"status": "x", "fingerprint": "f"}).digest != only({"status": "y", "fingerprint": "f"}).digest


def test_a_payload_of_any_depth_that_can_be_read_is_kept() -> None:
    deep: Any = "bottom"
    for _ in range(900):
        deep = [deep]
    assert only({"status": "firing", "labels": {"a": deep}}).is_raw


def test_a_fault_of_ours_in_reading_costs_no_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alertmanager, "_grade", lambda _labels: 1 // 0)
    kept = only(LEAST)
    assert (kept.is_raw, kept.fingerprint, json.loads(kept.description)) == (True, "aa", LEAST)
