"""Common code of all sources."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.alert import Alert
from incident.core.values.error_messages import FAULT_WORDS
from incident.core.values.faults import RuleError
from incident.core.values.text import is_plain
from incident.sources import CODED, IGNORED_WORDS, SOURCES, Ignored, Item, read_alerts

SAMPLES = Path(__file__).parents[1] / "samples" / "alerts"
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
FILES = sorted(SAMPLES.iterdir())
REFERENCE = Path(__file__).parents[2].parent / "shared" / "data" / "alerts" / "alertmanager"
WORDS = st.sampled_from(
    [
        "alerts",
        "alert",
        "labels",
        "status",
        "firing",
        "event_type",
        "title",
        "fingerprint",
        "version",
        "annotations",
        "startsAt",
        "signature_id",
        "timestamp",
        "src_ip",
        "http",
        "dns",
        "query",
        "4",
        "grade",
        "indicators",
        "severity",
    ]
)
ANY_TEXT = st.text(st.characters(codec=None), max_size=12) | WORDS
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=5),
    max_leaves=25,
)


def texts_of(alert: Alert) -> list[str]:
    labels = [text for label in alert.labels.items() for text in label]
    return [alert.title, alert.fingerprint, alert.description, alert.category or "", *labels]


def outcome_of(read: Callable[[], list[Item]]) -> tuple[list[Item], tuple[RuleError, ...]]:
    try:
        return read(), ()
    except RuleError as refused:
        return [], refused.all


@pytest.mark.parametrize("source", sorted(CODED))
@given(payload=JSON)
def test_any_payload_ends_in_alerts_or_in_faults_that_have_words(source: str, payload: Any) -> None:
    items, faults = outcome_of(lambda: CODED[source].parse(payload))
    assert all(fault.code in FAULT_WORDS for fault in faults)
    assert all(item.reason in IGNORED_WORDS for item in items if isinstance(item, Ignored))
    alerts = [item for item in items if isinstance(item, Alert)]
    assert all(alert.source == source and len(alert.digest) == 64 for alert in alerts)
    assert all(is_plain(text) for alert in alerts for text in texts_of(alert))


def places_of(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*place, name)
        yield from places_of(member, (*place, name))


@pytest.mark.parametrize("file", [file for file in FILES if file.suffix == ".json"], ids=lambda file: file.name)
@given(data=st.data())
def test_a_sample_with_anything_put_anywhere_ends_the_same_way(file: Path, data: st.DataObject) -> None:
    payload = json.loads(file.read_bytes())
    place = data.draw(st.sampled_from(list(places_of(payload))))
    inner = payload
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = data.draw(JSON)
    source = file.name.partition("-")[0]
    items, faults = outcome_of(lambda: CODED[source].parse(payload))
    assert all(fault.code in FAULT_WORDS for fault in faults)
    assert all(is_plain(text) for item in items if isinstance(item, Alert) for text in texts_of(item))
    assert all(json.dumps(item.to_json()).encode() for item in items if isinstance(item, Alert))


@pytest.mark.parametrize("source", sorted(SOURCES))
@given(body=st.binary(max_size=60) | st.text(alphabet='{}[]":,1e.-\n\\u0aNI', max_size=40).map(str.encode))
def test_any_bytes_end_in_alerts_or_in_a_fault(source: str, body: bytes) -> None:
    _, faults = outcome_of(lambda: read_alerts(source, body, NOW))
    assert all(fault.code in FAULT_WORDS for fault in faults)


@pytest.mark.parametrize("source", sorted(SOURCES))
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "payload.not_json"),
        (b"{", "payload.not_json"),
        (b'{"a": NaN}', "payload.bad_number"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "payload.bad_number"),
        (b"[" * 100_000, "payload.too_deep"),
        (b'{"a": "\xff"}', "payload.not_utf8"),
    ],
)
def test_a_body_that_is_no_json_is_refused_with_a_reason(source: str, body: bytes, code: str) -> None:
    with pytest.raises(RuleError) as caught:
        read_alerts(source, body, NOW)
    assert (caught.value.code, caught.value.kind) == (code, "invalid")


def test_a_fault_in_the_writing_is_placed() -> None:
    with pytest.raises(RuleError) as caught:
        read_alerts("generic", b'{"title": "x",\n "status" "firing"}', NOW)
    assert caught.value.arguments == {"line": 2, "column": 11}


def test_a_source_that_is_not_there_is_not_found() -> None:
    with pytest.raises(RuleError) as caught:
        read_alerts("nagios", b"{}", NOW)
    assert (caught.value.code, caught.value.kind) == ("source.unknown", "not_found")
    assert caught.value.arguments == {"sources": ", ".join(SOURCES)}


@pytest.mark.parametrize("source", sorted(CODED))
def test_a_fault_of_ours_in_reading_a_payload_costs_no_alert(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_payload: object) -> list[Item]:
        raise ZeroDivisionError

    monkeypatch.setitem(CODED, source, replace(CODED[source], parse=fail))
    [kept] = read_alerts(source, b'{"title": "Disk full", "fingerprint": "f1"}', NOW)
    assert isinstance(kept, Alert)
    assert (kept.source, kept.fingerprint, kept.is_raw) == (source, "f1", True)
    assert json.loads(kept.description) == {"title": "Disk full", "fingerprint": "f1"}


def test_a_source_is_registered_under_its_own_name() -> None:
    assert {name: source.name for name, source in CODED.items()} == {name: name for name in CODED}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_sample_is_read(file: Path) -> None:
    items = read_alerts(file.name.partition("-")[0], file.read_bytes(), NOW)
    alerts = [item for item in items if isinstance(item, Alert)]
    assert alerts
    assert all(alert.occurred_at and alert.occurred_at.tzinfo is UTC for alert in alerts)


@pytest.mark.skipif(not REFERENCE.exists(), reason="reference files are not beside the project")
def test_each_alert_of_captured_groups_is_read_or_kept_as_it_came() -> None:
    verdicts: dict[str, object] = {}
    for file in sorted(REFERENCE.iterdir()):
        try:
            verdicts[file.name] = len(read_alerts("alertmanager", file.read_bytes(), NOW))
        except RuleError as refused:
            verdicts[file.name] = (refused.code, refused.pointer)
    alerts = {file.name: len(json.loads(file.read_bytes())["alerts"]) for file in REFERENCE.iterdir()}
    assert verdicts == alerts
