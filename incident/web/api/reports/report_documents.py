"""Representations of reports in the API."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from incident.actions.reports.sealed_texts import message_text, step_reason, texts_of
from incident.core.reports.handling import possible_steps
from incident.core.values.moment import format_moment
from incident.store.operations.backups import MadeBackup, backups_between
from incident.store.queries.report_list import numbers_by_report
from incident.store.queries.reports_about_units import has_readers
from incident.store.reports.identities import identities_of
from incident.store.reports.marked_passages import MarkedPassage, marked_passages_of
from incident.store.reports.report_messages import ReportMessage, messages_of_report
from incident.store.reports.report_steps import ReportStep, steps_of_report
from incident.store.reports.reports import Report
from incident.web.api.document_parts import Document, moment
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.access_log_writer import note_read


def report_item(report: Any) -> Document:
    """Serialize a report without its incidents; texts that are sealed are left out."""
    note_read("report", report.id)
    return {
        "id": report.id,
        "state": report.state,
        "kind": report.kind,
        "category": report.category,
        "text": None if report.sealed_texts is not None else report.text,
        "url": report.url,
        "occurred_at": moment(report.occurred_at),
        "loss": report.loss,
        "evidence": report.evidence,
        "is_stated_true": report.is_stated_true,
        "emergency": report.emergency,
        "channel": report.channel,
        "protection": report.protection,
        "is_text_sealed": report.sealed_texts is not None,
        "is_about_unit": report.is_about_unit,
        "taken_at": moment(report.taken_at),
        "received_at": format_moment(report.received_at),
        "withdrawn_at": moment(report.withdrawn_at),
    }


def report_documents(rows: Sequence[Report]) -> list[Document]:
    """Serialize reports with the numbers of their incidents."""
    numbers = numbers_by_report(access.viewer(), [report.id for report in rows])
    return [report_item(report) | {"incidents": numbers[report.id]} for report in rows]


def report_with_messages(report: Report) -> Document:
    """Serialize a report with its texts, its incidents and its mailbox."""
    return (
        report_documents([report])[0]
        | asdict(texts_of(report))
        | {
            "contact_fields": [one.field for one in identities_of(report.id)],
            "passages": [
                passage_document(one, backups_between(report.received_at, one.marked_at))
                for one in marked_passages_of(report.id)
            ],
            "messages": [desk_message(one) for one in messages_of_report(report.id, now())],
            "steps": [step_document(one) for one in steps_of_report(report.id)],
            "possible_steps": list(possible_steps(report.state)),
        }
    )


def passage_document(row: MarkedPassage, backups: Sequence[MadeBackup]) -> Document:
    """Serialize a passage that was sealed later, with the backups that still hold it."""
    return {
        "field": row.field,
        "marked_at": format_moment(row.marked_at),
        "marked_by": row.marked_by,
        "erased_at": moment(row.erased_at),
        "incidents": list(row.incidents),
        "backups": [{"name": one.name, "made_at": format_moment(one.made_at)} for one in backups],
    }


def step_document(row: ReportStep) -> Document:
    """Serialize a step that was taken."""
    return {
        "step": row.step,
        "before": row.before,
        "after": row.after,
        "outcome": row.outcome,
        "reason": step_reason(row),
        "recipient": row.recipient,
        "into": row.into_id if row.into_id is not None and access.may_see_report(row.into_id) else None,
        "taken_by": row.taken_by,
        "taken_at": format_moment(row.taken_at),
    }


def desk_message(row: ReportMessage) -> Document:
    """Serialize a message of a mailbox for the desk."""
    return {
        "id": row.id,
        "sender": row.sender,
        "kind": row.kind,
        "text": message_text(row),
        "sent_at": format_moment(row.sent_at),
        "written_by": row.written_by,
    }


def mailbox_message(row: ReportMessage) -> Document:
    """Serialize a message of a mailbox for the reporter: the text only of what the desk wrote."""
    return {
        "id": row.id,
        "sender": row.sender,
        "kind": row.kind,
        "text": message_text(row) if row.sender == "desk" else None,
        "sent_at": format_moment(row.sent_at),
    }


def progress_document(report: Report) -> Document:
    """Serialize the progress of a report for the holder of its receipt."""
    return {
        "state": report.state,
        "is_withdrawn": report.withdrawn_at is not None,
        "is_waiting_for_reader": report.is_about_unit and not has_readers(report.id),
        "messages": [mailbox_message(one) for one in messages_of_report(report.id, now())],
    }
