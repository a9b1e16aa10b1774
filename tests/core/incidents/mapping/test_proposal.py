"""The proposal of a mapping for a product that nobody has described."""

from datetime import UTC, datetime
from typing import Any

import pytest

from incident.core.incidents.alert import Alert
from incident.core.incidents.mapping import apply_mapping, check_mapping
from incident.core.incidents.mapping.proposal import propose_mapping
from incident.core.values.faults import RuleError

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def read(payload: Any) -> Alert:
    [item, *_] = apply_mapping(check_mapping(propose_mapping(payload)), payload, NOW, "new")
    assert isinstance(item, Alert)
    return item


def test_a_flat_alert() -> None:
    found = read(
        {
            "alarmId": 4711,
            "ruleName": "Port scan",
            "severity": "High",
            "createTime": "2026-11-29 08:00:00",
            "srcIp": "192.0.2.7",
            "state": "open",
        }
    )
    assert (found.title, found.fingerprint, found.grade, found.status) == ("Port scan", "4711", 2, "firing")
    assert found.occurred_at == datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
    assert [one.value for one in found.indicators] == ["192.0.2.7"]
    assert found.labels["srcIp"] == "192.0.2.7"


def test_a_repeat_with_another_time_and_count_brings_nothing_new() -> None:
    first = {"id": "a", "title": "Scan", "host": "web-1", "count": 1, "lastSeen": "2026-11-29 08:00:00", "state": "new"}
    again = first | {"count": 9, "lastSeen": "2026-11-29 09:00:00"}
    mapping = check_mapping(propose_mapping(first))
    [[one], [two]] = [apply_mapping(mapping, payload, NOW, "new") for payload in (first, again)]
    assert isinstance(one, Alert)
    assert isinstance(two, Alert)
    assert one.digest == two.digest
    assert one.labels == {"host": "web-1"}


def test_a_list_inside_and_numbers_as_severity() -> None:
    payload = {
        "vendor": "x",
        "data": {"alerts": [{"uuid": "a-1", "meta": {"title": "Malware", "score": 82, "ts": 1796000000}}]},
    }
    assert propose_mapping(payload)["variants"][0]["alerts"] == "/data/alerts"
    found = read(payload)
    assert (found.title, found.fingerprint, found.grade) == ("Malware", "a-1", 2)


def test_names_that_only_end_as_usual_and_a_time_of_any_name() -> None:
    found = read({"ruleTitle": "Beacon", "vendorAlertId": "HE-1", "seenFirst": "2026-11-28 22:10:05", "by": "x"})
    assert (found.title, found.fingerprint) == ("Beacon", "HE-1")
    assert found.occurred_at == datetime(2026, 11, 28, 22, 10, 5, tzinfo=UTC)


def test_the_list_of_alerts_may_be_chosen() -> None:
    payload = {"alerts": [{"id": 1, "title": "a"}], "other": {"id": 2, "name": "b"}}
    assert propose_mapping(payload, "/other")["variants"][0]["title"] == "{/name}"
    assert "alerts" not in propose_mapping(payload, "")["variants"][0]
    with pytest.raises(RuleError, match=r"mapping\.list_missing"):
        propose_mapping(payload, "/none")


def test_chinese_names_and_an_end() -> None:
    found = read(
        {"编号": "G-9", "告警名称": "暴力破解", "级别": "中危", "状态": "已恢复", "发生时间": "2026-11-29 08:00:00"}
    )
    assert (found.title, found.fingerprint, found.grade, found.status) == ("暴力破解", "G-9", 3, "resolved")


def test_a_sender_without_an_identity_is_known_by_title_and_host() -> None:
    first = {"message": "Disk is full", "hostname": "web-1", "time": "2026-11-29T08:00:00Z"}
    again = read(first | {"time": "2026-11-29T09:00:00Z"})
    assert read(first).fingerprint == again.fingerprint
    assert read(first | {"hostname": "web-2"}).fingerprint != again.fingerprint


@pytest.mark.parametrize("payload", [{}, {"a": None}, {"a/b~c": {"*": 1, "{x}": "y"}}, [{"x": [1, [2]]}]])
def test_what_names_nothing_makes_no_broken_pointer(payload: Any) -> None:
    [variant] = propose_mapping(payload)["variants"]
    check_mapping({"version": 1, "variants": [{"fingerprint": "/id", **variant}]})


@pytest.mark.parametrize("payload", [None, 3, "x", [], [1]])
def test_what_is_no_object_is_refused(payload: Any) -> None:
    with pytest.raises(RuleError, match=r"document\.not_an_object"):
        propose_mapping(payload)
