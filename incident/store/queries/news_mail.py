"""What the mail to a follower of an incident needs: address, language and the changes they have not read."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import select

from incident.core.incidents.news import Kind, NewsMail
from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident
from incident.store.incidents.news import UNREAD, NewsItem
from incident.store.queries.news_audience import who_may_see

CHANNEL = "email"


class AddressedMail(NamedTuple):
    """A mail to a follower with its address and the language of the person."""

    name: str
    address: str
    language: str
    content: NewsMail


def news_mail(incident_id: int, person_id: int, since: dt.datetime) -> AddressedMail | None:
    """Return the mail about what is new for a person on an incident since a moment.

    None for who has read it all, is active no longer, may no longer see the incident, wants no mail or has no address.
    """
    person, incident = db.session.get_one(Person, person_id), db.session.get_one(Incident, incident_id)
    if not (person.is_active and person.is_mailed and who_may_see(incident, [person])):
        return None
    address, changes = address_of(person_id), _unread(incident_id, person_id, since)
    if address is None or not changes:
        return None
    content = NewsMail(incident.number, incident.title, incident.tlp, incident.is_exercise, changes)
    return AddressedMail(person.name, address, person.language, content)


def address_of(person_id: int) -> str | None:
    """Return the mail address of a person: that of their oldest contact for mail that is not disabled."""
    wanted = select(Contact.address).where(
        Contact.person_id == person_id, Contact.channel == CHANNEL, Contact.switched_off_at.is_(None)
    )
    return db.session.scalar(wanted.where(Contact.address.is_not(None)).order_by(Contact.id).limit(1))


def _unread(incident_id: int, person_id: int, since: dt.datetime) -> list[tuple[Kind, str]]:
    its = (NewsItem.person_id == person_id, NewsItem.incident_id == incident_id, NewsItem.at >= since, UNREAD)
    wanted = select(NewsItem.kind, NewsItem.words).where(*its).order_by(NewsItem.at, NewsItem.id)
    return [(row.kind, row.words) for row in db.session.execute(wanted)]
