"""Verification of the journal in the database: intact, or the first change made outside the program."""

import pytest
from sqlalchemy import delete, insert, update

from incident.actions.journal import verifying
from incident.actions.journal.verifying import verify_journal
from incident.actions.unit_of_work import transaction
from incident.core.journal import verification
from incident.core.journal.chain import Entry as Read
from incident.core.journal.chain import Head
from incident.core.journal.event_types import EVENT_TYPE_WORDS
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.journal import append_only
from incident.store.journal.journal import Entry, JournalHead
from tests.house import source
from tests.world import START, World, rows


def behind_its_back(statement) -> None:
    with transaction("nobody", START) as uow, append_only.lifted(uow.connection, "journal"):
        db.session.execute(statement.execution_options(synchronize_session=False))


@pytest.fixture
def written(world: World) -> World:
    """A world whose journal has ten entries."""
    for number in range(10):
        world.department(f"d{number}")
    return world


def found(expected: str | None = None) -> tuple[str | None, int | None]:
    verdict = verify_journal(expected)
    return verdict.fault, verdict.seq


def test_an_untouched_journal_is_whole_and_says_where_it_ends(written: World) -> None:
    verdict = verify_journal()
    assert (verdict.is_intact, verdict.count, verdict.hash) == (True, 10, rows(Entry)[-1].hash)


def test_an_empty_journal_is_whole(world: World) -> None:
    assert (verify_journal().is_intact, verify_journal().count) == (True, 0)


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (update(Entry).where(Entry.seq == 4).values(actor="person:9:Somebody Else"), ("changed", 4)),
        (update(Entry).where(Entry.seq == 4).values(detail='{"code":"d3","name":"x","parent":null}'), ("changed", 4)),
        (update(Entry).where(Entry.seq == 4).values(detail="not JSON"), ("changed", 4)),
        (update(Entry).where(Entry.seq == 4).values(incident="INC-2026-000009"), ("changed", 4)),
        (delete(Entry).where(Entry.seq == 6), ("removed", 6)),
        (delete(Entry).where(Entry.seq == 10), ("removed", 10)),
    ],
)
def test_what_was_done_to_the_journal_is_named_with_its_place(written: World, statement, verdict) -> None:
    behind_its_back(statement)
    assert found() == verdict


def test_an_entry_put_in_at_the_end_is_named(written: World) -> None:
    last = rows(Entry)[-1]
    row = {
        "seq": 11, "at": last.at, "actor": "x", "event_type": "incident.closed", "incident": None,
        "subject": "incident:1", "detail": "{}", "hash": "0" * 64,
    }  # fmt: skip
    behind_its_back(insert(Entry).values(row))
    assert found() == ("inserted", 11)


def test_two_entries_that_changed_places_are_named(written: World) -> None:
    for seq, to in ((3, 99), (4, 3), (99, 4)):
        behind_its_back(update(Entry).where(Entry.seq == seq).values(seq=to))
    assert found() == ("moved", 3)


def test_a_chain_made_anew_does_not_fit_a_head_that_was_printed_before(written: World) -> None:
    printed = str(verify_journal().head)
    written.department("later")
    assert found(printed) == (None, None)
    behind_its_back(delete(Entry))
    behind_its_back(update(JournalHead).values(count=0, hash="0" * 64))
    for number in range(12):
        written.department(f"new{number}")
    assert found() == (None, None)
    assert found(printed) == ("rewritten", 10)


def test_a_head_that_is_none_is_refused(written: World) -> None:
    with pytest.raises(RuleError, match="head"):
        verify_journal("ten")


def test_every_event_type_of_an_action_has_words() -> None:
    import ast

    entered = {
        node.args[0].value
        for file in source.files("incident/actions")
        for node in ast.walk(source.tree(file))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "record"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }
    assert len(entered) > 30
    assert sorted(entered - EVENT_TYPE_WORDS.keys()) == []
    assert {f"message.{state}" for state in ("accepted", "failed", "refused", "given_up")} <= EVENT_TYPE_WORDS.keys()
    assert {"run.advanced", "run.ended", "run.started", "run.paused", "run.resumed"} <= EVENT_TYPE_WORDS.keys()
    assert {"step.retried", "step.overridden", "alert.resolved", "alert.attached"} <= EVENT_TYPE_WORDS.keys()


def test_a_walk_resumes_from_a_checkpoint_and_reads_no_entry_before_it(
    written: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = verify_journal().head
    written.department("later")
    read: list[int] = []
    row = verification.stored_row

    def spied(entry: Read, detail: str, hash: str) -> verification.Stored:
        read.append(entry.seq)
        return row(entry, detail, hash)

    monkeypatch.setattr(verifying, "stored_row", spied)
    verdict = verify_journal(checkpoint=head)
    assert (verdict.is_intact, verdict.count, read) == (True, 11, [10, 11])


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (update(Entry).where(Entry.seq == 10).values(actor="somebody else"), ("changed", 10)),
        (update(Entry).where(Entry.seq == 11).values(actor="somebody else"), ("changed", 11)),
        (delete(Entry).where(Entry.seq == 11), ("removed", 11)),
        (delete(Entry).where(Entry.seq >= 10), ("removed", 10)),
        (delete(Entry), ("removed", 10)),
    ],
)
def test_what_was_done_since_the_checkpoint_is_named(written: World, statement, verdict) -> None:
    head = verify_journal().head
    written.department("later")
    behind_its_back(statement)
    found = verify_journal(checkpoint=head)
    assert (found.fault, found.seq) == verdict


def test_a_chain_made_anew_up_to_the_checkpoint_is_not_the_one_that_was_verified(written: World) -> None:
    head = verify_journal().head
    other = Head(head.count, head.hash[::-1])
    found = verify_journal(checkpoint=other)
    assert (found.fault, found.seq) == ("rewritten", 10)


def test_a_checkpoint_of_an_empty_journal_and_a_head_before_a_checkpoint(world: World) -> None:
    empty = verify_journal().head
    world.department("first")
    assert verify_journal(checkpoint=empty).count == 1
    head = verify_journal().head
    world.department("second")
    assert verify_journal(str(verify_journal().head), head).is_intact
    with pytest.raises(RuleError) as caught:
        verify_journal(f"0:{'0' * 64}", head)
    assert caught.value.code == "journal.head_before_checkpoint"
