"""Forms of decisions that an incident is not reported by a law, on the page of its clocks."""

from collections.abc import Callable

from incident.actions.deadlines import not_reportable as use_cases
from incident.actions.deadlines.reviews import review_decision
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.faults import RuleError
from incident.store.deadlines.not_reportable import NotReportableDecision
from incident.web.http.idempotency import form_idempotency
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.deadlines.clocks import submit_clocks
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page
from incident.web.security import access, clock_access
from incident.web.security.auth import needs, require_caller

DECISION_PATH = "/decisions/<int(max=2147483647):decision_id>"


@pages.post("/incidents/<number>/decisions/not-reportable")
@needs("incident.change")
def propose_not_reportable_form(number: str) -> Page:
    """Propose that the incident is not reported by a law."""
    incident = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        regime, reason = form.raw("regime"), form.needed("reason", REASON_LIMIT)
        if not regime:
            form.faults.append(RuleError("document.missing", pointer="/regime"))
        form.finish()
        actor = require_caller().actor
        use_cases.propose_not_reportable(incident.id, regime, reason, actor, now(), form_idempotency())

    return submit_clocks(incident, use_case, "not_reportable_proposed")


@pages.post(f"{DECISION_PATH}/confirm")
@needs("incident.change")
def confirm_not_reportable_form(decision_id: int) -> Page:
    """Confirm as the second person that the incident is not reported."""
    row, actor = clock_access.visible_not_reportable(decision_id), require_caller().actor
    return submit_clocks(
        access.incident_of(row),
        lambda: use_cases.confirm_not_reportable(decision_id, actor, now()),
        "not_reportable_decided",
    )


@pages.post(f"{DECISION_PATH}/withdraw")
@needs("incident.change")
def withdraw_not_reportable_form(decision_id: int) -> Page:
    """Take a decision back; the clocks run again at once."""
    actor = require_caller().actor
    return _with_reason(
        decision_id,
        lambda reason: use_cases.withdraw_not_reportable(decision_id, reason, actor, now()),
        "not_reportable_ended",
    )


@pages.post(f"{DECISION_PATH}/review")
@needs("incident.change")
def review_not_reportable_form(decision_id: int) -> Page:
    """Record that somebody has looked again at a decision, and why it stands."""
    actor = require_caller().actor
    return _with_reason(
        decision_id,
        lambda reason: review_decision(NotReportableDecision, decision_id, reason, actor, now()),
        "reviewed",
    )


def _with_reason(decision_id: int, use_case: Callable[[str], object], said: str) -> Page:
    def read_and_run() -> None:
        form = Form()
        reason = form.needed("reason", REASON_LIMIT)
        form.finish()
        use_case(reason)

    return submit_clocks(access.incident_of(clock_access.visible_not_reportable(decision_id)), read_and_run, said)
