"""Insights: the figures of a month, each chart with its table and CSV, and the printed report."""

from typing import Any, Final

from flask import Response, g, request
from werkzeug.exceptions import NotFound

from incident.actions.drills.scoring import scores_of
from incident.actions.insights.reading import counting_state
from incident.core.insights.counting import EVERYWHERE
from incident.core.insights.durations import PRECISION
from incident.core.insights.months import Month, require_month
from incident.core.values.access import sees_red
from incident.core.values.faults import RuleError
from incident.formats.spreadsheets import write_csv
from incident.store.insights.figures import scope_of
from incident.store.playbooks import playbooks, runs
from incident.store.queries.drills import drills_between
from incident.store.queries.waiting_approvals import open_approvals, owed_reviews
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, render
from incident.web.pages.insights.figure_views import TABLES, MonthFigures, month_words
from incident.web.security import access
from incident.web.security.auth import needs

MOST_MONTHS: Final = 36
"""Months that the page offers, up to the present one; the address takes others."""

MOST_LISTED: Final = 100
"""Drills and open decisions that the report lists, of each."""


@pages.get("/insights")
@needs("incident.read")
def insights() -> Page:
    """Show the figures of a month, by default of the present one."""
    month, status = _month()
    return render("insights/insights.html", status, **_facts(month))


@pages.get("/insights/<table>/csv")
@needs("incident.read")
def insights_csv(table: str) -> Response:
    """Download a table of the page as CSV."""
    if table not in TABLES:
        raise NotFound
    month, status = _month()
    if status != 200:
        raise RuleError("month.malformed", pointer="?month")
    shown = TABLES[table](MonthFigures(month, access.viewer()))
    headers = {"Content-Disposition": f'attachment; filename="{table}-{month}.csv"'}
    return Response(write_csv(shown.lines()), content_type="text/csv; charset=utf-8", headers=headers)


@pages.get("/insights/report")
@needs("incident.read")
def insights_report() -> Page:
    """Show the report on a month: no form and no button."""
    month, status = _month()
    viewer, at, zone = access.viewer(), now(), current_instance().settings.zone
    held = drills_between(viewer, *month.span_in(zone), MOST_LISTED)
    return render(
        "insights/report.html",
        status,
        **_facts(month),
        approvals=open_approvals(viewer, at, MOST_LISTED),
        drills=held,
        made_at=at,
        playbooks=playbooks.versions_by_ids({one.playbook_id for one in held}),
        reviews=owed_reviews(viewer, at, MOST_LISTED),
        scores=scores_of(runs.runs_by_ids({one.run_id for one in held}), viewer, at),
    )


def _present_month() -> Month:
    return Month.of(now().astimezone(current_instance().settings.zone).date())


def _month() -> tuple[Month, int]:
    """Return the month of the address and a status; the present month where it names none."""
    given = request.args.get("month", "")
    try:
        return (require_month(given, "/month") if given else _present_month()), 200
    except RuleError as fault:
        g.faults = fault.all
        return _present_month(), 422


def _facts(month: Month) -> dict[str, Any]:
    viewer, present = access.viewer(), _present_month()
    offered = [present.moved(-by) for by in range(MOST_MONTHS)]
    return {
        "before": month.moved(-1),
        "counting": counting_state(current_instance().settings.zone, now()),
        "figures": MonthFigures(month, viewer),
        "following": month.moved(1) if month < present else None,
        "is_own": scope_of(viewer) != EVERYWHERE,
        "month": month,
        "month_words": month_words,
        "months": offered if month in offered else [*offered, month],
        "precision": PRECISION,
        "sees_red": sees_red(viewer),
        "tables": TABLES,
    }
