"""Which calls to reporters the caller may see: those of reports that they may read."""

from collections.abc import Sequence

from werkzeug.exceptions import NotFound

from incident.store.db.database import db
from incident.store.reports.report_calls import ReportCall, operator_calls
from incident.web.security import access
from incident.web.security.auth import require_caller


def visible_call(call_id: int) -> ReportCall:
    """Return a call of a report that the caller may read; raises NotFound."""
    row = db.session.get(ReportCall, call_id)
    if row is None or not access.may_see_report(row.report_id):
        raise NotFound
    return row


def calls_to_make(after: int | None, limit: int) -> Sequence[ReportCall]:
    """Return the calls that the caller may make as an operator, the oldest first; see `operator_calls`."""
    found = operator_calls(require_caller().actor, after, limit)
    return [one for one in found if access.may_see_report(one.report_id)]
