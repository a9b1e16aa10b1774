"""Alerts of Suricata."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident.core.incidents.alert import Alert
from incident.core.incidents.indicator import Indicator
from incident.core.values.faults import RuleError
from incident.sources import Ignored, suricata

SAMPLES = Path(__file__).parents[1] / "samples" / "alerts"
ONE: dict[str, Any] = json.loads((SAMPLES / "suricata-alert.json").read_bytes())
LEAST: dict[str, Any] = {"event_type": "alert", "alert": {"signature_id": 7}}


def only(event: object) -> Alert:
    [item] = suricata.parse(event)
    assert isinstance(item, Alert)
    return item


def refused(body: bytes) -> set[tuple[str, str]]:
    with pytest.raises(RuleError) as caught:
        suricata.parse_text(body)
    return {(fault.pointer, fault.code) for fault in caught.value.all}


def test_an_alert_is_read() -> None:
    alert = only(ONE)
    assert (alert.source, alert.status, alert.grade) == ("suricata", "firing", 2)
    assert alert.title == "EXPLOIT attempt against the mail gateway"
    assert alert.occurred_at == datetime(2026, 11, 21, 3, 0, 5, 123_456, tzinfo=UTC)
    assert alert.labels == {
        "gid": "1",
        "signature_id": "2024897",
        "src_ip": "198.51.100.23",
        "dest_ip": "10.20.0.8",
        "proto": "TCP",
        "app_proto": "http",
        "in_iface": "eth1",
        "classification": "Attempted Administrator Privilege Gain",
        "action": "allowed",
        "severity": "1",
    }
    assert alert.indicators == (
        Indicator("ipv4", "198.51.100.23"),
        Indicator("ipv4", "10.20.0.8"),
        Indicator("domain", "mail.example.org"),
        Indicator("url", "http://mail.example.org/owa/auth.aspx?x=1"),
    )
    assert alert.description == "TCP 198.51.100.23:51544 → 10.20.0.8:443 flow 1674311206251847"


def test_lines_are_read_in_their_order_and_other_events_are_let_go() -> None:
    first, flow, again, look_up = suricata.parse_text((SAMPLES / "suricata-eve.ndjson").read_bytes())
    assert flow == Ignored("not_an_alert", {"event_type": "flow"})
    assert isinstance(first, Alert)
    assert isinstance(again, Alert)
    assert isinstance(look_up, Alert)
    assert again.fingerprint == first.fingerprint
    assert look_up.fingerprint != first.fingerprint
    assert look_up.grade == 3
    assert {(indicator.kind, indicator.value) for indicator in look_up.indicators} >= {
        ("ipv6", "2001:db8:5::1"),
        ("domain", "c2.evil.example"),
        ("sha256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    }


def test_another_connection_between_the_same_hosts_is_no_news() -> None:
    later = ONE | {"src_port": 1, "flow_id": 2, "timestamp": "2026-11-21T11:30:00.000000+0800"}
    later["alert"] = ONE["alert"] | {"rev": 9}
    assert only(later).fingerprint == only(ONE).fingerprint
    assert only(later).digest == only(ONE).digest


@pytest.mark.parametrize(
    "change",
    [
        {"src_ip": "198.51.100.24"},
        {"dest_ip": "10.20.0.9"},
        {"src_ip": ONE["dest_ip"], "dest_ip": ONE["src_ip"]},
        {"alert": ONE["alert"] | {"signature_id": 2}},
        {"alert": ONE["alert"] | {"gid": 3}},
    ],
)
def test_another_rule_or_host_is_another_thing(change: dict[str, Any]) -> None:
    assert only(ONE | change).fingerprint != only(ONE).fingerprint


@pytest.mark.parametrize(("severity", "grade"), [(1, 2), (2, 3), (3, 4), (4, 4), (9, None), ("1", None), (None, None)])
def test_a_severity_becomes_a_grade_but_never_the_first(severity: object, grade: int | None) -> None:
    assert only(ONE | {"alert": ONE["alert"] | {"severity": severity}}).grade == grade


def test_the_least_is_enough() -> None:
    alert = only(LEAST)
    assert (alert.title, alert.grade, alert.occurred_at, alert.indicators) == ("Suricata 1:7", None, None, ())
    assert alert.description == ""


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(LEAST).encode(),
        json.dumps(LEAST, indent=2).encode(),
        json.dumps([LEAST]).encode(),
        json.dumps(LEAST).encode() + b"\r\n\r\n",
        b"\xef\xbb\xbf" + json.dumps(LEAST).encode(),
    ],
)
def test_one_alert_may_be_laid_out_in_any_way(body: bytes) -> None:
    assert suricata.parse_text(body) == suricata.parse(LEAST)


def lines(*events: object) -> bytes:
    return b"\n".join(event if isinstance(event, bytes) else json.dumps(event).encode() for event in events)


def test_a_broken_line_is_kept_as_it_came_and_takes_no_other_along() -> None:
    broken = b'{"event_type": "alert", "al\xff'
    first, kept, last = suricata.parse_text(lines(LEAST, b"", broken, LEAST))
    assert first == last
    assert isinstance(first, Alert)
    assert isinstance(kept, Alert)
    assert (first.is_raw, kept.is_raw) == (False, True)
    assert kept.description == '{"event_type": "alert", "al\ufffd'


def test_of_several_lines_one_that_lacks_something_is_kept_as_it_came() -> None:
    events = [{"alert": {}}, {"event_type": "alert"}, {"event_type": "alert", "alert": {"signature_id": "7"}}, 7]
    first, *kept = suricata.parse_text(lines(LEAST, *events))
    assert isinstance(first, Alert)
    assert not first.is_raw
    assert [json.loads(one.description) for one in kept if isinstance(one, Alert) and one.is_raw] == events


@pytest.mark.parametrize(
    ("event", "faults"),
    [
        ({"alert": {}}, {("/event_type", "document.missing")}),
        (
            {"event_type": "alert"},
            {("/alert", "document.not_an_object"), ("/alert/signature_id", "document.not_a_number")},
        ),
        (7, {("", "document.not_an_object"), ("/event_type", "document.missing")}),
    ],
)
def test_of_one_object_what_is_missing_is_named(event: object, faults: set[tuple[str, str]]) -> None:
    assert refused(json.dumps(event).encode()) == faults


def test_more_than_a_thousand_lines_are_refused() -> None:
    line = json.dumps(LEAST).encode() + b"\n"
    assert refused(line * 1_001) == {("", "payload.too_many_alerts")}
    assert len(suricata.parse_text(line * 1_000)) == 1_000
