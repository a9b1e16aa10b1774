"""Recipients of a policy level at a moment: people and desks, their contacts, and the reason."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from incident.actions.notifications import on_duty as duty
from incident.actions.unit_of_work import UnitOfWork
from incident.core.duty.on_duty import Duty
from incident.core.notifications.channel_order import channel_order
from incident.core.notifications.escalation import EscalationContext, NotifyLevel, skip_unreachable
from incident.core.notifications.policy import Level, Policy, RecipientKind
from incident.store.db.database import db
from incident.store.directory import contact_addresses, members
from incident.store.directory.contact_addresses import ContactAddress
from incident.store.directory.departments import Department
from incident.store.directory.people import Person

POSITIONS: Mapping[RecipientKind, str] = {"deputy": "deputy", "head": "head"}


@dataclass(frozen=True)
class Recipient:
    """A contact to notify: its owner (None for a desk), its position (from 0), and the delay after the first."""

    contact: ContactAddress
    person_id: int | None = None
    turn: int = 0
    after: dt.timedelta = dt.timedelta(0)


@dataclass(frozen=True)
class Recipients:
    """The recipients of a level.

    Args:
        recipients: the contacts, without duplicates.
        people: the names of the people, including unreachable ones.
        because: the reason, JSON values for the journal.
        above: the departments above that are notified.
    """

    recipients: tuple[Recipient, ...] = ()
    people: tuple[str, ...] = ()
    because: tuple[Mapping[str, Any], ...] = ()
    above: tuple[int, ...] = ()

    def and_also(self, other: "Recipients") -> "Recipients":
        """Return both, without duplicates of contacts and people."""
        known = {recipient.contact.id for recipient in self.recipients}
        return Recipients(
            self.recipients + tuple(recipient for recipient in other.recipients if recipient.contact.id not in known),
            tuple(dict.fromkeys(self.people + other.people)),
            self.because + other.because,
            tuple(dict.fromkeys(self.above + other.above)),
        )


NOBODY = Recipients()


@dataclass
class RecipientResolver:
    """Resolves recipients, and queries each rota, position and contact once."""

    desks: dict[tuple[int, int], Sequence[ContactAddress]] = field(default_factory=dict)
    _plans: dict[int, duty.Plan | None] = field(default_factory=dict)
    _people: dict[tuple[int, str], tuple[Person, ...]] = field(default_factory=dict)
    _contacts: dict[tuple[int, int], Sequence[ContactAddress]] = field(default_factory=dict)
    _known: set[int] = field(default_factory=set)

    def prefetch(self, found: Collection[Department]) -> None:
        """Prefetch the data of several departments with one query for each table."""
        ids = [one.id for one in found]
        plans, at = duty.plans_of(found), members.people_by_position(ids)
        self._plans |= {one.id: plans.get(one.id) for one in found}
        self._people |= {key: tuple(people) for key, people in at.items()}
        self.desks |= contact_addresses.desks_of(ids)
        on_duty = {(key, person.id) for key, plan in plans.items() for person in plan.people.values()}
        self._contacts |= contact_addresses.contacts_of_members(
            on_duty | {(key[0], one.id) for key, people in at.items() for one in people}
        )
        self._known |= set(ids)

    def plan(self, department: Department) -> duty.Plan | None:
        """Return the duty plan of a department, None when it has no rota."""
        if department.id not in self._plans:
            self._plans[department.id] = duty.plan_of(department)
        return self._plans[department.id]

    def find(self, department: Department, level: Level, number: int, at: dt.datetime) -> Recipients:
        """Return the recipients of a level.

        Args:
            department: the department.
            level: the level in the policy.
            number: its number, from 1, which selects the contacts of a level without people.
            at: the moment (UTC) on the incident's clock.
        """
        if not level.notify:
            return Recipients(self._desks(department.id, number, level))
        found = NOBODY
        for recipient_kind in level.notify:
            found = found.and_also(self._of_kind(recipient_kind, department, level, at))
        return found

    def _of_kind(
        self, recipient_kind: RecipientKind, department: Department, level: Level, at: dt.datetime
    ) -> Recipients:
        if recipient_kind == "parent":
            return self._above(department, level, at)
        people, why = self._who(recipient_kind, department, at)
        because = {"notify": recipient_kind, "people": [person.name for person in people]} | why
        return self._reached(department, people, level, because)

    def _who(
        self, recipient_kind: RecipientKind, department: Department, at: dt.datetime
    ) -> tuple[tuple[Person, ...], dict[str, Any]]:
        if recipient_kind == "duty":
            people, found = self._on_duty(department, at)
            return people, {"duty": [reason.to_json() for reason in found.because]} if found.because else {}
        people = self._at(department.id, POSITIONS[recipient_kind])
        away = self._away(department, at) if people else ()
        on_leave = [person.name for person in people if person.login in away]
        if not on_leave:
            return people, {}
        if recipient_kind == "head":  # deputies substitute
            people += tuple(one for one in self._at(department.id, POSITIONS["deputy"]) if one not in people)
        there = tuple(person for person in people if person.login not in away)
        is_reached = any(self._ways_to(department.id, there).values())
        return there if is_reached else people, {"on_leave": on_leave}

    def _above(self, department: Department, level: Level, at: dt.datetime) -> Recipients:
        """Return the recipients in the nearest department above with a reachable person."""
        seen = {department.id}
        parent_id = department.parent_id
        while parent_id is not None and parent_id not in seen:
            seen.add(parent_id)
            above = db.session.get_one(Department, parent_id)
            found = self._of_parent(above, level, at)
            if found.recipients:
                return found
            parent_id = above.parent_id
        return Recipients(because=({"notify": "parent", "people": []},))

    def _of_parent(self, above: Department, level: Level, at: dt.datetime) -> Recipients:
        for recipient_kind in ("duty", "head"):
            people, why = self._who(recipient_kind, above, at)
            because = {"notify": "parent", "department": above.code, "as": recipient_kind}
            found = self._reached(above, people, level, because | {"people": [one.name for one in people]} | why)
            if found.recipients:
                return Recipients(found.recipients, found.people, found.because, (above.id,))
        why = {"notify": "parent", "department": above.code, "as": "contacts", "people": []}
        return Recipients(self._desks(above.id, 1, level), because=(why,), above=(above.id,))

    def _reached(
        self, department: Department, people: Sequence[Person], level: Level, because: Mapping[str, Any]
    ) -> Recipients:
        known, found = self._ways_to(department.id, people), NOBODY
        for person in people:
            recipients = _in_turns(level, known[person.id], person.id)
            found = found.and_also(Recipients(recipients, (person.name,)))
        return Recipients(found.recipients, found.people, (because,))

    def _ways_to(self, department_id: int, people: Sequence[Person]) -> dict[int, Sequence[ContactAddress]]:
        """Return the contacts of people by their ids."""
        wanted = [(department_id, person.id) for person in people if (department_id, person.id) not in self._contacts]
        self._contacts |= contact_addresses.contacts_of_members(wanted)
        return {person.id: self._contacts[department_id, person.id] for person in people}

    def _desks(self, department_id: int, number: int, level: Level) -> tuple[Recipient, ...]:
        return _in_turns(level, self.contacts_at(department_id, number), None)

    def contacts_at(self, department_id: int, number: int) -> Sequence[ContactAddress]:
        """Return the contacts of a level of a department."""
        key = (department_id, number)
        if key not in self.desks:
            self.desks[key] = (
                () if department_id in self._known else contact_addresses.contacts_at(department_id, number)
            )
        return self.desks[key]

    def _on_duty(self, department: Department, at: dt.datetime) -> tuple[tuple[Person, ...], Duty]:
        plan = self.plan(department)
        found = Duty() if plan is None else plan.on_duty(at)
        return tuple(plan.people[login] for login in found.people) if plan else (), found

    def _away(self, department: Department, at: dt.datetime) -> frozenset[str]:
        """Return the logins of those who are on leave; a rota without rotations may contain leave as well."""
        plan = self.plan(department)
        return frozenset() if plan is None else plan.rota.away(at)

    def _at(self, department_id: int, position: str) -> tuple[Person, ...]:
        key = (department_id, position)
        if key not in self._people:
            self._people[key] = () if department_id in self._known else duty.members_at(department_id, position)
        return self._people[key]


def _in_turns(level: Level, contacts: Sequence[ContactAddress], person_id: int | None) -> tuple[Recipient, ...]:
    used = channel_order(level, [contact.channel for contact in contacts])
    return tuple(Recipient(contacts[one.index], person_id, one.turn, one.after) for one in used)


def resolver_of(uow: UnitOfWork) -> RecipientResolver:
    """Return the resolver of recipients, which caches its results until the transaction is done."""
    finder: RecipientResolver = uow.cache.setdefault(RecipientResolver, RecipientResolver())
    return finder


@dataclass(frozen=True)
class ResolvedLevel:
    """Resolved recipients: the step whose level has some, and the skipped levels without."""

    department: str
    step: NotifyLevel
    found: Recipients
    passed_over: Mapping[int, Recipients]

    def said(self) -> dict[str, Any]:
        """Return its description for the journal."""
        said: dict[str, Any] = {
            "department": self.department,
            "level": self.step.level,
            "round": self.step.round,
            "contacts": [recipient.contact.name for recipient in self.found.recipients],
        }
        if self.found.because:
            said |= {"people": list(self.found.people), "because": list(self.found.because)}
        if self.passed_over:
            said["passed_over"] = [
                {"level": level, "because": list(found.because)} for level, found in self.passed_over.items()
            ]
        return said


def resolve_level(
    uow: UnitOfWork, department: Department, policy: Policy, step: NotifyLevel, context: EscalationContext
) -> ResolvedLevel:
    """Return the recipients of a level, or of the next level of the round that has some."""
    finder = resolver_of(uow)
    tried: dict[int, Recipients] = {}

    def has_somebody(level: int) -> bool:
        tried[level] = finder.find(department, policy.levels[level - 1], level, step.at)
        return bool(tried[level].recipients)

    reached = skip_unreachable(policy, step, has_somebody, context)
    passed = {level: found for level, found in tried.items() if level < reached.level}
    return ResolvedLevel(department.code, reached, tried[reached.level], passed)
