"""Steps by which people handle a report: one endpoint for each."""

from collections.abc import Callable
from typing import Any

from flask import Response

from incident.actions.reports.handling import take_step
from incident.core.reports.handling import (
    FINDINGS,
    REASON_LIMIT,
    RECIPIENT_LIMIT,
    REVIEW_OUTCOMES,
    HandlingStep,
    NewStep,
)
from incident.core.reports.kinds import MESSAGE_LIMIT
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import ID
from incident.web.api.fields import Choice, Number, Text
from incident.web.api.reports.report_documents import report_with_messages
from incident.web.api.reports.report_schemas import ReportWithMessages
from incident.web.api.reports.reports import blueprint
from incident.web.http.conditional import read_version, respond
from incident.web.http.paging import MAX_INTEGER
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller


class StepIn(Arguments):
    """A step: why, for the record, and what the reporter reads."""

    reason = Text(REASON_LIMIT, allow_none=True, load_default=None)
    message = Text(MESSAGE_LIMIT, allow_none=True, load_default=None)


class ConcludeIn(StepIn):
    """What the verification found."""

    outcome = Choice(FINDINGS, required=True)


class HandOverIn(StepIn):
    """To whom the report is handed over."""

    recipient = Text(RECIPIENT_LIMIT, is_line=True, required=True)


class MergeReportIn(StepIn):
    """The report that stays."""

    into = Number(1, MAX_INTEGER, required=True)


class ReviewObjectionIn(StepIn):
    """What the review of the objection decided."""

    outcome = Choice(REVIEW_OUTCOMES, required=True)


STEPS: tuple[tuple[HandlingStep, type[StepIn], str], ...] = (
    ("accept", StepIn, "Accept a report."),
    ("refuse", StepIn, "Do not accept a report, with a reason."),
    ("verify", StepIn, "Begin to verify a report."),
    ("conclude", ConcludeIn, "Record what the verification found, with a reason."),
    ("hand_over", HandOverIn, "Hand a report over to another department or office."),
    ("handle", StepIn, "Record that what was reported is handled."),
    ("reply", StepIn, "Reply to the reporter; needs `message`."),
    ("close", StepIn, "Close a report."),
    ("merge", MergeReportIn, "Merge a report with another one, which stays."),
    ("reopen", StepIn, "Reopen a report because of new facts, with a reason."),
    ("review", ReviewObjectionIn, "Review an objection of the reporter, as somebody who has not worked on the report."),
)


def _endpoint(step: HandlingStep, summary: str) -> Callable[..., Response]:
    def take(given: dict[str, Any], report_id: int) -> Response:
        report = access.visible_report(report_id)
        if step == "merge":
            access.visible_report(given["into"])
        version = read_version(report.version)
        taken = take_step(report_id, NewStep(step, **given), require_caller().actor, now(), version=version)
        return respond(report_with_messages(taken), taken.version)

    take.__name__, take.__doc__ = f"{step}_report", summary
    return take


for _step, _arguments, _summary in STEPS:
    _view = blueprint.response(200, ReportWithMessages)(_endpoint(_step, _summary))
    _view = blueprint.arguments(_arguments)(_view)
    blueprint.route(f"/reports/{ID.format('report_id')}/{_step.replace('_', '-')}", methods=["POST"])(
        needs("report.handle")(_view)
    )
