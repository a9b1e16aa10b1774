"""Settings of public reports: who is paged for urgent ones."""

from collections.abc import Callable
from datetime import timedelta

from incident.core.reports.urgent import UrgentPaging
from incident.core.values.identifier import is_code

__all__ = ["UrgentPaging", "read_urgent_paging"]

Text = Callable[[str, str], str]
Fault = Callable[[str, str, str], None]


def read_urgent_paging(text: Text, fault: Fault) -> UrgentPaging:
    """Read who is paged for urgent reports, and for how many minutes they share a notice.

    Args:
        text: returns a variable, or the default.
        fault: records what is wrong with a variable, and a hint.
    """
    code, minutes = text("INCIDENT_REPORT_DEPARTMENT", ""), text("INCIDENT_REPORT_NOTICE_MINUTES", "5")
    if code and not is_code(code):
        fault("INCIDENT_REPORT_DEPARTMENT", f"is {code!r}", "Write the code of a department, such as CERT.")
    if not (minutes.isascii() and minutes.isdigit() and len(minutes) < 5 and 1 <= int(minutes) <= 1_440):
        hint = "Write a whole number of minutes from 1 to 1440, such as 5."
        fault("INCIDENT_REPORT_NOTICE_MINUTES", f"is {minutes!r}", hint)
        return UrgentPaging(code or None)
    return UrgentPaging(code or None, timedelta(minutes=int(minutes)))
