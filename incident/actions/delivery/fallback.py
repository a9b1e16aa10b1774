"""Fallback to another contact of the same people after a permanent refusal or with an open circuit."""

from incident.actions.notifications.outbox import insert_message
from incident.actions.notifications.recipients import Recipient
from incident.actions.unit_of_work import UnitOfWork
from incident.core.notifications.message import PUSH
from incident.store.db.database import db
from incident.store.directory import contact_addresses
from incident.store.directory.contact_addresses import ContactAddress
from incident.store.directory.departments import Contact
from incident.store.incidents.incidents import Incident
from incident.store.notifications import messages
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task
from incident.store.queries import due_messages

MAX_PASSED_ON = 100
"""Maximum number of messages that are passed on in one transaction."""


def pass_on_behind_open_circuit(uow: UnitOfWork) -> None:
    """Send messages behind an open circuit to another contact as well, each message once.

    It runs within the caller's transaction.
    """
    found = due_messages.behind_open_circuit(uow.now, MAX_PASSED_ON)
    for row in found:
        use_next_channel(uow, row)
    if found:
        uow.flush()  # so that new messages are selected at once


def use_next_channel(uow: UnitOfWork, message: Message) -> None:
    """Use the next contact at once: bring its later message forward, or write one.

    It reaches the same people: the same person, or another desk of the same level. A level that the escalation has left
    is not notified again.

    Args:
        uow: the caller's unit of work.
        message: the one that cannot be delivered, or not now; it keeps its state.
    """
    if message.passed_on_at is not None:
        return
    message.passed_on_at = uow.now
    if db.session.get_one(Contact, message.contact_id).channel == PUSH:
        return  # the other contacts are used beside it
    later = messages.later_turn(message, uow.now)
    if later is not None:
        later.next_attempt_at = uow.now
        uow.wake_scheduler()
        _enter(uow, message, db.session.get_one(Contact, later.contact_id))
        return
    notice = db.session.get_one(Notice, message.notice_id)
    if (notice.level, notice.round) != (message.level, message.round):
        return
    if (contact := _unused_contact(uow, notice, message)) is not None:
        task = None if message.task_id is None else db.session.get_one(Task, message.task_id)
        recipient = Recipient(contact, message.person_id, message.turn + 1)
        insert_message(uow, notice, contact, message.type, recipient, task=task)
        _enter(uow, message, contact)


def _unused_contact(uow: UnitOfWork, notice: Notice, message: Message) -> ContactAddress | None:
    """Return a contact that this level has not used yet, preferably one without an open circuit."""
    uow.flush()
    if message.person_id is not None:
        contacts = contact_addresses.contacts_of_people(notice.department_id, [message.person_id])[message.person_id]
    else:
        contact = db.session.get_one(Contact, message.contact_id)
        contacts = list(contact_addresses.contacts_at(contact.department_id, contact.level))
    used = messages.contacts_used(message)
    unused = [recipient for recipient in contacts if recipient.id not in used]
    left_alone = due_messages.contacts_behind_open_circuit([recipient.id for recipient in unused], uow.now)
    return next((recipient for recipient in unused if recipient.id not in left_alone), next(iter(unused), None))


def _enter(uow: UnitOfWork, message: Message, to: ContactAddress | Contact) -> None:
    contact = db.session.get_one(Contact, message.contact_id)
    details = {"contact": contact.name, "channel": contact.channel, "to": to.name, "by": to.channel}
    number = None if message.incident_id is None else db.session.get_one(Incident, message.incident_id).number
    uow.record("message.passed_on", f"message:{message.webhook_id}", details, number)
