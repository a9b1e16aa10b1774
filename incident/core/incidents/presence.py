"""Presence on the page of an incident: how long it counts, and for whom it is visible."""

import datetime as dt
from typing import Final

from incident.core.values.access import Id, Viewer, may

REFRESHED_EVERY: Final = 15.0
"""Interval (s) at which a process writes again which pages it has open."""

PRESENT_FOR: Final = dt.timedelta(seconds=40)
"""After this time without a word of the process, nobody counts as looking."""


def may_see_viewer(viewer: Viewer, person_id: Id, department_id: Id | None) -> bool:
    """Whether a viewer is shown that a person of a department looks at an incident that both may see.

    Nobody is shown themselves. Without the journal, which names people, only those of the own departments are shown.
    """
    if person_id == viewer.person_id:
        return False
    return may(viewer.role, "journal.read") or department_id in viewer.department_ids
