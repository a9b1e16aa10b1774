"""Anchors of the journal: when one is sent, its record, and what external anchors prove."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident.actions.journal.verifying import verify_present
from incident.actions.unit_of_work import transaction
from incident.core.journal.anchor import Anchor, AnchorFinding, Failing, Place, due_places, findings_of
from incident.core.journal.chain import Head
from incident.core.journal.verification import VerificationResult
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment, parse_moment
from incident.store.db.database import advisory_lock, begin_snapshot, db
from incident.store.journal import anchors, journal

BY = "anchor"

MAX_SENDING = dt.timedelta(minutes=5)
"""Time limit for one process to send; after it another begins, because the first may have died."""

MAX_TIME_STAMP = 64 * 1024


@dataclass(frozen=True, slots=True)
class AnchorOutcome:
    """Reply of a place: whether it accepted the anchor, its detail, and the time stamp that it returned."""

    place: Place
    is_taken: bool
    detail: str
    time_stamp: bytes | None = None


def is_any_due(places: Sequence[Place], now: dt.datetime) -> bool:
    """Whether a place is due and no process is sending; reads only."""
    found = due_places(places, anchors.newest_by_place(), anchors.failing(), now)
    return bool(found) and _is_free(now)


def begin_sending(places: Sequence[Place], by: str, now: dt.datetime) -> tuple[Place, ...]:
    """Return the places to send an anchor to, and prevent other processes from sending meanwhile.

    Args:
        places: all places of the settings.
        by: the process.
        now: when (UTC).
    """
    with transaction(BY, now):
        advisory_lock("anchors")
        failing = anchors.failing()
        due = due_places(places, anchors.newest_by_place(), failing, now) if _is_free(now) else ()
        if due:
            anchors.put_state(failing, {"by": by, "until": format_moment(now + MAX_SENDING)})
    return due


def _is_free(now: dt.datetime) -> bool:
    try:
        until = parse_moment(anchors.anchor_sender().get("until"))
    except RuleError:
        return True
    return not now < until <= now + MAX_SENDING


def present_head() -> Head | None:
    """Return the head of the journal, None when it has no entry yet."""
    found = journal.head()
    return Head(found.count, found.hash) if found and found.count else None


def enter_outcomes(head: Head, outcomes: Sequence[AnchorOutcome], places: Sequence[Place], now: dt.datetime) -> None:
    """Record where an anchor was sent, and which places failed.

    Args:
        head: the head that was sent.
        outcomes: the replies of the places that it was sent to.
        places: all places of the settings; failures of others are dropped.
        now: when (UTC).
    """
    with transaction(BY, now) as uow:
        advisory_lock("anchors")
        for one in outcomes:
            if one.is_taken:
                values = {"at": now, "seq": head.count, "hash": head.hash, "place": one.place.name}
                uow.insert(anchors.Anchored, **values, detail=one.detail[:500], time_stamp=one.time_stamp)
        anchors.put_state(_failing(outcomes, places, now), None)
        if taken := [one.place.name for one in outcomes if one.is_taken]:
            uow.record("journal.anchored", "journal", {"head": str(head), "places": taken})


def _failing(outcomes: Sequence[AnchorOutcome], places: Sequence[Place], now: dt.datetime) -> Mapping[str, Failing]:
    names = {one.name for one in places}
    found = {name: one for name, one in anchors.failing().items() if name in names}
    for one in outcomes:
        before = found.pop(one.place.name, None)
        if not one.is_taken:
            fresh = Failing(now, now, 0, "") if before is None else before
            found[one.place.name] = fresh.again(now, one.detail)
    return found


def verify_with_anchors(
    found: Sequence[Anchor], expected: Head | None = None
) -> tuple[VerificationResult, list[AnchorFinding]]:
    """Verify the whole journal, and compare external anchors with the same state of it.

    Args:
        found: the anchors.
        expected: a head that was printed before.
    """
    begin_snapshot()
    verdict = verify_present(expected)
    db.session.expunge_all()
    return verdict, findings_of(found, journal.hash_at, anchors.heads)
