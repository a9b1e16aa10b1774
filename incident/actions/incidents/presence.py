"""Note who has the page of an incident open."""

import datetime as dt
from collections.abc import Collection

from incident.actions.unit_of_work import transaction
from incident.store.incidents.presence import note_viewers, remove_viewers

Pages = Collection[tuple[int, int]]
"""Pairs of the ids of an incident and of a person."""


def note_pages(opened: Pages, closed: Pages, now: dt.datetime) -> None:
    """Write who has which pages open, and who has closed them; it is in no journal."""
    with transaction("web", now):
        remove_viewers(closed)
        note_viewers(opened, now)
