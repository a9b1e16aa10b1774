"""Merges as the page of an incident shows them: only incidents that the viewer may see are named."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from incident.core.incidents.merging import undo_until
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.incidents.merges import IncidentMerge, merge_of, merges_around
from incident.web.instance import now
from incident.web.pages.frame import is_permitted
from incident.web.security import access


@dataclass(frozen=True)
class MergeView:
    """A merge; `other` is the other incident, None when the viewer may not see it."""

    merge: IncidentMerge
    other: Incident | None
    undo_until: dt.datetime
    may_undo: bool


@dataclass(frozen=True)
class MergingView:
    """The merge by which an incident went into another one, and those that went into it."""

    away: MergeView | None
    duplicates: Sequence[MergeView]
    may_merge: bool


def merging_view(incident: Incident) -> MergingView:
    """Return the merges of an incident as far as the viewer may see them."""
    around = merges_around(incident.id)
    away = next((one for one in around if one.duplicate_id == incident.id), None)
    duplicates = [_view(one, one.duplicate_id) for one in around if one.survivor_id == incident.id]
    is_open = incident.status != "closed" and not incident.is_exercise
    return MergingView(
        away=None if away is None else _view(away, away.survivor_id),
        duplicates=[one for one in duplicates if one.other is not None],
        may_merge=is_open and is_permitted("incident.close"),
    )


def _view(merge: IncidentMerge, other_id: int) -> MergeView:
    other, until = db.session.get_one(Incident, other_id), undo_until(merge.merged_at)
    is_seen = access.may_see(other)
    is_possible = now() < until and merge_of(merge.survivor_id) is None
    return MergeView(
        merge, other if is_seen else None, until, is_seen and is_possible and is_permitted("incident.reopen")
    )
