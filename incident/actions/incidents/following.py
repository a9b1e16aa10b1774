"""Follow an incident, follow it no longer, choose mail about it, and read what is new."""

import datetime as dt

from incident.actions.unit_of_work import transaction
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.incidents import followers, news


def follow_incident(incident_id: int, person_id: int, by: str, now: dt.datetime, *, is_wanted: bool = True) -> None:
    """Let a person follow an incident, or follow it no longer; it is theirs alone and in no journal."""
    with transaction(by, now):
        if is_wanted:
            followers.follow(incident_id, person_id, now)
        else:
            followers.unfollow(incident_id, person_id)


def choose_news_mail(person_id: int, by: str, now: dt.datetime, *, is_wanted: bool) -> None:
    """Let a person get mail of the incidents that they follow, or none; it is in no journal."""
    with transaction(by, now):
        db.session.get_one(Person, person_id).is_mailed = is_wanted


def read_news(
    person_id: int, incident_id: int | None, by: str, now: dt.datetime, until: dt.datetime | None = None
) -> None:
    """Mark what is new for a person as read.

    Args:
        person_id: the person.
        incident_id: the incident; None for all.
        by: who.
        now: when (UTC).
        until: the last change that the person was shown; what came later stays new. None for everything.
    """
    with transaction(by, now):
        news.mark_read(person_id, incident_id, until, now)
