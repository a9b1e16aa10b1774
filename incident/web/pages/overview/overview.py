"""The overview: what burns now, for the reader's role; and the same as a wall display, read from three metres."""

from typing import Any, Final

from flask import request

from incident.core.values.access import may
from incident.store.journal import journal
from incident.store.reports.custodians import current_set
from incident.web.instance import now
from incident.web.monitoring.watchdog_status import watchdog_status
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, is_permitted, render
from incident.web.pages.operations.machinery import troubles_shown
from incident.web.pages.overview.numbers import Counts
from incident.web.pages.overview.urgent_rows import duty_rows, next_rows, overdue_rows, shared_rows, unanswered_rows
from incident.web.pages.template_filters import zone
from incident.web.security.auth import needs, require_caller, signed_in

SHOWN: Final = 8
"""Rows of each list of the overview."""

ON_WALL: Final = 5
"""Rows of each list of a wall display."""


@pages.get("/")
@signed_in
def home() -> Page:
    """Show the overview, or a page that explains why there is none to people who may read no incidents."""
    if not may(require_caller().viewer.role, "incident.read"):
        return render("sign_in/nothing.html")
    return _overview("overview", SHOWN)


@pages.get("/wall")
@needs("incident.read")
def wall() -> Page:
    """Show the overview on a big screen: large, dark, without navigation and without titles marked TLP:RED."""
    return _overview("wall", ON_WALL)


def _overview(template: str, rows: int) -> Page:
    seq = journal.last_change_of(None)  # first of all: the stream reports every change after this entry
    counts = Counts(now())
    part = "_live" if request.headers.get("HX-Request") else ""
    overdue, unanswered = overdue_rows(counts, rows), unanswered_rows(counts, rows)
    return render(
        f"overview/{template}{part}.html",
        burning=shared_rows(overdue, unanswered, rows),
        counts=counts,
        duty=duty_rows(counts),
        following=next_rows(counts, rows),
        overdue=overdue,
        present=counts.at,
        seq=seq,
        unanswered=unanswered,
        zone_here=zone().key,
        wall_time=lambda moment: f"{moment.astimezone(zone()):%H:%M}",
        **_status(),
    )


def _status() -> dict[str, Any]:
    """Return the faults of the system, for whom its health may be seen."""
    can_see = is_permitted("journal.read")
    return {
        "can_see_health": can_see,
        "troubles": troubles_shown(watchdog_status()) if can_see else [],
        "has_no_custodians": is_permitted("custody.read") and current_set() is None,
    }
