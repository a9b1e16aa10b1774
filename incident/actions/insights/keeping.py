"""Keeps the daily sums of insights: it follows the journal, which every use case writes in its own transaction.

Nothing is written on the way of an alert. A piece of work is one transaction; it takes what was counted of some
incidents before out of the sums, and puts in what is counted of them now, so that doing it twice changes nothing.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from incident.actions.playbooks import playbook_loader
from incident.actions.playbooks.playbook_loader import PlaybookFaults, VersionGone
from incident.actions.unit_of_work import transaction
from incident.core.cacao.engine.run import Run as Engine
from incident.core.insights.counting import (
    RULES,
    CountedIncident,
    Happening,
    IncidentHistory,
    SumKey,
    count_incident,
    sums_of,
)
from incident.core.insights.durations import with_letters, without_letters
from incident.store.db.database import advisory_lock
from incident.store.insights import sums
from incident.store.insights.sums import InsightsState
from incident.store.journal import journal
from incident.store.queries import insights_history
from incident.store.queries.insights_history import RawHistory, StepTimeout

SCHEDULER: Final = "scheduler"
FOLLOWED_AT_ONCE: Final = 2_000
COUNTED_AT_ONCE: Final = 25
"""Incidents of one piece of work: other writers wait for some hundredths of a second."""

RECOUNTED_AT_ONCE: Final = 50
"""The same while all incidents are counted again, which is faster by larger pieces."""

NAME_LIMIT: Final = 290
BETWEEN: Final = "\n"
"""What stands between the names of playbook and step in the words of a step."""


def keep_sums(zone: ZoneInfo, now: dt.datetime) -> bool:
    """Do one piece of the counting that is due; return whether there was any.

    The first time, and after a change of the time zone or of the rules, all incidents are counted again piece by piece.

    Args:
        zone: the time zone of the organisation, which the days belong to.
        now: when (UTC).
    """
    if not _is_due(sums.insights_state(), zone):
        return False
    with transaction(SCHEDULER, now):
        advisory_lock("insights")
        state = sums.insights_state()
        if state is None or not _is_of(state, zone):
            _begin(zone, now)
            return True
        followed = insights_history.entries_to_follow(state.counted_seq, FOLLOWED_AT_ONCE, COUNTED_AT_ONCE)
        if followed is not None:
            _count(insights_history.ids_of_numbers(followed.numbers), zone)
            state.counted_seq, state.counted_at = followed.seq, followed.at
        elif state.recounted_id is not None:
            ids = insights_history.ids_after(state.recounted_id, RECOUNTED_AT_ONCE)
            _count(ids, zone)
            state.recounted_id = max(ids, default=None)
    return True


def rebuild_sums(zone: ZoneInfo, by: str, now: dt.datetime, said: Callable[[int], None] = lambda _: None) -> None:
    """Delete the sums and count all incidents again, piece by piece; the scheduler goes on when it is broken off.

    Args:
        zone: the time zone of the organisation.
        by: who.
        now: when (UTC).
        said: is called with the id of the last incident after each piece.
    """
    with transaction(by, now) as uow:
        advisory_lock("insights")
        _begin(zone, now)
        uow.record("insights.rebuilt", "instance", {"zone": zone.key})
    while keep_sums(zone, now):
        state = sums.insights_state()
        said(0 if state is None or state.recounted_id is None else state.recounted_id)


def _is_due(state: InsightsState | None, zone: ZoneInfo) -> bool:
    if state is None or not _is_of(state, zone) or state.recounted_id is not None:
        return True
    return journal.last_change_of(None) > state.counted_seq


def _is_of(state: InsightsState, zone: ZoneInfo) -> bool:
    return (state.zone, state.rules) == (zone.key, RULES)


def _begin(zone: ZoneInfo, now: dt.datetime) -> None:
    sums.forget_sums()
    sums.begin_state(journal.last_change_of(None), now, zone.key, RULES)


def _count(incident_ids: Collection[int], zone: ZoneInfo) -> None:
    """Count incidents again, within the caller's transaction."""
    before = sums.counted_before(incident_ids)
    after = {
        incident_id: count_incident(_history(raw), zone)
        for incident_id, raw in insights_history.histories_of(incident_ids).items()
    }
    changed = {incident_id: one for incident_id, one in after.items() if before.get(incident_id) != one}
    sums.put_counted(changed)
    _move(_total(before[one] for one in changed if one in before), _total(changed.values()))


def _total(counted: Iterator[CountedIncident] | Collection[CountedIncident]) -> Counter[tuple[SumKey, str]]:
    found: Counter[tuple[SumKey, str]] = Counter()
    for one in counted:
        found.update(sums_of(one))
    return found


def _move(taken: Counter[tuple[SumKey, str]], given: Counter[tuple[SumKey, str]]) -> None:
    """Take letters out of the sums and put others in."""
    lost, won = taken - given, given - taken
    keys = {key for key, _ in (*lost, *won)}
    present = sums.sums_by_keys(keys)
    moved: dict[SumKey, tuple[int, str]] = {}
    less, more = _by_key(lost), _by_key(won)
    for key in keys:
        number, letters = present.get(key, (0, ""))
        number += len(more.get(key, ())) - len(less.get(key, ()))
        kept = without_letters(letters, filter(None, less.get(key, ())))
        moved[key] = (number, with_letters(kept, filter(None, more.get(key, ()))))
    sums.put_sums(moved, present.keys())


def _by_key(found: Counter[tuple[SumKey, str]]) -> Mapping[SumKey, list[str]]:
    letters: dict[SumKey, list[str]] = {}
    for (key, letter), count in found.items():
        letters.setdefault(key, []).extend([letter] * count)
    return letters


def _history(raw: RawHistory) -> IncidentHistory:
    """Return a history with the words of the steps that timed out."""
    if not raw.timeouts:
        return raw.history
    late = [
        Happening("timed_out", one.at, department_id=one.department_id, item=_words(one), is_red=one.run.is_red)
        for one in raw.timeouts
    ]
    return replace(raw.history, happenings=(*raw.history.happenings, *late))


def _words(timeout: StepTimeout) -> str:
    """Return the names of playbook and step, as they were in the version that ran."""
    run = timeout.run
    try:
        engine = Engine.from_json(run.document)
        record = engine.steps[timeout.step]
        called = engine.calls.get(record.key.removesuffix(record.step_id), "")
        step = playbook_loader.pinned(run.pins).playbook(called).steps[record.step_id]
        name = step.name or step.description or step.id.partition("--")[0]
    except (VersionGone, PlaybookFaults, KeyError):
        name = ""
    return f"{run.name[:NAME_LIMIT]}{BETWEEN}{name[:NAME_LIMIT]}"
