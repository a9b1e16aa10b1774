"""Departments, their contacts and policies, and the routing rules."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from incident.actions.notifications import on_duty, unreached
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, retry_on_conflict, transaction
from incident.core.deadlines.authorities import read_authority, roles_of, unknown_roles
from incident.core.incidents.routing_document import RuleBook
from incident.core.notifications.contact import USUAL_CHECKS, origin_of
from incident.core.notifications.policy import Policy
from incident.core.values.duration import parse_duration
from incident.core.values.faults import RuleError, raise_all, refuse_stale
from incident.core.values.text import is_visible, require_name
from incident.data.reporting_regimes import shipped_regimes
from incident.keyring import KeyRing
from incident.store.db.database import advisory_lock, db
from incident.store.directory import departments, people
from incident.store.directory.departments import Contact, Department
from incident.store.directory.people import Person
from incident.store.incidents import rules as rule_sets
from incident.store.incidents.rules import RuleSet
from incident.store.playbooks import playbooks


def secret_place(contact_id: int) -> str:
    """Return the data that a contact's sealed secret is bound to."""
    return f"contacts:{contact_id}:sealed_secret"


def add_department(
    code: str,
    name: str,
    parent: str | None,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
    timezone: str = "UTC",
) -> Department:
    """Add a department.

    Args:
        code: its name for programs and rules.
        name: its name for people.
        parent: the code of the one above it.
        by: who adds it.
        now: when (UTC).
        idempotency: the caller's key, under which the same request gets the same response.
        timezone: the time zone of its people (IANA name); by default the instance's.

    Raises:
        RuleError: `department.exists` (conflict), `department.unknown` for the parent, `name.invisible`.
    """
    require_name(name)

    def use_case() -> Department:
        with transaction(by, now, idempotency) as uow:
            department = add_department_in(uow, code, name, parent, timezone)
            uow.store_response(department)
        return department

    return retry_on_conflict(use_case)


def add_department_in(uow: UnitOfWork, code: str, name: str, parent: str | None, timezone: str) -> Department:
    """Add a department within the caller's transaction; see `add_department`."""
    if departments.department_by_code(code) is not None:
        raise RuleError("department.exists", {"code": code}, pointer="/code", kind="conflict")
    above = departments.department_by_code(parent) if parent else None
    if parent and above is None:
        raise RuleError("department.unknown", {"code": parent}, pointer="/parent")
    department = Department(
        code=code, name=name, parent_id=above.id if above else None, timezone=timezone, created_at=uow.now
    )
    db.session.add(department)
    db.session.flush()
    uow.record("department.added", f"department:{code}", {"code": code, "name": name, "parent": parent})
    return department


def add_contact(
    department_id: int,
    name: str,
    channel: str,
    address: str | None,
    level: int,
    language: str,
    secret: str | None,
    ring: KeyRing,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
    person: str | None = None,
) -> Contact:
    """Add a contact; it is notified at once of open notices that reached nobody.

    Args:
        department_id: the department.
        name: of the person or program.
        channel: the name of a channel, such as `email`.
        address: the address; None for the inbox.
        level: its level in the policy, from 1.
        language: of its messages, `en` or `zh_Hans_CN`.
        secret: signs its messages; sealed here.
        ring: seals it.
        by: who adds it.
        now: when (UTC).
        idempotency: the caller's key; the stored response contains the secret.
        person: the login of its owner; None for a desk.

    Raises:
        RuleError: `person.unknown` at `/person`, `name.invisible`.
    """
    require_name(name)
    with transaction(by, now, idempotency) as uow:
        owner = people.person_by_login(person) if person is not None else None
        if person is not None and owner is None:
            raise RuleError("person.unknown", {"login": person}, pointer="/person")
        new = NewContact(department_id, name, channel, address, level, language, secret)
        contact = add_contact_in(uow, new, owner, ring)
        uow.store_response(contact)
    return contact


@dataclass(frozen=True)
class NewContact:
    """A contact to add: as the arguments of `add_contact`."""

    department_id: int
    name: str
    channel: str
    address: str | None
    level: int
    language: str
    secret: str | None = field(default=None, repr=False)


def add_contact_in(uow: UnitOfWork, new: NewContact, owner: Person | None, ring: KeyRing) -> Contact:
    """Add a contact of a department, or of one of its people, within the caller's transaction."""
    department = db.session.get_one(Department, new.department_id)
    every = USUAL_CHECKS.get(new.channel)
    contact = Contact(
        department_id=new.department_id,
        person_id=None if owner is None else owner.id,
        name=new.name,
        channel=new.channel,
        address=new.address,
        level=new.level,
        language=new.language,
        created_at=uow.now,
        origin=origin_of(new.channel, new.address),
        check_every=every,
        check_due_at=uow.now + parse_duration(every) if every else None,
    )
    db.session.add(contact)
    db.session.flush()
    if new.secret is not None:
        contact.sealed_secret = ring.seal(new.secret, secret_place(contact.id))
    facts = {"name": new.name, "channel": new.channel, "level": new.level}
    detail = {"department": department.code} | facts | {"person": None if owner is None else owner.login}
    uow.record("contact.added", f"contact:{contact.id}", detail)
    unreached.notify_new_contact(uow, contact)
    return contact


def remove_contact(contact_id: int, why: str, by: str, now: dt.datetime) -> Contact:
    """Disable a contact: nothing more is sent to it.

    Raises:
        RuleError: `contact.unknown` (not found).
    """
    with transaction(by, now) as uow:
        contact = db.session.get(Contact, contact_id)
        if contact is None:
            raise RuleError("contact.unknown", {"id": contact_id}, kind="not_found")
        if contact.switched_off_at is None:
            contact.switched_off_at, contact.switched_off_why = now, why
            uow.record("contact.switched_off", f"contact:{contact.id}", {"name": contact.name, "why": why})
    return contact


def change_department(
    department_id: int, changes: Mapping[str, Any], version: int | None, by: str, now: dt.datetime
) -> Department:
    """Change name, parent, time zone, calendar, working hours, competence or authority of a department.

    Args:
        department_id: the department.
        changes: new values of `name`, `parent` (a code or None), `timezone`, `calendar`, `working_hours`, `competence`
            and `authority` (documents or None).
        version: the version that the caller has read; None skips the check.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `version.stale` (conflict), and at its place `department.unknown`, `department.loop`,
            `timezone.unknown`, `calendar.unknown`, `authority.role_unknown`.
    """
    with transaction(by, now) as uow:
        advisory_lock("departments")  # two concurrent moves could close a loop that neither of them closes alone
        department = db.session.get_one(Department, department_id, with_for_update=True, populate_existing=True)
        refuse_stale(department.version, version)
        new = checked_changes(department, changes)
        before = {name: getattr(department, name) for name, value in new.items() if getattr(department, name) != value}
        if before:
            for name in before:
                setattr(department, name, new[name])
            department.version += 1
            after = {name: new[name] for name in before}
            detail = {"before": _with_codes(before), "after": _with_codes(after)}
            uow.record("department.changed", f"department:{department.code}", detail)
    return department


def checked_changes(department: Department, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return new values of a department by column; raises RuleError with the faults of all of them."""
    faults = []
    new = {name: value for name, value in changes.items() if name != "parent"}
    if new.get("name", department.name) != department.name and not is_visible(new["name"]):
        faults.append(RuleError("name.invisible", pointer="/name"))
    if "timezone" in new and not on_duty.is_zone(new["timezone"]):
        faults.append(RuleError("timezone.unknown", {"given": new["timezone"]}, pointer="/timezone"))
    if "calendar" in new and new["calendar"] not in on_duty.calendars():
        known = {"given": new["calendar"], "known": sorted(on_duty.calendars())}
        faults.append(RuleError("calendar.unknown", known, pointer="/calendar"))
    if new.get("authority") is not None:
        faults += unknown_roles(read_authority(new["authority"], "/authority"), roles_of(shipped_regimes().values()))
    if "parent" in changes:
        code = changes["parent"]
        above = departments.department_by_code(code) if code is not None else None
        if code is not None and above is None:
            faults.append(RuleError("department.unknown", {"code": code}, pointer="/parent"))
        elif above is not None and department.id in departments.line_above(above.id):
            faults.append(RuleError("department.loop", {"code": code}, pointer="/parent"))
        new["parent_id"] = None if above is None else above.id
    raise_all(faults)
    return new


def _with_codes(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by column in the form of the API: a parent by its code."""
    details = {name: value for name, value in values.items() if name != "parent_id"}
    if "parent_id" in values:
        above = db.session.get(Department, values["parent_id"]) if values["parent_id"] is not None else None
        details["parent"] = None if above is None else above.code
    return details


def put_policy(department_id: int, policy: Policy, version: int | None, by: str, now: dt.datetime) -> Department:
    """Set the escalation policy of a department; open notices keep the policy they started with.

    Raises:
        RuleError: `version.stale` (conflict).
    """
    with transaction(by, now) as uow:
        department = db.session.get_one(Department, department_id, with_for_update=True, populate_existing=True)
        if version is not None and version != department.version:
            raise RuleError("version.stale", kind="conflict")
        before, department.policy = department.policy, policy.to_json()
        department.version += 1
        detail = {"before": before, "after": department.policy}
        uow.record("policy.changed", f"department:{department.code}", detail)
    return department


def put_rules(book: RuleBook, version: int | None, by: str, now: dt.datetime) -> RuleSet:
    """Put the routing rules into force.

    Args:
        book: the parsed rules.
        version: the id of the rule set that the caller has read (0 for none); None skips the check.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: for every department or playbook named that does not exist; `version.stale` (conflict).
    """
    with transaction(by, now) as uow:
        advisory_lock("rules")
        before = rule_sets.rules_in_force()
        if version is not None and version != (before.id if before else 0):
            raise RuleError("version.stale", kind="conflict")
        _refuse_unknown(book)
        document = book.to_json()
        row = RuleSet(rules=document["rules"], fallback=document["default"], put_at=now)
        db.session.add(row)
        db.session.flush()
        replaced = None if before is None else {"rules": before.rules, "default": before.fallback}
        uow.record("rules.changed", f"rules:{row.id}", {"before": replaced, "after": document})
    return row


def _refuse_unknown(book: RuleBook) -> None:
    faults = []
    named = [(code, f"/default/departments/{place}") for place, code in enumerate(book.default.departments)]
    for index, rule in enumerate(book.rules):
        here = f"/rules/{index}/set"
        named += [(code, f"{here}/departments/{place}") for place, code in enumerate(rule.set.departments or ())]
        if rule.set.playbook and playbooks.current_playbook(rule.set.playbook) is None:
            faults.append(RuleError("playbook.unknown", {"playbook": rule.set.playbook}, pointer=f"{here}/playbook"))
    known = departments.departments_by_codes({code for code, _ in named})
    faults += [
        RuleError("department.unknown", {"code": code}, pointer=pointer) for code, pointer in named if code not in known
    ]
    raise_all(faults)
