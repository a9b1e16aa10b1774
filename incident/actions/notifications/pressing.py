"""Notices that press: levels are notified whether or not somebody has answered, and who was notified is reminded."""

from incident.actions.notifications import escalation
from incident.actions.notifications.outbox import CREATED, REMINDER, coordinator_contacts, insert_message
from incident.actions.unit_of_work import UnitOfWork
from incident.core.notifications import escalation as rules
from incident.core.notifications.policy import Policy
from incident.store.notifications import messages
from incident.store.notifications.notices import Notice
from incident.store.playbooks import timers


def notify_levels_up_to(uow: UnitOfWork, notice: Notice, last: int) -> None:
    """Notify the levels after the present one at once, up to a level, within the caller's transaction.

    Neither an answer nor quiet hours delay it; an answered notice does not escalate further by itself afterwards.
    """
    policy = Policy.from_json(notice.policy)
    while notice.level < min(last, len(policy.levels)):
        at, around = escalation.pace_of(notice).to_drill(uow.now), escalation.escalation_context(notice, policy)
        step = rules.next_after(policy, notice.level, notice.round, at, around)
        if isinstance(step, rules.Exhausted):
            return
        uow.flush()
        timers.cancel_timers("notice", notice.id, uow.now)
        notice.version += 1
        escalation.notify_level(uow, notice, policy, step, CREATED if notice.level == 0 else "notice.escalated")


def remind_notified(uow: UnitOfWork, notice: Notice) -> list[str]:
    """Remind all contacts that were notified under a notice so far; return their names."""
    uow.flush()
    contacts = messages.notified_contacts(notice.id)
    for contact in contacts:
        insert_message(uow, notice, contact, REMINDER)
    return [contact.name for contact in contacts]


def remind_coordinators(uow: UnitOfWork, notice: Notice) -> list[str]:
    """Remind the coordinators who were not notified under a notice; return the names of their contacts."""
    uow.flush()
    known = {contact.id for contact in messages.notified_contacts(notice.id)}
    contacts = {one.id: one for one in coordinator_contacts(notice) if one.id not in known}.values()
    for contact in contacts:
        insert_message(uow, notice, contact, REMINDER)
    return [contact.name for contact in contacts]
