"""What an administrator takes back from a person: an open link, and all sessions."""

import datetime as dt

from incident.actions.unit_of_work import transaction
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory import people
from incident.store.directory.invitations import PASSWORD_LINK, latest_links
from incident.store.directory.people import Person


def withdraw_link(person_id: int, by: str, now: dt.datetime) -> None:
    """End the open links that set a person's password; nothing changes when there is none.

    Raises:
        RuleError: `person.unknown` (not found).
    """
    with transaction(by, now) as uow:
        _require_person(person_id)
        if person_id in latest_links([person_id]):
            people.end_links(person_id, PASSWORD_LINK, now)
            uow.record("password.link_withdrawn", f"person:{person_id}")


def sign_out_everywhere(person_id: int, by: str, now: dt.datetime) -> None:
    """End all sessions of a person, on every device.

    Raises:
        RuleError: `person.unknown` (not found).
    """
    with transaction(by, now) as uow:
        _require_person(person_id)
        ended = people.end_sessions(person_id, now)
        if ended:
            uow.record("session.revoked", f"person:{person_id}", {"all": ended})


def _require_person(person_id: int) -> None:
    if db.session.get(Person, person_id) is None:
        raise RuleError("person.unknown", {"login": person_id}, kind="not_found")
