"""Reminders to people who took a notice on and did nothing, by the fixed policy of the notice."""

from incident.actions.notifications import answers, escalation
from incident.actions.notifications.recipients import Recipient, Recipients
from incident.actions.unit_of_work import UnitOfWork
from incident.core.notifications import notice as rules
from incident.core.notifications.policy import Policy
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Contact, ContactAddress, Department
from incident.store.directory.people import Person
from incident.store.notifications import notice_events
from incident.store.notifications.notices import Notice
from incident.store.playbooks import tasks


def remind(uow: UnitOfWork, notice: Notice) -> None:
    """Remind who took a notice on within the caller's transaction, and again later, unless there is progress."""
    if notice.state not in rules.IN_HAND or rules.is_waiting(notice.state, answers.until_of(notice)):
        return
    since = notice.acknowledged_at or notice.opened_at
    if tasks.has_ended_one(notice.incident_id, notice.department_id, since):
        return
    found = _who_answered(notice) or _of_level(uow, notice)
    notice.reminders += 1
    notice.version += 1
    for way in found.ways:
        escalation.insert_message(uow, notice, way.contact, escalation.REMINDER, way)
    answers.record_event(uow, notice, "reminded", answers.AnswerSource("clock"))
    detail = {
        "count": notice.reminders,
        "people": list(found.people),
        "contacts": [way.contact.name for way in found.ways],
    }
    uow.record("notice.reminded", f"notice:{notice.id}", detail, escalation.number_of(notice))
    escalation.set_reminder(uow, notice)


def _who_answered(notice: Notice) -> Recipients | None:
    """Return the contacts of who took the notice on, or the contact whose link was used; None without either."""
    fact = notice_events.last_of(notice.id, rules.IN_HAND)
    if fact is None:
        return None
    contact = None if fact.contact_id is None else db.session.get(Contact, fact.contact_id)
    person = _person_of(fact.by, contact)
    if person is not None and person.is_active:
        ways = departments.contacts_of_people(notice.department_id, [person.id])[person.id]
        if ways:
            return Recipients(tuple(Recipient(one, person.id) for one in ways), (person.name,))
    if contact is None or contact.switched_off_at is not None:
        return None
    return Recipients((Recipient(ContactAddress(contact.id, contact.name, contact.channel), contact.person_id),))


def _person_of(by: str, contact: Contact | None) -> Person | None:
    """Return the person of an actor such as `person:3:Li Wei`, or of the contact that was used."""
    kind, _, rest = by.partition(":")
    number = rest.partition(":")[0]
    if kind == "person" and number.isascii() and number.isdigit():
        return db.session.get(Person, int(number))
    return db.session.get(Person, contact.person_id) if contact is not None and contact.person_id else None


def _of_level(uow: UnitOfWork, notice: Notice) -> Recipients:
    """Return the recipients of the level that was notified last."""
    number = max(notice.level, 1)
    level = Policy.from_json(notice.policy).levels[number - 1]
    department = db.session.get_one(Department, notice.department_id)
    at = escalation.pace_of(notice).to_drill(uow.now)
    return escalation.resolver_of(uow).find(department, level, number, at)
