"""The check of the journal that somebody asked for: its pieces, its result, and a journal that was tampered with."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import delete, update

from incident.actions.journal import checking
from incident.actions.journal.verifying import verify_journal, verify_piece
from incident.core.journal.check import JournalCheck
from incident.store.db.database import db, table_of
from incident.store.journal import append_only, checks
from incident.store.journal.anchors import Anchored
from incident.store.journal.journal import Entry, hash_at, head
from tests.world import BY, World, rows

SIZE = 5


def finished(world: World) -> JournalCheck:
    """Ask for a check and make all of its pieces."""
    checking.request_check(BY, world.now)
    while checking.check_next_piece(world.now, SIZE):
        pass
    found = checks.last_check()
    assert found is not None
    assert checks.running_check() is None
    return found


def tamper(statement: Any) -> None:
    """Change the journal past the program."""
    connection = db.session.connection()
    with append_only.lifted(connection, "journal"):
        connection.execute(statement)
    db.session.commit()


def anchor(world: World, seq: int, **values: Any) -> None:
    """Record an anchor of an entry."""
    kept = {"at": world.now, "seq": seq, "hash": hash_at(seq), "place": "file", "detail": ""} | values
    db.session.add(Anchored(**kept))
    db.session.commit()


def fill(world: World) -> int:
    """Write more entries than a few pieces hold, and return their number."""
    for _ in range(8):
        world.open("net")
    found = head()
    assert found is not None
    assert found.count > 3 * SIZE
    return found.count


@pytest.fixture(autouse=True)
def _office(world: World) -> None:
    world.department("net", [("desk", 1)])


def test_an_intact_journal_is_checked_in_pieces_as_the_command_does_at_once(world: World) -> None:
    fill(world)
    anchor(world, 2)
    checking.request_check(BY, world.now)
    assert checking.check_next_piece(world.now, SIZE)
    running = checks.running_check()
    assert running is not None
    assert (running.reached.count, running.total) == (SIZE, running.total)
    done = finished(world)  # one that runs stands
    assert done.asked_at == running.asked_at
    assert (done.is_intact, done.anchors, done.asked_by) == (True, 1, BY)
    assert done.reached.count == verify_journal().count - 1  # its own entry came after it
    assert [one.event_type for one in rows(Entry)][-1] == "journal.checked"
    assert not checking.check_next_piece(world.now)


@pytest.mark.parametrize("seq", [1, 7, 12])
def test_what_was_changed_past_the_program_is_found_with_its_entry(world: World, seq: int) -> None:
    fill(world)
    tamper(update(table_of(Entry)).where(Entry.seq == seq).values(actor="person:9:Nobody"))
    done = finished(world)
    assert (done.is_intact, done.fault, done.seq) == (False, "changed", seq)
    assert verify_journal().seq == seq
    assert [one.event_type for one in rows(Entry)][-1] == "journal.found_broken"


def test_what_was_cut_off_the_end_is_found(world: World) -> None:
    count = fill(world)
    tamper(delete(table_of(Entry)).where(Entry.seq > count - 7))
    assert (checked := finished(world)).fault == verify_journal().fault == "removed"
    assert checked.seq == count - 6


def test_an_anchor_that_does_not_fit_is_found_in_a_chain_that_holds(world: World) -> None:
    fill(world)
    anchor(world, 3, hash="0" * 64)
    done = finished(world)
    assert (done.fault, done.anchor_seq, done.is_intact) == (None, 3, False)


def test_a_cancelled_check_leaves_the_last_result(world: World) -> None:
    fill(world)
    last = finished(world)
    checking.request_check(BY, world.now)
    checking.check_next_piece(world.now, SIZE)
    for _ in range(2):
        checking.cancel_check(BY, world.now)
    assert not checking.check_next_piece(world.now, SIZE)
    assert checks.last_check() == last
    assert [one.event_type for one in rows(Entry)].count("journal.check_cancelled") == 1


def test_a_check_that_was_cancelled_meanwhile_is_not_noted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world)
    checking.request_check(BY, world.now)
    plain = verify_piece

    def slowly(*given: Any) -> Any:
        found = plain(*given)
        db.session.rollback()
        checking.cancel_check(BY, world.now)
        return found

    monkeypatch.setattr(checking, "verify_piece", slowly)
    assert checking.check_next_piece(world.now, SIZE)
    assert (checks.running_check(), checks.last_check()) == (None, None)


def test_a_check_that_breaks_says_so_and_does_not_run_forever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    checking.request_check(BY, world.now)

    def broken(*_given: Any) -> Mapping[str, Any]:
        raise ArithmeticError

    monkeypatch.setattr(checking, "verify_piece", broken)
    with pytest.raises(ArithmeticError):
        checking.check_next_piece(world.now)
    found = checks.last_check()
    assert found is not None
    assert (found.state, found.is_intact, checks.running_check()) == ("failed", False, None)
