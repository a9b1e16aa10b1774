"""One's own account: changing the password, one-time links that set it, and sessions."""

import datetime as dt
import secrets
from typing import Final

from incident.actions.directory.passwords import hash_password, is_password
from incident.actions.directory.people import actor_of, hash_of
from incident.actions.directory.sign_in_throttle import count_use, note_failure
from incident.actions.unit_of_work import transaction
from incident.core.directory.password import require_password
from incident.core.values.faults import RuleError
from incident.store.db.database import advisory_lock, db
from incident.store.directory import people
from incident.store.directory.invitations import PASSWORD_LINK
from incident.store.directory.people import Person, Session, SignInLink

INVITATION_FOR: Final = dt.timedelta(days=7)
RESET_FOR: Final = dt.timedelta(hours=24)

TRIES_LIMIT: Final = 10
TRIES_WINDOW: Final = dt.timedelta(minutes=15)
"""The window that limits attempts at the present password: somebody else may use an open session."""


def change_password(
    person_id: int, session_id: int, current: str, new: str, now: dt.datetime, address: str = ""
) -> None:
    """Change one's own password; ends all other sessions of the person.

    Args:
        person_id: whose password.
        session_id: the requesting session, which remains.
        current: the present password.
        new: the new password.
        now: when (UTC).
        address: of the client, which is recorded when the present password is wrong.

    Raises:
        RuleError: `throttle.too_often` (forbidden), `password.not_current`, those of `require_password`, `hashing.busy`
            (unavailable).
    """
    count_use(hash_of(f"password:{person_id}"), TRIES_LIMIT, TRIES_WINDOW, now)
    person = db.session.get_one(Person, person_id)
    read, actor = person.password_hash, actor_of(person)
    require_password(new, (person.login, person.name), "/new")
    if not is_password(read, current):
        note_failure(address, person_id, now)
        raise RuleError("password.not_current", pointer="/current")
    hashed = hash_password(new)
    with transaction(actor, now) as uow:
        if not people.replace_password_hash(person_id, read, hashed):
            raise RuleError("password.not_current", pointer="/current")
        people.end_sessions(person_id, now, but=session_id)
        people.end_links(person_id, PASSWORD_LINK, now)
        uow.record("password.changed", f"person:{person_id}", {"way": "own"})


def make_password_link(person_id: int, by: str, now: dt.datetime, sent_to: str | None = None) -> str:
    """Create a one-time link that sets a person's password; earlier ones end. Returns its token.

    An invitation, for a person without a password, is valid for seven days, a reset for 24 hours.

    Args:
        person_id: whose.
        by: who makes it.
        now: when (UTC).
        sent_to: the mail address to which it is sent.

    Raises:
        RuleError: `person.unknown` (not found), `person.not_active` (conflict).
    """
    token = secrets.token_urlsafe(32)
    with transaction(by, now) as uow:
        person = db.session.get(Person, person_id)
        if person is None:
            raise RuleError("person.unknown", {"login": person_id}, kind="not_found")
        if not person.is_active:
            raise RuleError("person.not_active", kind="conflict")
        people.end_links(person_id, PASSWORD_LINK, now)
        live_for = INVITATION_FOR if person.password_hash is None else RESET_FOR
        link = SignInLink(
            token_hash=hash_of(token),
            purpose=PASSWORD_LINK,
            person_id=person_id,
            expires_at=now + live_for,
            sent_to=sent_to,
        )
        db.session.add(link)
        db.session.flush()
        kind = "invitation" if person.password_hash is None else "reset"
        uow.record("password.link_created", f"person:{person_id}", {"link": link.id, "kind": kind})
    return token


def person_of_link(token: str, now: dt.datetime) -> Person:
    """Return the person whose password a link sets.

    Raises:
        RuleError: `link.dead` (gone).
    """
    link = people.live_link(hash_of(token), now)
    if link is None or link.purpose != PASSWORD_LINK or link.person_id is None:
        raise RuleError("link.dead", kind="gone")
    person = db.session.get_one(Person, link.person_id)
    if not person.is_active:
        raise RuleError("link.dead", kind="gone")
    return person


def set_password_by_link(token: str, new: str, now: dt.datetime) -> Person:
    """Set a password by a one-time link; ends every session of the person.

    Raises:
        RuleError: `link.dead` (gone), those of `require_password`, `hashing.busy` (unavailable).
    """
    person = person_of_link(token, now)
    person_id, actor = person.id, actor_of(person)
    require_password(new, (person.login, person.name))
    hashed = hash_password(new)
    with transaction(actor, now) as uow:
        advisory_lock(f"password:{person_id}")
        person = person_of_link(token, now)
        person.password_hash = hashed
        people.end_links(person.id, PASSWORD_LINK, now)
        people.end_sessions(person.id, now)
        uow.record("password.changed", f"person:{person.id}", {"way": "link"})
    return person


def note_use(session_id: int, now: dt.datetime) -> None:
    """Record that a session was used, so that it does not expire."""
    with transaction("session", now):
        people.note_use(session_id, now)


def end_own_session(person_id: int, session_id: int, by: str, now: dt.datetime) -> None:
    """End one of a person's sessions.

    Raises:
        RuleError: `session.unknown` (not found).
    """
    with transaction(by, now) as uow:
        session = db.session.get(Session, session_id)
        if session is None or session.person_id != person_id:
            raise RuleError("session.unknown", kind="not_found")
        if session.revoked_at is None:
            session.revoked_at = now
            uow.record("session.revoked", f"person:{person_id}", {"session": session_id})


def end_other_sessions(person_id: int, session_id: int, by: str, now: dt.datetime) -> None:
    """End all sessions of a person but one."""
    with transaction(by, now) as uow:
        if people.end_sessions(person_id, now, but=session_id):
            uow.record("session.revoked", f"person:{person_id}", {"all_but": session_id})
