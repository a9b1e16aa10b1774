"""Insights: how long incidents take and how many there are, by month, day, hour, category, department and step."""

from typing import Any, Final

from flask import Response

from incident.actions.insights.reading import counting_state, figures_by
from incident.core.insights.figures import DIVISIONS, FigureRow
from incident.core.insights.months import FORM, Month, require_month, require_months_between
from incident.formats.spreadsheets import write_csv
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import noun
from incident.web.api.fields import Choice, Ruled
from incident.web.api.insights.insight_documents import InsightsOut, insight_lines, insights_document
from incident.web.http.conditional import respond
from incident.web.instance import current_instance, now
from incident.web.security import access
from incident.web.security.auth import needs

CSV: Final = "text/csv"
_MONTH: Final = {
    "description": "a month; when both are omitted, the present one",
    "pattern": f"^{FORM.pattern}$",
    "example": "2026-11",
}

blueprint = noun("insights", "How long incidents take and how many there are; departments see their own figures.")


class InsightsQuery(Arguments):
    """Which months, divided by what."""

    first = Ruled(require_month, load_default=None, data_key="from", metadata=_MONTH)
    last = Ruled(require_month, load_default=None, data_key="to", metadata=_MONTH)
    by = Choice(DIVISIONS, load_default="month")
    exercise = Choice(("true", "false"), load_default="false")


@blueprint.route("/insights", methods=["GET"])
@needs("incident.read")
@blueprint.arguments(InsightsQuery, location="query")
@blueprint.response(200, InsightsOut)
def read_insights(given: dict[str, Any]) -> Response:
    """Read the figures of some months, at most five years."""
    months = _months(given)
    zone = current_instance().settings.zone
    facts = {"by": given["by"], "exercise": _is_drill(given), "zone": zone.key}
    return respond(insights_document(_rows(given, months), months, counting_state(zone, now()), **facts))


@blueprint.route("/insights.csv", methods=["GET"])
@needs("incident.read")
@blueprint.arguments(InsightsQuery, location="query")
@blueprint.response(200, {"type": "string"}, content_type=CSV)
def export_insights(given: dict[str, Any]) -> Response:
    """Export the same figures as CSV in UTF-8."""
    lines = insight_lines(_rows(given, _months(given)))
    return Response(write_csv(lines), content_type=f"{CSV}; charset=utf-8")


def _rows(given: dict[str, Any], months: list[Month]) -> list[FigureRow]:
    return figures_by(given["by"], access.viewer(), months, is_drill=_is_drill(given))


def _months(given: dict[str, Any]) -> list[Month]:
    here = Month.of(now().astimezone(current_instance().settings.zone).date())
    last = given["last"] or here
    return require_months_between(given["first"] or last, last, "?from")


def _is_drill(given: dict[str, Any]) -> bool:
    return bool(given["exercise"] == "true")
