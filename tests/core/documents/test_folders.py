"""Case folders: what is there, in progress and missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.documents.flow import DOCUMENT_STATES, NUMBERED
from incident.core.documents.folders import held_parts, missing_parts, read_case_kinds
from incident.data.case_folders import case_kinds

CASE = case_kinds()["inspection"]
KINDS = sorted({kind for part in CASE.parts for kind in part.kinds})
DOCUMENTS = st.lists(st.tuples(st.integers(1, 99), st.sampled_from(KINDS), st.sampled_from(DOCUMENT_STATES)))


def states(documents: list[tuple[int, str, str]], papers: list[tuple[int, str]]) -> list[str]:
    """The states of the parts of a folder of an inspection."""
    return [one.state for one in held_parts(CASE, documents, papers)]


def test_an_empty_folder_misses_every_part_and_names_them_in_order() -> None:
    missing = missing_parts(held_parts(CASE, [], []))
    assert [one.title["zh"] for one in missing] == [
        "检查通知书",
        "限期整改通知书",
        "送达回证",
        "整改报告",
        "复查意见书",
    ]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("draft", "in_progress"),
        ("to_sign", "in_progress"),
        ("signed", "there"),
        ("served", "there"),
        ("void", "missing"),
    ],
)
def test_a_part_is_there_from_its_signature_on(state: str, expected: str) -> None:
    assert states([(1, "inspection-notice", state)], [])[0] == expected


def test_a_report_that_came_in_and_a_signed_receipt_that_came_back_are_parts() -> None:
    found = states([], [(1, "rectification_report"), (2, "signed_receipt"), (3, "letter")])
    assert found == ["missing", "missing", "there", "there", "missing"]


@given(DOCUMENTS)
def test_a_folder_is_complete_only_with_a_signed_document_or_a_paper_for_each_part(
    documents: list[tuple[int, str, str]],
) -> None:
    for one in held_parts(CASE, documents, []):
        signed = [key for key, kind, state in documents if kind in one.part.kinds and state in NUMBERED]
        assert (one.state == "there") == bool(signed)


def test_a_case_that_names_an_unknown_kind_is_refused() -> None:
    wrong: tuple[dict[str, list[str]], ...] = (
        {"kinds": ["nothing"], "papers": []},
        {"kinds": [], "papers": []},
        {"kinds": [], "papers": ["x"]},
    )
    for part in wrong:
        with pytest.raises(ValueError, match="case"):
            read_case_kinds([{"id": "case", "title": {}, "parts": [{"title": {}, **part}]}], ["something"])
