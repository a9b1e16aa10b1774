"""Repeated members of an object, which two readers may interpret differently."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from incident.core.incidents.alert import Alert
from incident.core.values.faults import RuleError
from incident.sources import read_alerts
from incident.sources.payload import decode_json

FIRING = '{"title": "Disk", "fingerprint": "disk", "status": "firing"}'
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def only(source: str, body: str) -> Alert:
    [item] = read_alerts(source, body.encode(), NOW)
    assert isinstance(item, Alert)
    return item


def test_each_doubled_member_is_named_with_its_place() -> None:
    body = b'{"a": 1, "a": 2, "deep": [{"b/c": {}, "b/c": {"d": 1, "d": 1}}], "e": {"f": 1}}'
    with pytest.raises(RuleError) as caught:
        decode_json(body)
    assert {fault.code for fault in caught.value.all} == {"payload.doubled_member"}
    places = {(fault.pointer, fault.arguments["member"]) for fault in caught.value.all}
    assert places == {("/a", "a"), ("/deep/0/b~1c", "b/c"), ("/deep/0/b~1c/d", "d")}


def test_what_is_not_doubled_is_read_as_ever() -> None:
    assert decode_json(FIRING.encode()) == json.loads(FIRING)


@pytest.mark.parametrize("source", ["generic", "suricata"])
@pytest.mark.parametrize("doubled", ['"note": 1, "note": 2', '"status": "firing", "status": "resolved"'])
def test_an_alert_with_a_doubled_member_is_kept_whole_and_fires(source: str, doubled: str) -> None:
    alert = only(source, f'{{"event_type": "alert", "title": "Disk", "fingerprint": "disk", {doubled}}}')
    assert (alert.is_raw, alert.status) == (True, "firing")
    for part in doubled.split(", "):
        assert part in alert.description


def test_of_a_group_only_the_alert_with_the_doubled_member_cannot_be_read() -> None:
    good = {"status": "firing", "labels": {"alertname": "Good"}, "fingerprint": "f1"}
    bad = '{"status": "resolved", "labels": {"alertname": "A", "alertname": "B"}, "fingerprint": "f2"}'
    items = read_alerts("alertmanager", f'{{"version": "4", "alerts": [{json.dumps(good)}, {bad}]}}'.encode(), NOW)
    first: Any = items[0]
    assert (first.is_raw, first.title) == (False, "Good")
    raw: Any = items[1]
    assert (raw.is_raw, raw.fingerprint, raw.status) == (True, "f2", "resolved")
    assert all(name in raw.description for name in ('"A"', '"B"'))


def test_a_group_with_two_lists_of_alerts_is_kept_whole_and_fires() -> None:
    alerts = [f'"alerts": [{{"status": "{status}", "labels": {{}}}}]' for status in ("firing", "resolved")]
    alert = only("alertmanager", f'{{"version": "4", "status": "resolved", {", ".join(alerts)}}}')
    assert (alert.is_raw, alert.status) == (True, "firing")
    assert alert.description.count('"alerts"') == 2


def test_a_line_of_eve_with_a_doubled_member_takes_no_other_line_along() -> None:
    good = json.dumps({"event_type": "alert", "alert": {"signature_id": 7, "signature": "Scan"}})
    for lines in (f"{FIRING[:-1]}, {FIRING[1:]}\n{good}", f"{good}\n{FIRING[:-1]}, {FIRING[1:]}"):
        found = [item for item in read_alerts("suricata", lines.encode(), NOW) if isinstance(item, Alert)]
        assert sorted(item.is_raw for item in found) == [False, True]
