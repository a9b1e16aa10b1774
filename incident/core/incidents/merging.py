"""Which incidents may be merged, and until when a merge can be undone; pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from incident.core.incidents.incident import TLP_LEVELS, Status
from incident.core.values.faults import RuleError

UNDO_FOR: Final = dt.timedelta(hours=24)
"""How long a merge can be undone."""


@dataclass(frozen=True, slots=True)
class MergeSide:
    """One of the two incidents of a merge; `into` is the number that it was merged into before."""

    number: str
    status: Status
    tlp: str
    is_exercise: bool
    into: str | None = None


def refuse_merge(
    duplicate: MergeSide, survivor: MergeSide, live_runs: Sequence[str] = (), open_tasks: Sequence[str] = ()
) -> None:
    """Refuse a merge that is not possible.

    Args:
        duplicate: the incident that would be closed.
        survivor: the incident that would have everything then.
        live_runs: the runs of the duplicate that have not ended.
        open_tasks: its tasks that have not ended.

    Raises:
        RuleError: `merge.with_itself`, `merge.less_strict` (invalid); `merge.exercise`, `merge.duplicate_merged`,
            `merge.duplicate_closed`, `merge.survivor_merged`, `merge.survivor_closed`, `merge.has_live_work`
            (conflict).
    """
    if duplicate.number == survivor.number:
        raise RuleError("merge.with_itself", pointer="/into")
    if duplicate.is_exercise or survivor.is_exercise:
        raise RuleError("merge.exercise", pointer="/into", kind="conflict")
    if duplicate.into is not None:
        raise RuleError("merge.duplicate_merged", kind="conflict")
    if duplicate.status == "closed":
        raise RuleError("merge.duplicate_closed", kind="conflict")
    if survivor.into is not None:
        raise RuleError("merge.survivor_merged", {"number": survivor.number}, pointer="/into", kind="conflict")
    if survivor.status == "closed":
        raise RuleError("merge.survivor_closed", {"number": survivor.number}, pointer="/into", kind="conflict")
    if is_less_strict(survivor.tlp, duplicate.tlp):
        arguments = {"number": survivor.number, "tlp": duplicate.tlp.upper()}
        raise RuleError("merge.less_strict", arguments, pointer="/into")
    if live_runs or open_tasks:
        raise RuleError("merge.has_live_work", {"work": [*live_runs, *open_tasks]}, kind="conflict")


def is_less_strict(tlp: str, other: str) -> bool:
    """Return whether a level of TLP lets more people read than another one."""
    return [*TLP_LEVELS].index(tlp) < [*TLP_LEVELS].index(other)  # type: ignore[arg-type]


def undo_until(merged_at: dt.datetime) -> dt.datetime:
    """Return until when a merge can be undone (UTC)."""
    return merged_at + UNDO_FOR


def refuse_undo(merged_at: dt.datetime, now: dt.datetime, *, is_undone: bool, is_survivor_merged: bool) -> None:
    """Refuse to undo a merge that can no longer be undone.

    Args:
        merged_at: when it happened (UTC).
        now: the moment (UTC).
        is_undone: whether it was undone before.
        is_survivor_merged: whether its survivor was merged into another incident since.

    Raises:
        RuleError: `merge.is_undone`, `merge.too_late`, `merge.undo_later_first` (conflict).
    """
    if is_undone:
        raise RuleError("merge.is_undone", kind="conflict")
    if now >= undo_until(merged_at):
        raise RuleError("merge.too_late", kind="conflict")
    if is_survivor_merged:
        raise RuleError("merge.undo_later_first", kind="conflict")
