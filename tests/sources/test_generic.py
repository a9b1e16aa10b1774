"""Alerts of generic JSON."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident.core.incidents.alert import Alert
from incident.core.incidents.indicator import Indicator
from incident.core.values.faults import RuleError
from incident.sources import generic, read_alerts

SAMPLE = Path(__file__).parents[1] / "samples" / "alerts" / "generic-firing.json"
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
LEAST: dict[str, Any] = {"title": "Disk full", "fingerprint": "f1", "status": "firing"}


def refused(payload: object) -> set[tuple[str, str]]:
    with pytest.raises(RuleError) as caught:
        generic.parse(payload)
    return {(fault.pointer, fault.code) for fault in caught.value.all}


def test_a_whole_alert_is_read() -> None:
    assert read_alerts("generic", SAMPLE.read_bytes(), NOW) == [
        Alert(
            source="generic",
            fingerprint="dlp-2026-0042",
            title="Unusual transfer from the file server",
            status="firing",
            grade=2,
            category="DSDATALEAK",
            labels={"host": "files-3", "site": "beijing"},
            occurred_at=datetime(2026, 11, 21, 2, 40, tzinfo=UTC),
            indicators=(
                Indicator("ipv4", "203.0.113.77"),
                Indicator("url", "https://drop.evil.example/up"),
            ),
            description="4 GB to an address never seen before.",
        )
    ]


def test_the_least_is_enough_and_null_is_as_good_as_absent() -> None:
    alert = Alert(source="generic", fingerprint="f1", title="Disk full")
    assert generic.parse(LEAST) == [alert]
    nulls = dict.fromkeys(("grade", "category", "labels", "occurred_at", "indicators", "description"))
    assert generic.parse(LEAST | nulls) == [alert]


def test_every_fault_is_named_with_its_place() -> None:
    payload = {
        "fingerprint": "",
        "status": "resolve",
        "grade": 5,
        "category": "",
        "labels": {"host": 7},
        "occurred_at": "yesterday",
        "indicators": ["nothing at all", {"kind": "nothing", "value": "x"}],
        "severity": "high",
    }
    assert refused(payload) == {
        ("/title", "document.missing"),
        ("/fingerprint", "document.not_a_text"),
        ("/status", "document.not_a_choice"),
        ("/grade", "grade.unknown"),
        ("/category", "category.malformed"),
        ("/labels/host", "document.not_a_text"),
        ("/occurred_at", "moment.malformed"),
        ("/indicators/1", "indicator.unknown_kind"),
        ("/severity", "document.unknown_field"),
    }


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"occurred_at": "0112-01-01T00:00:00Z"}, "/occurred_at", "moment.out_of_bounds"),
        ({"title": 7}, "/title", "document.not_a_text"),
        ({"fingerprint": " "}, "/fingerprint", "document.not_a_text"),
        ({"labels": {str(index): "x" for index in range(101)}}, "/labels", "alert.too_many_labels"),
        ({"labels": {"": "x"}}, "/labels", "document.not_a_text"),
        ({"labels": ["x"]}, "/labels", "document.not_an_object"),
        ({"grade": True}, "/grade", "grade.unknown"),
    ],
)
def test_what_was_not_meant_is_refused(change: dict[str, Any], pointer: str, code: str) -> None:
    assert refused(LEAST | change) == {(pointer, code)}


@pytest.mark.parametrize(
    "said", ["a\x00b", "\x1b[31mred", "", " ", "x" * 30_000, "\ud800", "http://[http://[", "\u202e"]
)
def test_no_text_that_a_stranger_wrote_into_a_log_refuses_the_alert(said: str) -> None:
    payload = LEAST | {
        "title": said,
        "fingerprint": f"f{said}",
        "description": said,
        "labels": {"line": said},
        "indicators": [said, {"kind": "url", "value": said}, "203.0.113.7"],
    }
    [alert] = generic.parse(payload)
    assert isinstance(alert, Alert)
    assert (alert.is_raw, alert.indicators) == (False, (Indicator("ipv4", "203.0.113.7"),))
    assert set(alert.labels) == {"line", "unread_indicators"}


def test_what_is_no_indicator_is_kept_as_a_label() -> None:
    [alert] = generic.parse(LEAST | {"indicators": ["hxxp://[evil", "203.0.113.7", {"kind": "md5", "value": "7"}]})
    assert isinstance(alert, Alert)
    assert (alert.labels, len(alert.indicators)) == ({"unread_indicators": "hxxp://[evil; 7"}, 1)


@pytest.mark.parametrize("payload", [[], [LEAST], "x", None, 7])
def test_one_request_is_one_object(payload: object) -> None:
    assert ("", "document.not_an_object") in refused(payload)


def test_a_future_moment_is_left_to_the_door_which_knows_the_time() -> None:
    [alert] = generic.parse(json.loads(SAMPLE.read_bytes()) | {"occurred_at": "2126-01-01T00:00:00Z"})
    assert isinstance(alert, Alert)
    assert alert.occurred_at == datetime(2126, 1, 1, tzinfo=UTC)
