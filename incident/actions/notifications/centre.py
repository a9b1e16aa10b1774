"""Mark the notifications of a person as read."""

import datetime as dt

from incident.actions.unit_of_work import transaction
from incident.core.notifications.centre import read_until
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.incidents import news


def read_notifications(person_id: int, by: str, now: dt.datetime, until: dt.datetime | None = None) -> None:
    """Mark all notifications of a person as read; it is theirs alone and in no journal.

    Args:
        person_id: the person.
        by: who.
        now: when (UTC).
        until: when the newest one came that they were shown; what came later stays unread. None for everything.
    """
    with transaction(by, now):
        person = db.session.get_one(Person, person_id, with_for_update={"of": Person}, populate_existing=True)
        person.notifications_read_at = read_until(person.notifications_read_at, until, now)
        news.mark_read(person_id, None, until, now)
