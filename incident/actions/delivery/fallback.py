"""Another way to the same people: when a message is refused for good, or its provider is left alone."""

from incident.actions.notifications import escalation
from incident.actions.notifications.recipients import Recipient
from incident.actions.unit_of_work import UnitOfWork
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Contact, ContactAddress
from incident.store.incidents.incidents import Incident
from incident.store.notifications import messages
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task
from incident.store.queries import due_messages

PASSED_ON_MOST = 100
"""How many messages are passed on in one transaction."""


def pass_on_behind_open_circuit(uow: UnitOfWork) -> None:
    """Send what waits for a provider that is left alone another way as well,
    each message once within the caller's transaction.
    """
    found = due_messages.behind_open_circuit(uow.now, PASSED_ON_MOST)
    for row in found:
        use_next_channel(uow, row)
    if found:
        uow.flush()  # so that what was written is chosen at once


def use_next_channel(uow: UnitOfWork, message: Message) -> None:
    """Go the next way at once: bring forward the message that would have come later, or write one.

    Whoever was to be reached by this message is: the same person, or another desk of the same level. A level that was
    left behind is told no more.

    Args:
        uow: the caller's unit of work.
        message: the one that cannot be delivered, or not now; it keeps its state.
    """
    if message.passed_on_at is not None:
        return
    message.passed_on_at = uow.now
    later = messages.later_turn(message, uow.now)
    if later is not None:
        later.next_attempt_at = uow.now
        uow.wake_scheduler()
        _enter(uow, message, db.session.get_one(Contact, later.contact_id))
        return
    notice = db.session.get_one(Notice, message.notice_id)
    if (notice.level, notice.round) != (message.level, message.round):
        return
    if (contact := _unused_way(uow, notice, message)) is not None:
        task = None if message.task_id is None else db.session.get_one(Task, message.task_id)
        way = Recipient(contact, message.person_id, message.turn + 1)
        escalation.insert_message(uow, notice, contact, message.type, way, task=task)
        _enter(uow, message, contact)


def _unused_way(uow: UnitOfWork, notice: Notice, message: Message) -> ContactAddress | None:
    """Return a way that this level has not gone yet; of several the first whose provider is not left alone."""
    uow.flush()
    if message.person_id is not None:
        ways = departments.contacts_of_people(notice.department_id, [message.person_id])[message.person_id]
    else:
        contact = db.session.get_one(Contact, message.contact_id)
        ways = list(departments.contacts_at(contact.department_id, contact.level))
    used = messages.contacts_used(message)
    unused = [way for way in ways if way.id not in used]
    left_alone = due_messages.contacts_behind_open_circuit([way.id for way in unused], uow.now)
    return next((way for way in unused if way.id not in left_alone), next(iter(unused), None))


def _enter(uow: UnitOfWork, message: Message, to: ContactAddress | Contact) -> None:
    contact = db.session.get_one(Contact, message.contact_id)
    told = {"contact": contact.name, "channel": contact.channel, "to": to.name, "by": to.channel}
    number = db.session.get_one(Incident, message.incident_id).number
    uow.record("message.passed_on", f"message:{message.webhook_id}", told, number)
