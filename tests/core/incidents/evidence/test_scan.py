"""What the answers of a scanner mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.evidence.scan import DETAIL_LIMIT, SCAN_RESULTS, Scan, scan_of


@pytest.mark.parametrize(
    ("answer", "scan"),
    [
        ("stream: OK", Scan("clean")),
        ("stream: Eicar-Test-Signature FOUND", Scan("found", "Eicar-Test-Signature")),
        ("stream: Win.Trojan.A FOUND\n", Scan("found", "Win.Trojan.A")),
        ("INSTREAM size limit exceeded. ERROR", Scan("too_large")),
        ("stream: Can't allocate memory ERROR", Scan("failed", "Can't allocate memory")),
        ("UNKNOWN COMMAND", Scan("failed", "UNKNOWN COMMAND")),
        ("", Scan("failed", "")),
    ],
)
def test_an_answer_is_understood(answer: str, scan: Scan) -> None:
    assert scan_of(answer) == scan


@given(st.text())
def test_whatever_is_answered_is_short_and_printable_and_never_clean_by_chance(answer: str) -> None:
    found = scan_of(answer)
    assert found.result in SCAN_RESULTS
    assert len(found.detail) <= DETAIL_LIMIT
    assert found.detail.isprintable()
    assert found.result != "clean" or answer.strip().removeprefix("stream:").strip() == "OK"
