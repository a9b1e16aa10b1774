"""Pages for calls to reporters: request one, and make those that an operator was asked for."""

from typing import Final

from flask import Response, g, request, url_for

from incident.actions.reports import report_calls as use_cases
from incident.core.reports.calls import CALL_OUTCOMES, NUMBER_LIMIT, dialled
from incident.core.reports.identity import PURPOSE_LIMIT
from incident.core.values.error_messages import say
from incident.core.values.faults import RuleError
from incident.store.queries.identity_work import list_operator_calls
from incident.store.reports.identities import identities_of
from incident.store.reports.report_calls import UNDER_WAY, calls_of_report
from incident.web.http.errors import status_of
from incident.web.http.idempotency import form_idempotency
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.i18n import gettext as _
from incident.web.instance import current_instance, identity_key, now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.report_calls import visible_call

SHOWN: Final = 50


@pages.get("/reports/<int(max=2147483647):report_id>/call")
@needs("identity.request")
def report_call_form(report_id: int) -> Page:
    """Show the form for a call, and the calls so far."""
    return _form(report_id)


@pages.post("/reports/<int(max=2147483647):report_id>/call")
@needs("identity.request")
def request_call_form(report_id: int) -> Page:
    """Request a call; the same form sent twice is one call."""
    access.visible_report(report_id)

    def use_case() -> None:
        form = Form()
        purpose = form.needed("purpose", PURPOSE_LIMIT)
        own = form.needed("from", NUMBER_LIMIT) if _has_telephone() else None
        form.finish()
        use_cases.request_call(report_id, purpose, own, require_caller().actor, now(), form_idempotency())

    return submit(
        use_case,
        lambda: _form(report_id),
        lambda: url_for("pages.report_call_form", report_id=report_id),
        "call_requested",
    )


@pages.post("/calls/<int(max=2147483647):call_id>/cancel")
@needs("identity.request")
def cancel_call_form(call_id: int) -> Page:
    """Cancel a call that nobody has begun."""
    report_id = visible_call(call_id).report_id
    return submit(
        lambda: use_cases.cancel_call(call_id, require_caller().actor, now()),
        lambda: _form(report_id),
        lambda: url_for("pages.report_call_form", report_id=report_id),
        "call_cancelled",
    )


@pages.get("/calls")
@needs("call.make")
def operator_call_list() -> Page:
    """List the calls that an operator has to make, the oldest first."""
    return _list()


@pages.post("/calls/<int(max=2147483647):call_id>/number")
@needs("call.make")
def show_number_form(call_id: int) -> Page | Response:
    """Show the number to the operator; it is on this page alone, which is not stored."""
    visible_call(call_id)
    try:
        row, number = use_cases.take_call(call_id, require_caller().actor, identity_key(), now())
    except RuleError as fault:
        g.faults = fault.all
        return _list(status_of(fault))
    return render("reports/call_number.html", row=row, number=number, dialled=dialled(number))


@pages.post("/calls/<int(max=2147483647):call_id>/end")
@needs("call.make")
def end_call_form(call_id: int) -> Page:
    """Record how a call ended."""
    visible_call(call_id)

    def use_case() -> None:
        outcome = request.form.get("outcome", "")
        if outcome not in CALL_OUTCOMES:
            raise RuleError("document.missing", pointer="/outcome")
        use_cases.end_call(call_id, "placed" if outcome == "placed" else "failed", require_caller().actor, now())

    return submit(use_case, _list, lambda: url_for("pages.operator_call_list"), "call_ended")


def _has_telephone() -> bool:
    return current_instance().settings.calls is not None


def _form(report_id: int) -> Page:
    report = access.visible_report(report_id)
    fields = [one.field for one in identities_of(report_id)]
    calls = calls_of_report(report_id, SHOWN)
    return render(
        "reports/call.html",
        report=report,
        given=request.form,
        calls=calls,
        is_under_way=any(one.state in UNDER_WAY for one in calls),
        whys={one.id: say(one.fault, {}, _) for one in calls if one.fault},
        has_telephone=_has_telephone(),
        can_be_called=report.protection == "sealed" and "phone" in fields and report.withdrawn_at is None,
        own=require_caller().owner,
    )


def _list(status: int = 200) -> Page:
    after = read_cursor(request.args.get("cursor"), (int,)) or (None,)
    shown, following = cut(list_operator_calls(access.viewer(), after[0], SHOWN + 1), SHOWN, lambda row: (row.id,))
    later = url_for("pages.operator_call_list", cursor=following) if following else None
    return render("reports/calls.html", status, rows=shown, later=later, own=require_caller().owner)
