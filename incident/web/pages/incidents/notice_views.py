"""The notices of an incident as its page shows them: department, levels, messages, and what the viewer may answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident.actions.notifications.outbox import TASK_CREATED
from incident.core.notifications.notice import UNANSWERED, NoticeEventKind
from incident.core.values import access as rules
from incident.store.directory.departments import Contact, Department, contacts_by_key
from incident.store.directory.people import names_of_people
from incident.store.incidents.incidents import Incident
from incident.store.notifications import messages
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.web.pages.notifications.inbox_notices import possible_of
from incident.web.security import access


@dataclass(frozen=True)
class Sent:
    """A message to one contact, and the contact's person; None for a desk."""

    message: Message
    contact: Contact
    person: str | None

    @property
    def is_settled_task(self) -> bool:
        """Whether it is a sent message about a later task: there are many of these, of little interest."""
        return self.message.type == TASK_CREATED and self.message.state == "sent"


@dataclass(frozen=True)
class NoticeView:
    """A notice with its department, policy levels and messages.

    `possible` are the answers that the viewer may give; `is_own` is whether the viewer belongs to the department.
    """

    notice: Notice
    department: Department
    levels: int
    sent: Sequence[Sent]
    possible: frozenset[NoticeEventKind]
    is_own: bool

    @property
    def is_waiting(self) -> bool:
        """Whether the notice can still be answered."""
        return self.notice.state in UNANSWERED

    @property
    def is_without_contact(self) -> bool:
        """Whether it waits for an answer although nobody could be notified."""
        return self.notice.is_unreached and self.is_waiting


def notice_views(
    incident: Incident, visible_notices: Sequence[Notice], known: Mapping[int, Department], facts: rules.IncidentFacts
) -> list[NoticeView]:
    """Return the notices that the viewer may see, those that wait for an answer first."""
    ids = {notice.id for notice in visible_notices}
    sent = _sent([one for one in messages.messages_of(incident.id) if one.notice_id in ids])
    own = access.viewer().department_ids
    views = [
        NoticeView(
            notice=notice,
            department=known[notice.department_id],
            levels=len(notice.policy.get("levels", ())),
            sent=[one for one in sent if one.message.notice_id == notice.id],
            possible=_possible(notice, incident, facts),
            is_own=notice.department_id in own,
        )
        for notice in visible_notices
    ]
    return sorted(views, key=lambda view: (not view.is_waiting, view.notice.id))


def _sent(rows: Sequence[Message]) -> list[Sent]:
    contacts = contacts_by_key({one.contact_id for one in rows})
    names = names_of_people({one.person_id for one in rows if one.person_id is not None})
    return [Sent(one, contacts[one.contact_id], names.get(one.person_id or 0)) for one in rows]


def _possible(notice: Notice, incident: Incident, facts: rules.IncidentFacts) -> frozenset[NoticeEventKind]:
    """Return the answers that the viewer may give to a notice now."""
    answers: frozenset[NoticeEventKind] = possible_of(notice, incident)
    if not access.may_answer(notice, facts):
        answers &= {"withdrawn"}
    return answers
