"""Which calls to reporters the caller may see: those of reports that they may read."""

from werkzeug.exceptions import NotFound

from incident.store.db.database import db
from incident.store.reports.report_calls import ReportCall
from incident.web.security import access


def visible_call(call_id: int) -> ReportCall:
    """Return a call of a report that the caller may read; raises NotFound."""
    row = db.session.get(ReportCall, call_id)
    if row is None or not access.may_see_report(row.report_id):
        raise NotFound
    return row
