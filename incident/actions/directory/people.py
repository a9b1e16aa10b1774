"""People, their passwords, sessions and links."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from incident.actions.directory import devices
from incident.actions.directory.passwords import hash_password, is_outdated, is_password
from incident.actions.directory.sign_in_throttle import TryKeys, count_sign_in, forgive_sign_in, note_failure
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, retry_on_conflict, transaction
from incident.core.directory.password import require_password
from incident.core.values.access import ROLES
from incident.core.values.faults import RuleError, raise_all
from incident.core.values.text import require_login, require_name
from incident.store.db.database import advisory_lock, db
from incident.store.directory import departments, people
from incident.store.directory.departments import Department
from incident.store.directory.invitations import note_sign_in
from incident.store.directory.people import Person, Session, SignInLink

SESSION_FOR = dt.timedelta(hours=12)
SETUP_FOR = dt.timedelta(days=7)
DEMONSTRATION_FOR = dt.timedelta(days=1)


def hash_of(secret: str) -> str:
    """Return the stored form of a random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def actor_of(person: Person) -> str:
    """Return a person as an actor in the journal."""
    return f"person:{person.id}:{person.name}"


def add_person(
    login: str,
    name: str,
    role: str,
    department: str | None,
    password: str | None,
    language: str,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> Person:
    """Add a person who signs in; without a password only by link.

    Raises:
        RuleError: `person.exists` (conflict), `role.unknown`, `department.unknown`, `department.needed`,
            `name.invisible`, those of `require_password`, `hashing.busy` (unavailable).
    """
    _require_person_names(login, name)
    hashed = None if password is None else hash_password(require_password(password, (login, name)))

    def use_case() -> Person:
        with transaction(by, now, idempotency) as uow:
            person = _insert_person(uow, login, name, role, department, hashed, language)
            uow.store_response(person)
        return person

    return retry_on_conflict(use_case)


def set_up(link_token: str, login: str, name: str, password: str, language: str, now: dt.datetime) -> Person:
    """Create the first administrator by the one-time set-up link.

    Raises:
        RuleError: `link.dead` (gone), `person.exists`, those of `require_password`, `hashing.busy` (unavailable).
    """
    require_setup_link(link_token, now)  # before the hash: otherwise anybody could request costly hashing
    _require_person_names(login, name)
    hashed = hash_password(require_password(password, (login, name)))
    with transaction("setup", now) as uow:
        advisory_lock("setup")
        require_setup_link(link_token, now).used_at = now
        return _insert_person(uow, login, name, "administrator", None, hashed, language)


def require_setup_link(token: str, now: dt.datetime) -> SignInLink:
    """Return the live link that creates the first administrator.

    Raises:
        RuleError: `link.dead` (gone).
    """
    link = people.live_link(hash_of(token), now)
    if link is None or link.purpose != "setup" or people.has_administrator():
        raise RuleError("link.dead", kind="gone")
    return link


def _require_person_names(login: str, name: str) -> None:
    faults = []
    for require in (partial(require_login, login), partial(require_name, name)):
        try:
            require()
        except RuleError as fault:
            faults.append(fault)
    raise_all(faults)


def _insert_person(
    uow: UnitOfWork, login: str, name: str, role: str, department: str | None, hashed: str | None, language: str
) -> Person:
    if people.person_by_login(login) is not None:
        raise RuleError("person.exists", {"login": login}, pointer="/login", kind="conflict")
    found = department_for(role, department)
    person = Person(
        login=login,
        name=name,
        role=role,
        department_id=None if found is None else found.id,
        password_hash=hashed,
        language=language,
        created_at=uow.now,
    )
    db.session.add(person)
    db.session.flush()
    detail = {"login": login, "name": name, "role": role, "department": department}
    uow.record("person.added", f"person:{person.id}", detail)
    return person


def department_for(role: str, code: str | None) -> Department | None:
    """Return the department of a person in a role, by its code.

    Raises:
        RuleError: `role.unknown`, `department.unknown`, `department.needed`.
    """
    if role not in ROLES:
        raise RuleError("role.unknown", {"role": role, "roles": ", ".join(ROLES)}, pointer="/role")
    if code is None:
        if role == "department":
            raise RuleError("department.needed", pointer="/department")
        return None
    found = departments.department_by_code(code)
    if found is None:
        raise RuleError("department.unknown", {"code": code}, pointer="/department")
    return found


def sign_in(login: str, password: str, keys: TryKeys, now: dt.datetime, agent: str | None = None) -> tuple[Person, str]:
    """Sign in with a password; return the person and the session's token.

    Args:
        login: as typed.
        password: as typed.
        keys: under which the attempt counts, before its password is evaluated.
        now: when (UTC).
        agent: the browser as it names itself.

    Raises:
        RuleError: `sign_in.too_soon`, `sign_in.too_often`, `sign_in.wrong` (forbidden), `hashing.busy` (unavailable).
    """
    person = people.person_by_login(login)
    count_sign_in(keys, None if person is None else person.id, now)
    kept = None if person is None else person.password_hash
    try:
        is_right = is_password(kept, password)
    except RuleError:
        forgive_sign_in(keys, now, is_success=False)
        raise
    if not is_right or person is None:
        note_failure(keys.address, None if person is None else person.id, now)
        raise RuleError("sign_in.wrong", kind="forbidden")
    forgive_sign_in(keys, now, is_success=True)
    if kept is not None and is_outdated(kept):
        _rehash(person.id, kept, password, now)
    return person, open_session(person, now, agent)


def _rehash(person_id: int, kept: str, password: str, now: dt.datetime) -> None:
    """Hash a password with the present parameters; a failure does not fail the sign-in, the next one retries."""
    with suppress(RuleError):
        hashed = hash_password(password)
        with transaction("sign-in", now):
            people.replace_password_hash(person_id, kept, hashed)


def open_session(person: Person, now: dt.datetime, agent: str | None = None) -> str:
    """Open a session for a person and return its token.

    Args:
        person: who has signed in.
        now: when (UTC).
        agent: the browser as it names itself.
    """
    token = secrets.token_urlsafe(32)
    with transaction(actor_of(person), now) as uow:
        session = Session(
            token_hash=hash_of(token),
            person_id=person.id,
            created_at=now,
            expires_at=now + SESSION_FOR,
            used_at=now,
            agent=agent,
        )
        db.session.add(session)
        db.session.flush()
        note_sign_in(person.id, now)
        uow.record("person.signed_in", f"person:{person.id}", {"session": session.id})
    return token


def revoke_session(session_id: int, by: str, now: dt.datetime) -> None:
    """End a session."""
    with transaction(by, now) as uow:
        session = db.session.get(Session, session_id)
        if session is not None and session.revoked_at is None:
            session.revoked_at = now
            uow.record("session.revoked", f"person:{session.person_id}", {"session": session_id})


def make_link(purpose: str, person_id: int | None, live_for: dt.timedelta, by: str, now: dt.datetime) -> str:
    """Create a sign-in link (or, for `setup`, the first administrator's) and return its token."""
    token = secrets.token_urlsafe(32)
    with transaction(by, now) as uow:
        link = SignInLink(token_hash=hash_of(token), purpose=purpose, person_id=person_id, expires_at=now + live_for)
        db.session.add(link)
        db.session.flush()
        uow.record("link.created", f"link:{link.id}", {"purpose": purpose, "person": person_id})
    return token


def end_links_of(purpose: str, by: str, now: dt.datetime) -> None:
    """End all links of a purpose, such as those of a demonstration when it starts again."""
    with transaction(by, now) as uow:
        if people.end_links_of(purpose, now):
            uow.record("links.revoked", "instance", {"purpose": purpose})


def sign_in_by_link(token: str, now: dt.datetime, agent: str | None = None) -> tuple[Person, str]:
    """Sign in by a link of the demonstration.

    Raises:
        RuleError: `link.dead` (gone).
    """
    link = people.live_link(hash_of(token), now)
    if link is None or link.purpose != "demonstration" or link.person_id is None:
        raise RuleError("link.dead", kind="gone")
    person = db.session.get_one(Person, link.person_id)
    return person, open_session(person, now, agent)


def change_person(person_id: int, changes: Mapping[str, Any], by: str, now: dt.datetime) -> Person:
    """Change a person who signs in; a deactivated one is signed out everywhere and ignored in rotas.

    Args:
        person_id: who.
        changes: new values of `name`, `role`, `department` (a code or None), `language`, `is_active`.
        by: who changes it.
        now: when (UTC).

    Raises:
        RuleError: `person.unknown` (not found), `person.last_administrator` (conflict), `role.unknown`,
            `department.unknown`, `department.needed`, `name.invisible`.
    """
    with transaction(by, now) as uow:
        advisory_lock("people")  # of two administrators who deactivate each other, the second is refused
        person = db.session.get(Person, person_id, populate_existing=True)
        if person is None:
            raise RuleError("person.unknown", {"login": person_id}, kind="not_found")
        new = {name: value for name, value in changes.items() if name != "department"}
        if new.get("name", person.name) != person.name:
            require_name(new["name"])
        if "department" in changes or "role" in changes:
            found = department_for(new.get("role", person.role), changes.get("department"))
            new["department_id"] = None if found is None else found.id
        before = {name: getattr(person, name) for name, value in new.items() if getattr(person, name) != value}
        if not before:
            return person
        for name in before:
            setattr(person, name, new[name])
        db.session.flush()
        if not people.has_administrator():
            raise RuleError("person.last_administrator", kind="conflict")
        if not person.is_active:
            people.end_sessions(person.id, now)
            devices.turn_off_all(uow, person.id, "its owner has no access any more")
        after = {name: new[name] for name in before}
        uow.record("person.changed", f"person:{person.id}", {"before": _details(before), "after": _details(after)})
    return person


def _details(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values in the form of the journal: a department by its code."""
    details = {name: value for name, value in values.items() if name != "department_id"}
    if "department_id" in values:
        found = None if values["department_id"] is None else db.session.get_one(Department, values["department_id"])
        details["department"] = None if found is None else found.code
    return details
