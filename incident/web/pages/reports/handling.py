"""The form by which people take a step with a report."""

from flask import url_for

from incident.actions.reports.handling import take_step
from incident.core.reports.handling import HANDLING_STEPS, REASON_LIMIT, RECIPIENT_LIMIT, NewStep
from incident.core.reports.kinds import MESSAGE_LIMIT
from incident.core.values.faults import RuleError
from incident.web.http.idempotency import form_idempotency
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, submit
from incident.web.pages.reports.reports import show_report
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

OUTCOME_LIMIT = 20


@pages.post("/reports/<int(max=2147483647):report_id>/steps")
@needs("report.handle")
def take_step_form(report_id: int) -> Page:
    """Take a step with a report; the same form sent twice takes one."""
    access.visible_report(report_id)

    def use_case() -> None:
        form = Form()
        step = next((one for one in HANDLING_STEPS if one == form.raw("step")), None)
        if step is None:
            raise RuleError("report.step_impossible", kind="conflict")
        given = {
            "reason": form.text("reason", REASON_LIMIT),
            "message": form.text("message", MESSAGE_LIMIT),
            "outcome": form.text("outcome", OUTCOME_LIMIT),
            "recipient": form.text("recipient", RECIPIENT_LIMIT),
        }
        into, version = form.number("into"), form.number("version")
        form.finish()
        if into is not None:
            access.visible_report(into)
        new = NewStep(step, **given, into=into)
        take_step(report_id, new, require_caller().actor, now(), form_idempotency(), version)

    return submit(
        use_case,
        lambda: show_report(report_id),
        lambda: url_for("pages.report", report_id=report_id, _anchor="handling"),
        "report_step_taken",
    )
