"""Ends calls to a reporter: with their outcome, or because the report is withdrawn or restricted."""

from incident.actions.unit_of_work import UnitOfWork
from incident.core.reports.calls import CallState
from incident.store.reports.report_calls import ReportCall, calls_under_way


def end_call_in(uow: UnitOfWork, row: ReportCall, state: CallState, fault: str | None = None) -> None:
    """End a call within the caller's transaction; `fault` is the code of why it failed."""
    row.state, row.fault, row.ended_at, row.due_at = state, fault, uow.now, None
    detail = {"call": row.id} | ({} if fault is None else {"fault": fault})
    uow.record(f"call.{state}", f"report:{row.report_id}", detail)


def end_calls_of(uow: UnitOfWork, report_id: int, fault: str) -> None:
    """End the calls of a report that wait or were begun, within the caller's transaction."""
    for row in calls_under_way(report_id):
        end_call_in(uow, row, "failed", fault)
