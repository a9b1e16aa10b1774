"""Settings of public reports: who is paged for urgent ones, and how many one address may send."""

from collections.abc import Callable, Collection
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network

from incident.core.reports.limits import ReportLimits
from incident.core.reports.urgent import UrgentPaging
from incident.core.values.identifier import is_code

__all__ = ["ReportLimits", "UrgentPaging", "read_report_limits", "read_reviewers", "read_urgent_paging"]

Text = Callable[[str, str], str]
Network = IPv4Network | IPv6Network
Fault = Callable[[str, str, str], None]


def read_urgent_paging(text: Text, fault: Fault) -> UrgentPaging:
    """Read who is paged for urgent reports, and for how many minutes they share a notice.

    Args:
        text: returns a variable, or the default.
        fault: records what is wrong with a variable, and a hint.
    """
    code = text("INCIDENT_REPORT_DEPARTMENT", "")
    if code and not is_code(code):
        fault("INCIDENT_REPORT_DEPARTMENT", f"is {code!r}", "Write the code of a department, such as CERT.")
    return UrgentPaging(
        code or None, timedelta(minutes=_count(text, fault, "INCIDENT_REPORT_NOTICE_MINUTES", 5, 1_440))
    )


def read_report_limits(text: Text, fault: Fault, offices: Collection[Network]) -> ReportLimits:
    """Read how many reports an hour one address may send.

    Args:
        text: returns a variable, or the default.
        fault: records what is wrong with a variable, and a hint.
        offices: the networks of INCIDENT_REPORT_OFFICES.
    """
    usual = ReportLimits()
    return ReportLimits(
        _count(text, fault, "INCIDENT_REPORT_LIMIT", usual.per_address, 1_000_000),
        _count(text, fault, "INCIDENT_REPORT_OFFICE_LIMIT", usual.per_office, 1_000_000),
        offices,
    )


def read_reviewers(text: Text) -> tuple[str, ...]:
    """Return the sign-in names of the outside reviewers, who read reports about the office; `text` reads a variable."""
    return tuple(filter(None, (part.strip() for part in text("INCIDENT_REPORT_REVIEWERS", "").split(","))))


def _count(text: Text, fault: Fault, name: str, default: int, most: int) -> int:
    given = text(name, str(default))
    if not (given.isascii() and given.isdigit() and len(given) < 10 and 1 <= int(given) <= most):
        fault(name, f"is {given!r}", f"Write a whole number from 1 to {most}, such as {default}.")
        return default
    return int(given)
