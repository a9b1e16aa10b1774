"""The review after closing as the page of an incident shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from incident.store.directory.people import people_of
from incident.store.incidents.closing_reviews import ClosingReview, ReviewAction, review_of
from incident.store.incidents.incidents import Incident
from incident.web.i18n import spoken
from incident.web.instance import now
from incident.web.pages.frame import is_permitted
from incident.web.pages.playbooks.assignees import people_here
from incident.web.security import review_access


@dataclass(frozen=True)
class ActionView:
    """An action with the name of its owner, and whether the viewer may mark it as done."""

    row: ReviewAction
    owner: str
    is_late: bool
    may_end: bool


@dataclass(frozen=True)
class ReviewView:
    """The review of an incident, its actions, and whom the viewer may give one to."""

    review: ClosingReview | None
    actions: Sequence[ActionView]
    owners: Sequence[tuple[str, str]]
    may_write: bool

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to read or to write."""
        return self.may_write or self.review is not None or bool(self.actions)


def review_view(incident: Incident, *, is_merged: bool) -> ReviewView:
    """Return the review of an incident as far as the viewer may see it; a merged one gets none."""
    rows = review_access.visible_review_actions(incident)
    names = {one.id: one.name for one in people_of({row.owner_id for row in rows})} if rows else {}
    is_closed = incident.status == "closed"
    may_write = is_closed and not is_merged and is_permitted("incident.change")
    return ReviewView(
        review=review_of(incident.id) if (is_closed or rows) and is_permitted("journal.read") else None,
        actions=[
            ActionView(
                row,
                spoken(names[row.owner_id]),
                row.state == "open" and row.due_at < now(),
                row.state == "open" and review_access.may_end_action(row),
            )
            for row in rows
        ],
        owners=[(one.login, spoken(one.name)) for one in people_here()] if may_write else (),
        may_write=may_write,
    )
