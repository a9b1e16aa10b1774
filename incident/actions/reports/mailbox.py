"""The mailbox of a report: additions, objection and withdrawal by the reporter, answers of the desk."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, Literal

from incident.actions.reports.ending_calls import end_calls_of
from incident.actions.reports.reports import PUBLIC
from incident.actions.reports.sealed_texts import add_message
from incident.actions.unit_of_work import Idempotency, UnitOfWork, transaction
from incident.core.reports.identifying import passage_number
from incident.core.reports.identity import identity_of
from incident.core.values.faults import RuleError, refuse_stale
from incident.core.values.text import visible
from incident.store.reports.identities import note_handler
from incident.store.reports.report_messages import ReportMessage, count_messages
from incident.store.reports.reports import Report, lock_report

MessageKind = Literal["message", "addition", "objection", "withdrawal"]
MOST_MESSAGES = 200
"""The largest number of messages that a reporter can leave at one report."""


def write_as_reporter(
    report_id: int, kind: MessageKind, text: str, now: dt.datetime, idempotency: Idempotency | None = None
) -> ReportMessage:
    """Leave a message, an addition or an objection with the desk.

    Args:
        report_id: the report, found by its receipt.
        kind: what it is.
        text: what the reporter writes; direction marks and invisible characters are removed.
        now: when (UTC).
        idempotency: the reporter's key.

    Raises:
        RuleError: `report.withdrawn`, `mailbox.full` (conflict), `document.missing`.
    """
    with transaction(PUBLIC, now, idempotency) as uow:
        report = lock_report(report_id)
        if report.withdrawn_at is not None:
            raise RuleError("report.withdrawn", kind="conflict")
        message = _add(uow, report, "reporter", kind, text)
        uow.record("report.message_received", f"report:{report_id}", {"kind": kind})
        uow.store_response(message)
    return message


def withdraw_report(report_id: int, reason: str | None, now: dt.datetime) -> Report:
    """Record that the reporter withdraws the report; a second time changes nothing.

    What was reported may be handled all the same: the report stays.
    """
    with transaction(PUBLIC, now) as uow:
        report = lock_report(report_id)
        if report.withdrawn_at is None:
            report.withdrawn_at = now
            report.ended_at = report.ended_at or now
            report.version += 1
            if reason:
                _add(uow, report, "reporter", "withdrawal", reason)
            end_calls_of(uow, report_id, "call.withdrawn")
            uow.record("report.withdrawn", f"report:{report_id}", {})
    return report


def write_as_desk(
    report_id: int,
    text: str,
    by: str,
    now: dt.datetime,
    idempotency: Idempotency | None = None,
    version: int | None = None,
) -> ReportMessage:
    """Write to the reporter, who reads it with the receipt.

    Raises:
        RuleError: `version.stale`, `receipt.deleted` (conflict): nobody could read it; `document.missing`.
    """
    with transaction(by, now, idempotency) as uow:
        report = lock_report(report_id)
        refuse_stale(report.version, version)
        message = write_in(uow, report, text)
        note_handler(report_id, identity_of(by))
        uow.store_response(message)
    return message


def write_in(uow: UnitOfWork, report: Report, text: str) -> ReportMessage:
    """Write to the reporter within the caller's transaction; raises as `write_as_desk`."""
    if report.receipt_hash is None:
        raise RuleError("receipt.deleted", kind="conflict")
    message = _add(uow, report, "desk", "message", text, uow.by)
    uow.record("report.message_sent", f"report:{report.id}", {})
    return message


FIELD_WORDS: Final = {
    "name": ("姓名", "name"),
    "phone": ("电话", "telephone number"),
    "email": ("电子邮箱", "e-mail address"),
    "address": ("地址", "postal address"),
}
"""Fields of a contact in both languages: it is not known which one a reporter reads."""


def _field_words(field: str) -> tuple[str, str]:
    number = passage_number(field)
    return FIELD_WORDS[field] if number is None else (f"文中封存内容 {number}", f"sealed passage {number}")


def tell_reporter_in(uow: UnitOfWork, report: Report, fields: Sequence[str], at: dt.datetime) -> None:
    """Tell the reporter within the caller's transaction which fields of the contact may be read.

    Args:
        uow: the transaction.
        report: the report; without a receipt nobody could read the message.
        fields: the fields that are opened.
        at: when the message appears in the mailbox (UTC).
    """
    if report.receipt_hash is None:
        return
    chinese, english = zip(*(_field_words(one) for one in fields), strict=True)
    text = (
        f"您留下的以下信息经审批后可由本单位一名工作人员查看：{'、'.join(chinese)}。\n"
        f"After approval, one person of this office may read these details of yours: {', '.join(english)}."
    )
    message = ReportMessage(report_id=report.id, sender="desk", kind="message", sent_at=at, written_by=uow.by)
    add_message(message, text)


def tell_of_call_in(uow: UnitOfWork, report: Report) -> None:
    """Tell the reporter within the caller's transaction that they are called at the number that they left."""
    if report.receipt_hash is None:
        return
    text = (
        "本单位正在拨打您留下的电话。办理举报的工作人员看不到号码。\n"
        "We are calling the telephone number that you left. The people who handle your report do not see it."
    )
    add_message(
        ReportMessage(report_id=report.id, sender="desk", kind="message", sent_at=uow.now, written_by=uow.by), text
    )


def _add(
    uow: UnitOfWork, report: Report, sender: str, kind: MessageKind, text: str, by: str | None = None
) -> ReportMessage:
    shown = visible(text)
    if not shown.strip():
        raise RuleError("document.missing", pointer="/text")
    if sender == "reporter" and count_messages(report.id, sender) >= MOST_MESSAGES:
        raise RuleError("mailbox.full", {"limit": MOST_MESSAGES}, kind="conflict")
    message = ReportMessage(report_id=report.id, sender=sender, kind=kind, sent_at=uow.now, written_by=by)
    add_message(message, shown)
    return message
