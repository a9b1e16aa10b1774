"""Rules of public reports: receipts, states, questions, proofs."""

import datetime as dt
import hashlib

import pytest

from incident.core.reports import questions
from incident.core.reports.proof import canonical_report, is_proof_of, proof_content
from incident.core.reports.receipt import format_receipt, read_old_receipt, read_receipt
from incident.core.reports.states import ENDED, STATES, state_after
from incident.data import category_codes
from incident.data.report_categories import incident_category, other_places, report_categories

AT = dt.datetime(2026, 12, 1, 8, 30, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "typed", ["4071223398150042", "4071 2233 9815 0042", "4071-2233-9815-0042", " ４０７１２２３３９８１５００４２\n"]
)
def test_a_receipt_is_read_however_it_is_typed(typed: str) -> None:
    assert read_receipt(typed) == "4071223398150042"
    assert format_receipt("4071223398150042") == "4071 2233 9815 0042"


@pytest.mark.parametrize("typed", ["", "407122339815004", "40712233981500421", "4071 2233 9815 00x2", "٤" * 16])
def test_what_is_no_receipt_is_not_read_as_one(typed: str) -> None:
    assert read_receipt(typed) is None


def test_a_receipt_of_letters_from_before_is_still_read() -> None:
    assert read_old_receipt("4kq2m-7xj3a pp5cw-qh6tz") == "4KQ2M7XJ3APP5CWQH6TZ"
    assert read_receipt("4kq2m-7xj3a-pp5cw-qh6tz") is None
    assert read_old_receipt("4071223398150042") is None


@pytest.mark.parametrize(
    ("before", "statuses", "after"),
    [
        ("received", {"open"}, "accepted"),
        ("accepted", {"closed"}, "handled"),
        ("handled", {"open", "closed"}, "accepted"),
        ("handled", set(), "received"),
        ("verifying", {"closed"}, "verifying"),
        ("replied", set(), "replied"),
    ],
)
def test_a_state_follows_the_incidents_unless_people_have_decided_it(before: str, statuses: set, after: str) -> None:
    assert state_after(before, statuses) == after
    assert set(STATES) >= ENDED


@pytest.mark.parametrize(
    ("answers", "steps"),
    [
        ({}, ["emergency", "kind", "text", "contact", "check"]),
        ({"kind": "question"}, ["emergency", "kind", "text", "contact", "check"]),
        ({"kind": "tip"}, ["emergency", "kind", "category", "text", "where", "about", "contact", "check"]),
        (
            {"kind": "tip", "category": "fraud"},
            ["emergency", "kind", "category", "text", "where", "about", "loss", "contact", "check"],
        ),
        (
            {"kind": "claim"},
            ["emergency", "kind", "category", "text", "where", "about", "evidence", "contact", "check"],
        ),
        ({"kind": "suggestion", "emergency": "danger"}, ["emergency", "urgent", "kind", "text", "contact", "check"]),
    ],
)
def test_only_the_questions_that_matter_are_asked(answers: dict[str, str], steps: list[str]) -> None:
    assert list(questions.steps_of(answers)) == steps


def test_one_goes_forward_and_back_through_the_questions_and_never_past_the_ends() -> None:
    answers = {"kind": "question"}
    assert questions.step_after("kind", answers) == "text"
    assert questions.step_after("check", answers) == "check"
    assert questions.step_before("text", answers) == "kind"
    assert questions.step_before("emergency", answers) == "emergency"
    assert questions.step_after("nonsense", answers) == "emergency"


def test_a_proof_covers_the_report_and_holds_nothing_that_leads_to_it() -> None:
    report = {"text": "A false bank", "url": None, "kind": "tip", "contact": {"name": "Li Wei"}}
    content = proof_content(report, b"s" * 16, "https://here.test", AT)
    assert set(content) == {"type", "sha256", "salt", "instance", "minute"}
    assert content["minute"] == "2026-12-01T08:30:00Z"
    assert content["sha256"] == hashlib.sha256(b"s" * 16 + b'{"kind":"tip","text":"A false bank"}').hexdigest()
    assert is_proof_of(content, {"text": "A false bank", "kind": "tip"})
    assert not is_proof_of(content, {"text": "A false bank.", "kind": "tip"})
    assert not is_proof_of({**content, "salt": "?"}, report)
    assert b"Li Wei" not in canonical_report(report)


def test_there_are_at_most_sixteen_categories_each_with_examples_and_a_known_code() -> None:
    found = report_categories()
    assert len(found) == 16
    for one in found.values():
        assert one.examples_en
        assert one.examples_zh
        assert one.bodies
        assert one.protection in ("sealed", "protected")
        assert one.gbt is None or one.gbt in category_codes()
    assert incident_category("fraud") == "ICFRAUD"
    assert incident_category("gambling") is None
    assert incident_category("MPRANS") == "MPRANS"


def test_the_directory_names_the_lines_that_other_matters_belong_to() -> None:
    codes = {one.code for one in other_places()}
    assert {"110", "96110", "12315", "12381", "12388", "12389", "12345", "platform"} <= codes
