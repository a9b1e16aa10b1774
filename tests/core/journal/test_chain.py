"""The chain of the journal: canonical form and links."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from incident.core.journal.chain import GENESIS, Entry, Head, canonical_entry, link, parse_head
from incident.core.values.faults import RuleError

AT = datetime(2026, 11, 21, 3, 0, 0, 5, tzinfo=UTC)
ENTRY = Entry(
    1, AT, "person:3:李伟", "incident.closed", "INC-2026-000001", "incident:1", {"after": {"status": "closed"}}
)
PLAIN = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
DETAILS = st.dictionaries(PLAIN, VALUES, max_size=4)


def test_an_entry_has_one_canonical_form() -> None:
    assert canonical_entry(ENTRY).decode() == (
        '{"actor":"person:3:李伟","at":"2026-11-21T03:00:00.000005Z","detail":{"after":{"status":"closed"}},'
        '"incident":"INC-2026-000001","seq":1,"subject":"incident:1","verb":"incident.closed"}'
    )


@given(DETAILS, PLAIN, st.none() | PLAIN)
def test_the_canonical_form_is_that_of_rfc_8785(detail: dict[str, Any], actor: str, subject: str | None) -> None:
    entry = Entry(7, AT, actor, "incident.noted", None, subject, detail)
    members: dict[str, Any] = {"actor": actor, "at": "2026-11-21T03:00:00.000005Z", "detail": detail}
    whole: Any = {**members, "incident": None, "seq": 7, "subject": subject, "verb": "incident.noted"}
    assert canonical_entry(entry) == rfc8785.dumps(whole)


@given(DETAILS)
def test_a_detail_that_went_through_a_database_keeps_its_form(detail: dict[str, Any]) -> None:
    kept = json.loads(json.dumps(detail, ensure_ascii=False))
    assert canonical_entry(Entry(1, AT, "scheduler", "run.advanced", detail=kept)) == canonical_entry(
        Entry(1, AT, "scheduler", "run.advanced", detail=detail)
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**60, "half \ud800", object(), {1: "x"}])
def test_what_json_cannot_carry_is_refused(value: object) -> None:
    with pytest.raises(RuleError) as caught:
        canonical_entry(Entry(1, AT, "scheduler", "run.advanced", detail={"value": value}))
    assert caught.value.code == "journal.not_canonical"


def test_tuples_and_other_mappings_are_written_as_lists_and_objects() -> None:
    entry = Entry(1, AT, "scheduler", "run.advanced", detail={"codes": ("soc", "legal")})
    assert b'"detail":{"codes":["soc","legal"]}' in canonical_entry(entry)


def test_a_link_covers_the_entry_and_all_before_it() -> None:
    expected = hashlib.sha256(GENESIS.encode() + b"\n" + canonical_entry(ENTRY)).hexdigest()
    assert link(GENESIS, canonical_entry(ENTRY)) == expected
    assert link("1" * 64, canonical_entry(ENTRY)) != expected


def test_a_printed_head_reads_back() -> None:
    head = Head(1, link(GENESIS, canonical_entry(ENTRY)))
    assert parse_head(f" {str(head).upper()}\n") == head


@pytest.mark.parametrize("text", ["", "12", "12:abc", f"x:{GENESIS}", f"-1:{GENESIS}", f"1:{GENESIS}0"])
def test_a_head_that_was_not_printed_by_us_is_refused(text: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_head(text)
    assert caught.value.code == "journal.head_malformed"
