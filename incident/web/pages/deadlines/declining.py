"""Forms by which a second person declines what somebody proposed about an incident, in the inbox and on its pages."""

from collections.abc import Callable

from incident.actions.approvals import decline_as_second
from incident.core.deadlines.regimes import AWARE, HANDLED
from incident.core.incidents.incident import REASON_LIMIT
from incident.store.approvals import TwoPersonRecord
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.deadlines.gradings import GradeDecision
from incident.store.deadlines.not_reportable import NotReportableDecision
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.deadlines.clocks import submit_clocks
from incident.web.pages.deadlines.grading import submit_grading
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page
from incident.web.security import access, clock_access, grading_access
from incident.web.security.auth import needs, require_caller

SAID = "proposal_declined"


@pages.post("/gradings/<int(max=2147483647):decision_id>/decline")
@needs("incident.change")
def decline_grade_form(decision_id: int) -> Page:
    """Decline a lower grade."""
    incident = access.incident_of(grading_access.visible_decision(decision_id))
    return submit_grading(incident, declining(GradeDecision, decision_id), SAID)


@pages.post("/awareness/<int(max=2147483647):record_id>/decline")
@needs("incident.change")
def decline_awareness_form(record_id: int) -> Page:
    """Decline a later awareness."""
    return _decline_event(record_id, AWARE)


@pages.post("/handled/<int(max=2147483647):record_id>/decline")
@needs("incident.change")
def decline_handled_form(record_id: int) -> Page:
    """Decline a later end of handling."""
    return _decline_event(record_id, HANDLED)


@pages.post("/decisions/<int(max=2147483647):decision_id>/decline")
@needs("incident.change")
def decline_not_reportable_form(decision_id: int) -> Page:
    """Decline that the incident is not reported by a law."""
    incident = access.incident_of(clock_access.visible_not_reportable(decision_id))
    return submit_clocks(incident, declining(NotReportableDecision, decision_id), SAID)


def _decline_event(record_id: int, kind: str) -> Page:
    row = access.require_visible(clock_access.visible_clock_event(record_id), lambda row: row.kind == kind)
    return submit_clocks(access.incident_of(row), declining(ClockEventRecord, record_id), SAID)


def declining(model: type[TwoPersonRecord], record_id: int) -> Callable[[], None]:
    """Return the use case that declines a record with the reason that was typed."""

    def use_case() -> None:
        form = Form()
        reason = form.needed("decline_reason", REASON_LIMIT)
        form.finish()
        decline_as_second(model, record_id, reason, require_caller().actor, now())

    return use_case
