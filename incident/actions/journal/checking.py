"""Check the journal in pieces: ask for it, do the next piece, cancel it.

Each piece is read in one snapshot and noted in a short transaction: the check goes on after the process was killed.
"""

import datetime as dt
from dataclasses import replace

from sqlalchemy.exc import InterfaceError, OperationalError

from incident.actions.journal.verifying import verify_piece, verify_rest
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.journal.check import PIECE, JournalCheck
from incident.store.db.database import advisory_lock, begin_snapshot, db
from incident.store.journal import anchors, checks, journal

CHECKER = "journal"
"""The actor of what the job does, and the subject of its entries."""

AWAY = (OperationalError, InterfaceError)
"""Faults of the connection and not of the check: it is tried again."""


def request_check(by: str, now: dt.datetime) -> JournalCheck:
    """Ask for a check of the whole journal; a job makes it. One that runs already stands."""
    with transaction(by, now) as uow:
        advisory_lock("journal check")
        if (running := checks.running_check()) is not None:
            return running
        head = journal.head()
        check = JournalCheck(by, now, 0 if head is None else head.count)
        checks.put_checks(check, checks.last_check())
        uow.record("journal.check_requested", CHECKER)
    return check


def cancel_check(by: str, now: dt.datetime) -> None:
    """Cancel the check that runs, if one does; the last result stays."""
    with transaction(by, now) as uow:
        advisory_lock("journal check")
        running = checks.running_check()
        if running is not None:
            checks.put_checks(None, checks.last_check())
            uow.record("journal.check_cancelled", CHECKER, {"entries": running.reached.count})


def check_next_piece(now: dt.datetime, size: int = PIECE) -> bool:
    """Check the next piece of the journal; return whether there was one to check.

    Args:
        now: when (UTC).
        size: the number of its entries.
    """
    running = checks.running_check()
    if running is None:
        db.session.rollback()
        return False
    try:
        after = _checked(running, size, now)
    except AWAY:
        raise
    except Exception:
        _store(running, replace(running, state="failed", ended_at=now), now)
        raise
    _store(running, after, now)
    return True


def _checked(running: JournalCheck, size: int, now: dt.datetime) -> JournalCheck:
    begin_snapshot()
    reached = verify_piece(running.reached, size)
    if reached is not None:
        return replace(running, reached=reached)
    return running.ended(verify_rest(running.reached), *anchors.compare_stored(), now)


def _store(before: JournalCheck, after: JournalCheck, now: dt.datetime) -> None:
    """Store how far a check is, unless it was cancelled or another process was faster."""
    db.session.rollback()
    with transaction(CHECKER, now) as uow:
        advisory_lock("journal check")
        if checks.running_check() != before:
            return
        if after.is_running:
            checks.put_checks(after, checks.last_check())
        else:
            checks.put_checks(None, after)
            _record(uow, after)


def _record(uow: UnitOfWork, check: JournalCheck) -> None:
    detail = {"for": check.asked_by, "entries": check.reached.count, "anchors": check.anchors}
    if check.is_intact:
        uow.record("journal.checked", CHECKER, detail)
    elif check.state == "done":
        broken = {"fault": check.fault, "entry": check.anchor_seq if check.seq is None else check.seq}
        uow.record("journal.found_broken", CHECKER, {**detail, **broken})
    else:
        uow.record("journal.check_failed", CHECKER, detail)
