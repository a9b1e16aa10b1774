"""Representations of reports in the API."""

from collections.abc import Sequence
from typing import Any

from incident.core.values.moment import format_moment
from incident.store.queries.report_list import numbers_by_report
from incident.store.reports.reports import Report
from incident.web.api.document_parts import Document, moment
from incident.web.security import access
from incident.web.security.access_log_writer import note_read


def report_item(report: Any) -> Document:
    """Serialize a report without its incidents."""
    note_read("report", report.id)
    return {
        "id": report.id,
        "state": report.state,
        "category": report.category,
        "text": report.text,
        "url": report.url,
        "occurred_at": moment(report.occurred_at),
        "channel": report.channel,
        "received_at": format_moment(report.received_at),
    }


def report_documents(rows: Sequence[Report]) -> list[Document]:
    """Serialize reports with the numbers of their incidents."""
    numbers = numbers_by_report(access.viewer(), [report.id for report in rows])
    return [report_item(report) | {"incidents": numbers[report.id]} for report in rows]
