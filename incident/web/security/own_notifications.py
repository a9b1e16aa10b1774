"""The caller's own notification centre: its items, and until when they have read it."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from incident.core.values.moment import format_moment, parse_moment
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.queries.notification_centre import CentreItem, list_centre
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import require_caller
from incident.web.security.document_access import awaited_states

PLACE: Final = (str, str, int)
"""The types of the parts of a cursor, as `centre_place` returns them."""


def centre_items(place: tuple[str, str, int] | None, limit: int) -> Sequence[CentreItem]:
    """Return what needs or concerns the caller, the newest first; nothing for a program.

    Args:
        place: that of the last item of the previous page.
        limit: the maximum number.

    Raises:
        RuleError: that of a moment that is none.
    """
    after = None if place is None else (parse_moment(place[0], "?cursor"), place[1], place[2])
    if require_caller().person_id is None:
        return ()
    viewer = access.viewer()
    return list_centre(viewer, awaited_states(viewer.role), now(), after, limit)


def centre_place(item: CentreItem) -> Sequence[int | str]:
    """Return the place of an item for a cursor."""
    return format_moment(item.at), item.kind, item.id


def has_read_until() -> dt.datetime | None:
    """Return when the newest notification came that the caller has marked as read; None when they never have."""
    person_id = require_caller().person_id
    person = None if person_id is None else db.session.get(Person, person_id)
    return None if person is None else person.notifications_read_at
