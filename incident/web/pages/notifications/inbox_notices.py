"""Notices as the inbox shows them: with their incident, their department, and the answers that the viewer may give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident.core.notifications import notice as rules_of_notice
from incident.core.notifications.notice import NoticeEventKind, State
from incident.core.values import access as rules
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.incidents.incidents import Incident
from incident.store.incidents.lookups import incidents_by_id
from incident.store.notifications.notices import Notice
from incident.web.pages.notifications.notice_deadlines import NoticeDeadline, notice_deadlines
from incident.web.security import access
from incident.web.security.visible import answerable_ids, facts_of_each


@dataclass(frozen=True)
class InboxNotice:
    """A notice in the inbox; the incident's content is only shown to viewers who may see it."""

    notice: Notice
    incident: Incident
    department: Department
    is_readable: bool
    may_answer: bool
    deadline: NoticeDeadline | None

    @property
    def is_over(self) -> bool:
        """Whether it asks to handle an incident that is closed."""
        return self.notice.purpose == "handling" and self.incident.status == "closed"

    @property
    def possible(self) -> frozenset[NoticeEventKind]:
        """The answers that would change the state."""
        return possible_of(self.notice, self.incident) if self.may_answer else frozenset()


def possible_of(notice: Notice, incident: Incident) -> frozenset[NoticeEventKind]:
    """Return the possible answers to a notice; the work of a closed incident cannot be accepted or declined."""
    stands: State = next(one for one in rules_of_notice.STATES if one == notice.state)
    kinds = {kind for kind in rules_of_notice.MOVES if rules_of_notice.is_possible(stands, kind)} - {"exhausted"}
    is_over = notice.purpose == "handling" and incident.status == "closed"
    return frozenset(kinds - {"accepted", "declined"} if is_over else kinds)


def inbox_notices(rows: Sequence[Notice]) -> list[InboxNotice]:
    """Return notices of incidents as the inbox shows them, in the same order; others have sections of their own."""
    rows = [one for one in rows if one.incident_id is not None]
    found: Mapping[int | None, Incident] = incidents_by_id({one.incident_id for one in rows})
    known, deadlines = departments.departments_of({one.department_id for one in rows}), notice_deadlines(rows)
    facts = facts_of_each(found.values(), rows)
    answerable, viewer = answerable_ids(rows, facts), access.viewer()
    return [
        InboxNotice(
            one,
            found[one.incident_id],
            known[one.department_id],
            rules.may_see_incident(viewer, facts[found[one.incident_id].id]),
            one.id in answerable,
            deadlines.get(one.id),
        )
        for one in rows
    ]
