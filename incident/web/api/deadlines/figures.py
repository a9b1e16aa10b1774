"""Figures of rule sets and regimes that administrators check against the text they come from."""

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from incident.actions.deadlines import figures as use_cases
from incident.core.deadlines.figures import Figure
from incident.core.deadlines.regimes import Stage
from incident.core.values.moment import format_moment
from incident.store.deadlines.figures import FigureConfirmation, figure_confirmations
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.deadlines.grading import BILINGUAL
from incident.web.api.document_parts import Document
from incident.web.api.endpoint import WithNeededReason, noun
from incident.web.api.fields import Text
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.instance import now
from incident.web.security.auth import needs, require_caller

blueprint = noun("figures", "Figures of rules that were not read in the rule itself, until they are confirmed.")
FIGURE = "/figures/<source>/<cell>"


class ConfirmationOut(Schema):
    """An administrator's confirmation of a figure."""

    at = schema_parts.at()
    by = schema_parts.text()
    read_in = schema_parts.text("the text in which the figure was read")
    content_hash = schema_parts.text("SHA-256 of the version of the whole rule set or regime")


class FigureOut(Schema):
    """A figure that was not read in the rule itself."""

    kind = schema_parts.text(enum=["rule_set", "regime"])
    source = schema_parts.text("id of the rule set or regime", example="cn-cac-guide")
    title = fields.Dict(required=True, metadata=BILINGUAL)
    ref = schema_parts.text("the rule that it cites")
    cell = schema_parts.text("key of the line or stage", example="cac.infrastructure.2")
    text = fields.Dict(required=True, metadata=BILINGUAL)
    grade = schema_parts.maybe_number("that the line gives")
    due = schema_parts.maybe("of the stage, such as PT72H")
    evidence = schema_parts.text("where the figure was read", enum=["fragments", "draft", "recalled", "secondary"])
    figure_hash = schema_parts.text("SHA-256 of what the figure says")
    content_hash = schema_parts.text("SHA-256 of the present version of the whole rule set or regime")
    confirmed = fields.Nested(ConfirmationOut, required=True, allow_none=True)


class FiguresToCheckOut(Schema):
    """All figures to check, those that are confirmed included."""

    items = schema_parts.list_of(FigureOut)


class ConfirmationIn(Arguments):
    """What was compared with the source, and in which text."""

    figure_hash = Text(64, is_line=True, required=True, metadata={"example": "a" * 64})
    read_in = Text(use_cases.READ_IN_LIMIT, required=True)


@blueprint.route("/figures", methods=["GET"])
@needs("organization.read")
@blueprint.response(200, FiguresToCheckOut)
def list_figures() -> Response:
    """List the figures that were not read in the rule itself, with their confirmations."""
    confirmed = {one.figure_hash: one for one in figure_confirmations()}
    found = use_cases.figures_to_check()
    return respond({"items": [figure_document(one, confirmed.get(one.figure_hash)) for one in found]})


@blueprint.route(f"{FIGURE}/confirm", methods=["POST"])
@needs("organization.write")
@blueprint.arguments(ConfirmationIn)
@blueprint.response(201, ConfirmationOut)
def confirm_figure(given: dict[str, Any], source: str, cell: str) -> Response:
    """Confirm a figure after reading it in its source; it is no longer marked."""
    actor = require_caller().actor
    return create(
        lambda idempotency: use_cases.confirm_figure(
            source, cell, given["figure_hash"], given["read_in"], actor, now(), idempotency
        ),
        confirmation_document,
    )


@blueprint.route(f"{FIGURE}/withdraw", methods=["POST"])
@needs("organization.write")
@blueprint.arguments(WithNeededReason)
@blueprint.response(204)
def withdraw_confirmation(given: dict[str, Any], source: str, cell: str) -> Response:
    """Withdraw a confirmation; the figure is marked again."""
    use_cases.withdraw_confirmation(source, cell, given["reason"], require_caller().actor, now())
    return Response(status=204)


def figure_document(figure: Figure, confirmation: FigureConfirmation | None) -> Document:
    """Serialize a figure with its confirmation."""
    stage = figure.cell if isinstance(figure.cell, Stage) else None
    return {
        "kind": figure.kind,
        "source": figure.source,
        "title": figure.title,
        "ref": figure.ref,
        "cell": figure.key,
        "text": figure.text,
        "grade": None if isinstance(figure.cell, Stage) else figure.cell.grade,
        "due": None if stage is None else stage.period.text,
        "evidence": figure.cell.evidence,
        "figure_hash": figure.figure_hash,
        "content_hash": figure.content_hash,
        "confirmed": None if confirmation is None else confirmation_document(confirmation),
    }


def confirmation_document(row: FigureConfirmation) -> Document:
    """Serialize a confirmation."""
    return {
        "at": format_moment(row.confirmed_at),
        "by": row.confirmed_by,
        "read_in": row.read_in,
        "content_hash": row.content_hash,
    }
