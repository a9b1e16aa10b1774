"""The audience of news on an incident: followers and mentioned people, while they may see it."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

from incident.core.documents.markings import may_see_marking
from incident.core.incidents.news import Kind, mentioned_logins
from incident.core.values.access import IncidentFacts, may_see_incident, viewer_of
from incident.store.directory.people import Person, active_by_logins, people_of
from incident.store.incidents.followers import followers_of, queue_mails
from incident.store.incidents.incidents import Incident, departments_on, people_on
from incident.store.incidents.news import put_news
from incident.store.notifications.notice_departments import departments_above_on


class Announcement(NamedTuple):
    """A change of which people are notified; `words` is the new grade, status or owner, the resolution or a reason."""

    incident: Incident
    kind: Kind
    words: str


def notify_followers(what: Announcement, by: str, now: dt.datetime) -> None:
    """Notify the followers of an incident of a change, and of a deadline its owner too.

    Those who made it or may no longer see the incident are left out.
    """
    ids = set(followers_of(what.incident.id))
    if what.kind == "deadline" and what.incident.owner_id is not None:
        ids.add(what.incident.owner_id)
    if ids:
        _tell(what, people_of(sorted(ids)), by, now)


def notify_mentioned(incident: Incident, note: str, by: str, now: dt.datetime) -> list[str]:
    """Notify the people whom a note mentions; return the sign-in names of those who may see the incident."""
    named = mentioned_logins(note)
    people = who_may_see(incident, active_by_logins(named))
    if people:
        _tell(Announcement(incident, "mentioned", note), people, by, now)
    found = {one.login for one in people}
    return [login for login in named if login in found]


def notify_proposer(incident: Incident, person_id: int, reason: str, by: str, now: dt.datetime) -> None:
    """Notify the person who proposed something about an incident that it was declined, and why."""
    _tell(Announcement(incident, "declined", reason), people_of([person_id]), by, now)


def notify_action_owner(incident: Incident, kind: Kind, person_id: int, title: str, by: str, now: dt.datetime) -> None:
    """Notify the owner of an action of a review that it is theirs, or that it is due.

    Args:
        incident: the incident of the review.
        kind: `action` or `action_due`.
        person_id: the owner.
        title: that of the action.
        by: who notifies them.
        now: when (UTC).
    """
    _tell(Announcement(incident, kind, title), people_of([person_id]), by, now)


def notify_of_paperwork(
    incident: Incident, person_ids: Sequence[int], seen_by: tuple[str, str], words: str, by: str, now: dt.datetime
) -> None:
    """Notify people that a paper or a document comes due, as far as they may see it.

    Args:
        incident: its incident.
        person_ids: the people.
        seen_by: its marking, and the identity of who registered or wrote it.
        words: what is due, its stage, and its number.
        by: who notifies them.
        now: when (UTC).
    """
    seen = [
        one
        for one in people_of(person_ids)
        if may_see_marking(viewer_of(one.role, one.department_id, one.id), *seen_by)
    ]
    if seen:
        _tell(Announcement(incident, "paperwork", words), seen, by, now)


def who_may_see(incident: Incident, people: Collection[Person]) -> list[Person]:
    """Return those of some people who may see an incident."""
    if not people:
        return []
    on_it = frozenset(departments_on(incident.id)) | departments_above_on(incident.id)
    facts = IncidentFacts(incident.tlp, on_it, frozenset(people_on(incident.id)))
    return [one for one in people if may_see_incident(viewer_of(one.role, one.department_id, one.id), facts)]


def _tell(what: Announcement, people: Sequence[Person], by: str, now: dt.datetime) -> None:
    others = [one for one in people if one.is_active and not by.startswith(f"person:{one.id}:")]
    row = {"incident_id": what.incident.id, "kind": what.kind, "words": what.words, "by": by, "at": now}
    told = who_may_see(what.incident, others)
    put_news(what.kind, [row | {"person_id": one.id} for one in told])
    queue_mails(what.incident.id, [one.id for one in told if one.is_mailed], now)
