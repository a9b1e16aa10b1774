"""Sources that a mapping describes: people's own ones, and which preset recognises a wrapped message."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident.core.incidents.alert import Alert
from incident.core.incidents.mapping import check_mapping
from incident.sources import Source, mapped_source, read_body
from incident.sources.mapped import preset_mappings

SAMPLES = Path(__file__).parents[1] / "samples" / "sources"
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
OWN = {"version": 1, "variants": [{"name": "scan", "title": "{/text}", "fingerprint": "/id", "alerts": "/found"}]}
SAME_FORM = {"sentinel": "defender"}
"""Alerts of Sentinel and of Defender for Cloud have one form; wrapped ones are taken for the second."""


def own() -> Source:
    return mapped_source("scanner", check_mapping(OWN), NOW)


def test_a_source_of_ones_own_is_read_by_its_mapping() -> None:
    body = b'{"found": [{"id": 7, "text": "Open port"}]}\n{"found": {"id": 8, "text": "Weak key"}}'
    alerts = [item for item in read_body(own(), body) if isinstance(item, Alert)]
    assert [(alert.source, alert.fingerprint, alert.title) for alert in alerts] == [
        ("scanner", "7", "Open port"),
        ("scanner", "8", "Weak key"),
    ]


def test_a_fault_of_ours_in_a_mapping_costs_no_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("incident.sources.mapped.apply_mapping", fail)
    [kept] = read_body(own(), b'{"found": [{"id": 7}]}')
    assert isinstance(kept, Alert)
    assert (kept.source, kept.is_raw) == ("scanner", True)


@pytest.mark.parametrize("source", [name for name, _ in preset_mappings()])
def test_a_wrapped_message_is_recognised_by_its_own_preset(source: str) -> None:
    for case in json.loads((SAMPLES / f"{source}.json").read_text("utf-8")):
        found = next((name for name, mapping in preset_mappings() if mapping.recognises(case["opens"])), None)
        assert found in {source, SAME_FORM.get(source)}, case["case"]
