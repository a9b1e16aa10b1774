"""Presets of sources: samples of each sender, their repeats and their ends."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.alert import Alert, Ignored
from incident.core.values.error_messages import FAULT_WORDS
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.data import category_codes
from incident.data.source_presets import source_presets
from incident.sources import CODED, SOURCES, read_alerts

SAMPLES = Path(__file__).parents[1] / "samples" / "sources"
REFERENCE = Path(__file__).parents[2].parent / "shared" / "data" / "alerts"
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
NAMED = [
    *("cloudevents", "crowdstrike", "defender", "grafana", "guardduty", "kibana", "okta", "securityhub", "sentinel"),
    *("sentinelone", "sns", "splunk", "uptime-kuma", "wazuh", "wiz", "zabbix", "zeek"),
]
WITHOUT_END = {"zeek"}
"""Senders whose payloads never say that an alert has ended."""


def cases() -> Iterator[Any]:
    for file in sorted(SAMPLES.glob("*.json")):
        for case in json.loads(file.read_text("utf-8")):
            yield pytest.param(file.stem, case, id=f"{file.stem}-{case['case']}")


CASES = list(cases())


def read(source: str, payload: object) -> Alert:
    [alert] = read_alerts(source, json.dumps(payload).encode(), NOW)
    assert isinstance(alert, Alert)
    return alert


def test_seventeen_presets_answer_beside_the_three_sources_with_code() -> None:
    assert list(source_presets()) == NAMED
    assert list(SOURCES) == sorted([*NAMED, *CODED])


def test_each_preset_has_samples_that_open_and_repeat_and_end() -> None:
    found = {file.stem: json.loads(file.read_text("utf-8")) for file in SAMPLES.glob("*.json")}
    assert sorted(found) == NAMED
    assert {name for name, cases in found.items() if not any(case["ends"] for case in cases)} == WITHOUT_END


@pytest.mark.parametrize("source", NAMED)
def test_the_samples_of_a_preset_show_all_that_its_mapping_says(source: str) -> None:
    shown = [case.values[1]["alert"] for case in CASES if case.values[0] == source]
    for member in ("grade", "occurred_at", "labels"):
        assert any(alert[member] for alert in shown), member
    has_rules = any(variant.get("indicators") for variant in source_presets()[source].mapping["variants"])
    assert any(alert["indicators"] for alert in shown) or not has_rules


@pytest.mark.parametrize(("source", "case"), CASES)
def test_an_alert_has_its_title_grade_times_labels_and_indicators(source: str, case: dict[str, Any]) -> None:
    alert = read(source, case["opens"])
    assert (alert.status, alert.is_raw, alert.source) == ("firing", False, case.get("source", source))
    assert {
        "title": alert.title,
        "grade": alert.grade,
        "category": alert.category,
        "occurred_at": None if alert.occurred_at is None else format_moment(alert.occurred_at),
        "labels": dict(alert.labels),
        "indicators": [indicator.value for indicator in alert.indicators],
    } == case["alert"]
    assert alert.ended_at is None


@pytest.mark.parametrize(("source", "case"), CASES)
def test_a_repeat_with_another_time_or_count_is_the_same_alert_and_no_news(source: str, case: dict[str, Any]) -> None:
    first, again = read(source, case["opens"]), read(source, case["repeats"])
    assert case["opens"] != case["repeats"]
    assert (again.fingerprint, again.status) == (first.fingerprint, "firing")
    assert again.digest == first.digest


@pytest.mark.parametrize(("source", "case"), [case for case in CASES if case.values[1]["ends"]])
def test_the_end_of_an_alert_is_known_with_its_time(source: str, case: dict[str, Any]) -> None:
    first, end = read(source, case["opens"]), read(source, case["ends"])
    assert (end.fingerprint, end.status) == (first.fingerprint, "resolved")
    assert (None if end.ended_at is None else format_moment(end.ended_at)) == case["ended_at"]


@pytest.mark.parametrize(("source", "case"), CASES)
def test_presets_keep_no_grade_for_the_gravest_level(source: str, case: dict[str, Any]) -> None:
    assert read(source, case["opens"]).grade in {None, 2, 3, 4}


def test_categories_of_presets_are_codes_of_the_standard() -> None:
    used = set()
    for preset in source_presets().values():
        for variant in preset.mapping["variants"]:
            for rule in variant.get("category", ()):
                used |= set(rule.get("words", {}).values())
    assert used
    assert used <= category_codes()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, below in members:
        yield (*place, name)
        yield from places(below, (*place, name))


@given(data=st.data())
def test_a_sample_with_anything_put_anywhere_ends_in_alerts_or_in_a_fault(data: st.DataObject) -> None:
    source, case = data.draw(st.sampled_from([case.values for case in CASES]))
    payload = json.loads(json.dumps(case["opens"]))
    place = data.draw(st.sampled_from(list(places(payload))))
    inner = payload
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = data.draw(JSON)
    faults: tuple[RuleError, ...] = ()
    try:
        items = read_alerts(source, json.dumps(payload, allow_nan=True).encode(), NOW)
        assert all(json.dumps(item.to_json()) for item in items if isinstance(item, Alert))
    except RuleError as refused:
        faults = refused.all
    assert all(fault.code in FAULT_WORDS for fault in faults)


def test_several_messages_in_one_body_are_read_each_by_itself() -> None:
    notice = json.loads((SAMPLES / "zeek.json").read_text("utf-8"))[0]["opens"]
    other = {"_path": "conn", "id.orig_h": "10.0.0.1"}
    lines = "\n".join(map(json.dumps, [notice, other, {**notice, "src": "198.51.100.67"}])) + '\n{"note": broken\n'
    first, ignored, second, broken = read_alerts("zeek", lines.encode(), NOW)
    assert isinstance(first, Alert)
    assert isinstance(second, Alert)
    assert first.fingerprint != second.fingerprint
    assert ignored == Ignored("left_out_by_mapping", {"member": "/_path", "value": "conn"})
    assert isinstance(broken, Alert)
    assert broken.is_raw


def test_a_subscription_of_sns_is_no_alert() -> None:
    body = {"Type": "SubscriptionConfirmation", "MessageId": "m1", "TopicArn": "arn", "Token": "t"}
    [ignored] = read_alerts("sns", json.dumps(body).encode(), NOW)
    assert ignored == Ignored("left_out_by_mapping", {"member": "/Type", "value": "SubscriptionConfirmation"})


def test_a_message_of_sns_that_no_source_knows_is_kept_with_its_content() -> None:
    message = {"Type": "Notification", "TopicArn": "arn:t", "MessageId": "m", "Message": '{"strange": {"x": "worm"}}'}
    alert = read("sns", message)
    assert (alert.title, alert.is_raw) == ("arn:t", False)
    assert '"x": "worm"' in alert.description


def test_a_message_that_cannot_be_identified_is_kept_as_it_came() -> None:
    event = json.loads((SAMPLES / "guardduty.json").read_text("utf-8"))[0]["opens"]
    del event["detail"]["id"]
    alert = read("guardduty", event)
    assert alert.is_raw
    assert "SSHBruteForce" in alert.description


def test_an_alert_with_a_doubled_member_is_kept_as_it_came_under_its_own_title() -> None:
    body = b'{"event_id": "1", "event_value": "1", "event_value": "0", "event_name": "CPU", "trigger_id": "7"}'
    [alert] = read_alerts("zabbix", body, NOW)
    assert isinstance(alert, Alert)
    assert (alert.is_raw, alert.status, alert.fingerprint) == (True, "firing", "7")
    assert "CPU" in alert.title


@pytest.mark.parametrize(
    ("source", "body", "code", "pointer"),
    [
        ("grafana", {"receiver": "x", "version": "1"}, "mapping.list_missing", "/alerts"),
        ("grafana", {"receiver": "x", "alerts": 3}, "mapping.no_list", "/alerts"),
        ("grafana", {"alerts": [{}] * 1001}, "payload.too_many_alerts", "/alerts"),
        ("guardduty", {"detail-type": "GuardDuty Finding"}, "mapping.list_missing", "/detail"),
        ("guardduty", {"title": "x"}, "mapping.no_variant", ""),
        ("okta", "text", "document.not_an_object", ""),
        ("zeek", [{"note": "a", "msg": "b"}] * 1001, "payload.too_many_alerts", ""),
    ],
)
def test_what_is_refused_says_where_and_why(source: str, body: object, code: str, pointer: str) -> None:
    with pytest.raises(RuleError) as caught:
        read_alerts(source, json.dumps(body).encode(), NOW)
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


@pytest.mark.parametrize(
    ("file", "source", "title"),
    [
        ("crowdstrike/panther_crowdstrike_detection_summary_0.json", "crowdstrike", "Known Malware"),
        ("grafana/legacy.json", "grafana", "bob"),
        ("guardduty/c7n_ec2-duty-event.json", "guardduty", "Command and Control server domain name queried"),
        ("guardduty/c7n_iam-duty-event.json", "guardduty", "API GeneratedFindingAPIName was invoked"),
        ("guardduty/panther_aws_guardduty_high_sev_findings_0.json", "guardduty", "Principal AssumedRole:IAMRole"),
        ("guardduty/c7n_event-securityhub-iamkey-finding-action.json", "securityhub", "Unusual console login"),
        ("microsoft/panther_defender_detection_passthrough_0.json", "defender", "Regsvr32 Rundll32 Image Loads"),
        ("alertmanager/prom2teams_all_ok.json", "grafana", "Disk usage alert on CS30.evilcorp"),
    ],
)
def test_captured_payloads_are_read(file: str, source: str, title: str) -> None:
    if not (REFERENCE / file).exists():
        pytest.skip("reference files are not here")
    [alert] = read_alerts(source, (REFERENCE / file).read_bytes(), NOW)
    assert isinstance(alert, Alert)
    assert not alert.is_raw
    assert alert.title.startswith(title)


def test_captured_notices_of_zeek_are_one_alert_for_each_kind_and_address() -> None:
    file = REFERENCE / "zeek" / "notice.jsonl"
    if not file.exists():
        pytest.skip("reference files are not here")
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    alerts = [alert for alert in read_alerts("zeek", file.read_bytes(), NOW) if isinstance(alert, Alert)]
    assert len(alerts) == len(lines)
    assert not any(alert.is_raw for alert in alerts)
    assert len({alert.fingerprint for alert in alerts}) == len({(line["note"], line["src"]) for line in lines})
