"""Verification names the first entry that was tampered with."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.journal.chain import EMPTY, Entry, Head, canonical_entry, link
from incident.core.journal.verification import Stored, VerificationResult, stored_row, verify

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
COUNT = 12


def stored_chain(entries: Iterable[Entry], head: Head = EMPTY) -> Iterator[Stored]:
    reached = head.hash
    for entry in entries:
        reached = link(reached, canonical_entry(entry))
        yield Stored(entry, reached)


def chain(count: int = COUNT) -> list[Stored]:
    entries = (
        Entry(seq, AT + timedelta(seconds=seq), "delivery", "run.advanced", "INC-2026-000001", f"run:{seq}", {"n": seq})
        for seq in range(1, count + 1)
    )
    return list(stored_chain(entries))


WHOLE = chain()
HEAD = Head(COUNT, WHOLE[-1].hash)


def renumbered(rows: list[Stored]) -> list[Stored]:
    return [Stored(replace(row.entry, seq=seq), row.hash) for seq, row in enumerate(rows, 1)]


def named(rows: list[Stored], head: Head | None = HEAD, expected: Head | None = None) -> tuple[str | None, int | None]:
    verdict = verify(rows, head, expected)
    return verdict.fault, verdict.seq


def test_an_intact_journal_ends_at_its_head() -> None:
    assert verify(WHOLE, HEAD, HEAD) == VerificationResult(COUNT, HEAD.hash)
    assert verify(WHOLE).is_intact
    assert verify(WHOLE).head == HEAD


def test_an_empty_journal_is_intact() -> None:
    assert verify([]) == VerificationResult(0, "0" * 64)


@given(st.integers(1, COUNT), st.sampled_from(["at", "actor", "event_type", "incident", "subject", "detail"]))
def test_a_changed_entry_is_named(seq: int, member: str) -> None:
    changes = {
        "at": AT + timedelta(microseconds=1),
        "actor": "person:1",
        "event_type": "incident.closed",
        "incident": None,
        "subject": None,
        "detail": {"n": 0},
    }
    rows = list(WHOLE)
    rows[seq - 1] = Stored(replace(rows[seq - 1].entry, **{member: changes[member]}), rows[seq - 1].hash)  # type: ignore[arg-type]
    assert named(rows) == ("changed", seq)
    assert verify(rows, HEAD).head == Head(seq - 1, WHOLE[seq - 2].hash if seq > 1 else "0" * 64)


@given(st.integers(1, COUNT))
def test_a_changed_hash_is_named(seq: int) -> None:
    rows = list(WHOLE)
    rows[seq - 1] = Stored(rows[seq - 1].entry, "f" * 64)
    assert named(rows) == ("changed", seq)


@given(st.integers(1, COUNT))
def test_a_removed_entry_is_named(seq: int) -> None:
    assert named(WHOLE[: seq - 1] + WHOLE[seq:]) == ("removed", seq)


@given(st.integers(1, COUNT - 2), st.integers(1, 4))
def test_a_removed_entry_is_named_though_the_rest_was_renumbered(seq: int, count: int) -> None:
    rows = renumbered(WHOLE[: seq - 1] + WHOLE[seq - 1 + count :])
    fault, place = named(rows)
    is_at_the_end = len(rows) < seq + 1
    assert place == seq
    assert fault == "removed" or (is_at_the_end and fault == "changed")


@given(st.integers(0, COUNT - 1))
def test_entries_cut_off_the_end_are_missed(left: int) -> None:
    assert named(WHOLE[:left]) == ("removed", left + 1)
    assert named(WHOLE[:left], None, HEAD) == ("removed", left + 1)


@given(st.integers(1, COUNT), st.booleans())
def test_an_inserted_entry_is_named(seq: int, is_chained: bool) -> None:
    before = WHOLE[seq - 2].hash if seq > 1 else "0" * 64
    forged = Entry(seq, AT, "person:1", "incident.acknowledged")
    [row] = stored_chain([forged], Head(seq - 1, before)) if is_chained else [Stored(forged, "e" * 64)]
    rows = renumbered([*WHOLE[: seq - 1], row, *WHOLE[seq - 1 :]])
    assert named(rows, Head(COUNT + 1, HEAD.hash)) == ("inserted", seq)


def test_an_entry_added_behind_the_head_is_named() -> None:
    [row] = stored_chain([Entry(COUNT + 1, AT, "person:1", "incident.acknowledged")], HEAD)
    assert named([*WHOLE, row]) == ("inserted", COUNT + 1)
    assert named([*WHOLE, Stored(row.entry, "e" * 64)]) == ("inserted", COUNT + 1)


def test_a_second_entry_of_the_same_number_is_named() -> None:
    assert named([*WHOLE[:5], WHOLE[4], *WHOLE[5:]]) == ("inserted", 5)


@given(st.lists(st.integers(1, COUNT), min_size=2, max_size=2, unique=True))
def test_a_moved_entry_is_named(places: list[int]) -> None:
    source, target = places
    rows = list(WHOLE)
    rows.insert(target - 1, rows.pop(source - 1))
    fault, seq = named(renumbered(rows))
    assert seq == min(source, target)
    assert fault == "moved"


@given(st.lists(st.integers(1, COUNT), min_size=2, max_size=2, unique=True))
def test_two_entries_that_changed_places_are_named(places: list[int]) -> None:
    one, other = sorted(places)
    rows = list(WHOLE)
    rows[one - 1], rows[other - 1] = rows[other - 1], rows[one - 1]
    assert named(renumbered(rows)) == ("moved", one)


def test_an_entry_whose_number_alone_was_changed_is_moved() -> None:
    last = WHOLE[-1]
    assert named([*WHOLE[:-1], Stored(replace(last.entry, seq=99), last.hash)]) == ("moved", COUNT)


@given(st.integers(1, COUNT), st.integers(1, COUNT))
def test_a_chain_made_anew_fits_its_own_head_but_no_head_printed_before(changed: int, printed: int) -> None:
    entries = [row.entry for row in WHOLE]
    entries[changed - 1] = replace(entries[changed - 1], actor="person:1")
    rows = list(stored_chain(entries))
    own = Head(COUNT, rows[-1].hash)
    assert verify(rows, own).is_intact
    expected = Head(printed, WHOLE[printed - 1].hash)
    if changed <= printed:
        assert named(rows, own, expected) == ("rewritten", printed)
    else:
        assert verify(rows, own, expected).is_intact


def test_a_head_that_does_not_fit_the_last_entry_is_named() -> None:
    assert named(WHOLE, Head(COUNT, "a" * 64)) == ("rewritten", COUNT)


def test_the_journal_grows_without_losing_an_old_head() -> None:
    assert verify(chain(40), expected_head=HEAD).is_intact


def test_a_walk_holds_only_a_few_entries_at_a_time() -> None:
    alive, most = 0, 0

    class Counted(Entry):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def rows() -> Iterator[Stored]:
        nonlocal alive, most
        for row in chain(2_000):
            alive += 1
            most = max(most, alive)
            entry = row.entry
            yield Stored(
                Counted(
                    entry.seq, entry.at, entry.actor, entry.event_type, entry.incident, entry.subject, entry.detail
                ),
                row.hash,
            )

    assert verify(rows()).is_intact
    assert most < 10


@pytest.mark.parametrize(
    "text", ["{", "", "null", "[]", '{"n": 1e400}', '{"n": 99999999999999999999}', "[" * 100_000, "[" * 600 + "]" * 600]
)
def test_a_detail_that_was_spoilt_in_the_database_is_a_changed_entry(text: str) -> None:
    rows = list(WHOLE)
    rows[3] = stored_row(rows[3].entry, text, rows[3].hash)
    assert named(rows) == ("changed", 4)


def test_a_detail_comes_back_from_its_text() -> None:
    entry = replace(WHOLE[0].entry, detail={})
    assert stored_row(entry, '{"n": 1}', WHOLE[0].hash) == WHOLE[0]
