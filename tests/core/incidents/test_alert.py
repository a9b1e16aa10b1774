"""The common form of alerts."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.alert import Alert, with_sane_moment
from incident.core.incidents.indicator import Indicator
from incident.core.values.faults import RuleError
from incident.core.values.text import is_plain

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ALERT = Alert(source="generic", fingerprint="f1", title="Disk full", labels={"host": "db-1"}, occurred_at=AT)


@given(title=st.text(st.characters(codec=None)), fingerprint=st.text(st.characters(codec=None)))
def test_a_title_and_a_fingerprint_are_never_empty_nor_unfit(title: str, fingerprint: str) -> None:
    alert = Alert(source="generic", fingerprint=fingerprint, title=title)
    assert 0 < len(alert.title) <= 300
    assert 0 < len(alert.fingerprint) <= 200
    assert is_plain(alert.title)
    assert is_plain(alert.fingerprint)


def test_a_fingerprint_that_cannot_be_kept_becomes_its_hash_and_stays_the_same() -> None:
    long = Alert(source="generic", fingerprint="f" * 201, title="x")
    assert len(long.fingerprint) == 64
    assert replace(long, title="y").fingerprint == long.fingerprint
    assert Alert(source="generic", fingerprint="f" * 202, title="x").fingerprint != long.fingerprint


def test_labels_are_cut_and_not_refused() -> None:
    alert = replace(ALERT, labels={f"l{index}": "v" * 5_000 for index in range(150)})
    assert len(alert.labels) == 100
    assert {len(value) for value in alert.labels.values()} == {2_000}


def test_a_grade_out_of_range_is_refused() -> None:
    with pytest.raises(RuleError) as caught:
        replace(ALERT, grade=5)
    assert caught.value.code == "grade.unknown"


@pytest.mark.parametrize(
    "change",
    [
        {"status": "resolved"},
        {"title": "Disk fuller"},
        {"grade": 2},
        {"category": "DE"},
        {"labels": {"host": "db-2"}},
        {"indicators": (Indicator("ipv4", "192.0.2.1"),)},
    ],
)
def test_what_is_news_changes_the_digest(change: dict[str, object]) -> None:
    assert replace(ALERT, **change).digest != ALERT.digest  # type: ignore[arg-type]


def test_free_words_moments_and_the_order_of_labels_are_no_news() -> None:
    two = replace(ALERT, labels={"a": "1", "b": "2"})
    again = replace(two, labels={"b": "2", "a": "1"}, description="93 % full", occurred_at=None)
    assert again.digest == two.digest


def test_any_word_is_a_category_on_one_line() -> None:
    assert replace(ALERT, category=" lateral\nmovement ").category == "lateral movement"
    assert replace(ALERT, category="\x00").category is None


def test_a_moment_out_of_bounds_stays_as_a_label() -> None:
    wild = replace(ALERT, occurred_at=datetime(112, 1, 1, tzinfo=UTC))
    alert = with_sane_moment(wild, datetime(2000, 1, 1, tzinfo=UTC), AT)
    assert alert.occurred_at is None
    assert alert.labels["occurred_at"] == "0112-01-01T00:00:00.000000Z"
    assert with_sane_moment(ALERT, datetime(2000, 1, 1, tzinfo=UTC), AT) == ALERT


def test_an_alert_is_written_as_json_values() -> None:
    alert = replace(ALERT, indicators=(Indicator("ipv4", "192.0.2.1"),), grade=3)
    assert alert.to_json() == {
        "source": "generic",
        "fingerprint": "f1",
        "title": "Disk full",
        "status": "firing",
        "grade": 3,
        "category": None,
        "labels": {"host": "db-1"},
        "occurred_at": "2026-11-21T03:00:00.000000Z",
        "indicators": [{"kind": "ipv4", "value": "192.0.2.1"}],
        "description": "",
    }
