"""Passages of a report that are sealed after it was stored."""

from typing import Any

from flask import Response

from incident.actions.reports import passages as use_cases
from incident.core.values.text import DESCRIPTION_LIMIT
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import ID, noun
from incident.web.api.fields import Number, Text
from incident.web.api.reports.report_documents import passage_document
from incident.web.api.reports.report_schemas import SealedPassage
from incident.web.http.idempotency import create
from incident.web.instance import identity_key, now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.report_contacts import usual_protection

blueprint = noun("passages", "Passages of reports that are sealed after they were stored.")


class PassageIn(Arguments):
    """A passage by its words, or by its first character and the one after its last."""

    text = Text(DESCRIPTION_LIMIT, allow_none=True, load_default=None)
    start = Number(0, DESCRIPTION_LIMIT, allow_none=True, load_default=None)
    end = Number(0, DESCRIPTION_LIMIT, allow_none=True, load_default=None)


@blueprint.route(f"/reports/{ID.format('report_id')}/passages", methods=["POST"])
@needs("report.link")
@blueprint.arguments(PassageIn)
@blueprint.response(201, SealedPassage)
def seal_passage(given: dict[str, Any], report_id: int) -> Response:
    """Seal a passage of a report wherever its texts and messages say it; this cannot be undone.

    Indicators of its incidents that hold the passage are removed. The disk is cleared of it within seconds.
    """
    report = access.visible_report(report_id)
    usual, actor = usual_protection(report.category), require_caller().actor
    chosen = use_cases.ChosenPassage(**given)
    return create(
        lambda once: use_cases.mark_passage(report_id, chosen, usual, identity_key(), actor, now(), once),
        lambda done: passage_document(done.row, done.backups),
    )
