"""Another way to the same people: when a message is refused for good, or its provider is left alone."""

from incident.actions.notifications import escalation
from incident.actions.notifications.recipients import Way
from incident.actions.unit_of_work import Deed
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Contact, Reached
from incident.store.incidents.incidents import Incident
from incident.store.notifications import messages
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task
from incident.store.queries import due_messages

PASSED_ON_MOST = 100
"""How many messages are passed on in one deed."""


def pass_on_stranded(deed: Deed) -> None:
    """Send what waits for a provider that is left alone another way as well, each message once, inside a deed."""
    found = due_messages.stranded(deed.now, PASSED_ON_MOST)
    for row in found:
        next_way(deed, row)
    if found:
        deed.write()  # so that what was written is chosen at once


def next_way(deed: Deed, message: Message) -> None:
    """Go the next way at once: bring forward the message that would have come later, or write one.

    Whoever was to be reached by this message is: the same person, or another desk of the same level. A level that was
    left behind is told no more.

    Args:
        deed: the deed that this is part of.
        message: the one that cannot be delivered, or not now; it keeps its state.
    """
    if message.passed_on_at is not None:
        return
    message.passed_on_at = deed.now
    later = messages.later_turn(message, deed.now)
    if later is not None:
        later.next_attempt_at = deed.now
        deed.wake()
        _enter(deed, message, db.session.get_one(Contact, later.contact_id))
        return
    notice = db.session.get_one(Notice, message.notice_id)
    if (notice.level, notice.round) != (message.level, message.round):
        return
    if (contact := _unused_way(deed, notice, message)) is not None:
        task = None if message.task_id is None else db.session.get_one(Task, message.task_id)
        way = Way(contact, message.person_id, message.turn + 1)
        escalation.put_message(deed, notice, contact, message.type, way, task=task)
        _enter(deed, message, contact)


def _unused_way(deed: Deed, notice: Notice, message: Message) -> Reached | None:
    """Return a way that this level has not gone yet; of several the first whose provider is not left alone."""
    deed.write()
    if message.person_id is not None:
        ways = departments.contacts_of_people(notice.department_id, [message.person_id])[message.person_id]
    else:
        contact = db.session.get_one(Contact, message.contact_id)
        ways = list(departments.contacts_at(contact.department_id, contact.level))
    used = messages.contacts_used(message)
    unused = [way for way in ways if way.id not in used]
    left_alone = due_messages.contacts_left_alone([way.id for way in unused], deed.now)
    return next((way for way in unused if way.id not in left_alone), next(iter(unused), None))


def _enter(deed: Deed, message: Message, to: Reached | Contact) -> None:
    contact = db.session.get_one(Contact, message.contact_id)
    told = {"contact": contact.name, "channel": contact.channel, "to": to.name, "by": to.channel}
    number = db.session.get_one(Incident, message.incident_id).number
    deed.enter("message.passed_on", f"message:{message.webhook_id}", told, number)
