"""The indicators of an incident: all of them, pasted by the thousand, copied, and where else each was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, make_response, request, url_for

from incident.actions.incidents import indicators as use_cases
from incident.actions.incidents.indicators import AddedIndicators
from incident.core.incidents.indicator import Indicator, defang
from incident.core.incidents.pasted_indicators import MAX_LINES, MAX_ON_INCIDENT, read_pasted
from incident.core.values.faults import raise_all
from incident.store.incidents.incidents import Incident, indicators_of
from incident.store.incidents.indicators import count_indicators_of, indicator_on
from incident.store.queries.shared_indicators import (
    RelatedIncident,
    incidents_with,
    indicators_with_counts,
    related_incidents,
)
from incident.web.http.body_limits import LARGE, max_body
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.pages.incident_forms import submit_on
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

_ID: Final = "<int(max=2147483647):indicator_id>"
PAGE_LIMIT: Final = 100
ON_PAGE_OF_INCIDENT: Final = 20
RELATED_LIMIT: Final = 10
SEEN_LIMIT: Final = 50


@dataclass(frozen=True)
class IndicatorView:
    """An indicator, plain and defanged; `seen` is in how many other incidents it is, counted up to a limit."""

    id: int
    kind: str
    plain: str
    defanged: str
    seen: int


@dataclass(frozen=True)
class IndicatorsView:
    """The first indicators of an incident, how many it has, and incidents that share one."""

    shown: Sequence[IndicatorView]
    count: int
    related: Sequence[RelatedIncident]


def indicators_view(incident: Incident, count: int) -> IndicatorsView:
    """Return what the page of an incident shows of its indicators, of which it has some number."""
    if not count:
        return IndicatorsView((), 0, ())
    related = related_incidents(access.viewer(), incident.id, RELATED_LIMIT)
    return IndicatorsView(_shown(incident, 0, ON_PAGE_OF_INCIDENT), count, related)


def _shown(incident: Incident, after: int, limit: int) -> list[IndicatorView]:
    rows = indicators_with_counts(access.viewer(), incident.id, after, limit)
    return [
        IndicatorView(one.id, one.kind, one.value, defang(Indicator(one.kind, one.value)), one.seen) for one in rows
    ]


@pages.get("/incidents/<number>/indicators")
@needs("incident.read")
def incident_indicators(number: str) -> Page:
    """Show the indicators of an incident, a page at a time; with `seen`, where else one of them was seen."""
    found = access.visible_incident(number)
    after = read_cursor(request.args.get("after"), (int,)) or (0,)
    rows, following = cut(_shown(found, after[0], PAGE_LIMIT + 1), PAGE_LIMIT, lambda row: (row.id,))
    asked = request.args.get("seen", "")
    seen = indicator_on(found.id, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    elsewhere = incidents_with(access.viewer(), seen.kind, seen.value, found.id, SEEN_LIMIT) if seen else ()
    return render(
        "incidents/indicators.html",
        incident=found,
        rows=rows,
        count=count_indicators_of(found.id),
        seen=seen and defang(Indicator(seen.kind, seen.value)),  # type: ignore[arg-type]
        elsewhere=elsewhere,
        may_add=found.status != "closed" and is_permitted("incident.change"),
        given=request.form,
        most=MAX_LINES,
        further=following and url_for("pages.incident_indicators", number=number, after=following),
    )


@pages.get("/incidents/<number>/indicators.txt")
@needs("incident.read")
def indicators_text(number: str) -> Response:
    """Return all indicators of an incident as text, one on each line; defanged unless `form` is `plain`."""
    found = access.visible_incident(number)
    rows = indicators_of(found.id)[:MAX_ON_INCIDENT]
    if request.args.get("form") == "plain":
        lines = [one.value for one in rows]
    else:
        lines = [defang(Indicator(one.kind, one.value)) for one in rows]  # type: ignore[arg-type]
    return Response("".join(f"{line}\n" for line in lines), mimetype="text/plain")


@pages.post("/incidents/<number>/indicators")
@needs("incident.change")
@max_body(LARGE)
def paste_indicators_form(number: str) -> Page:
    """Add pasted indicators; a line that is none refuses all, unless such lines are left out."""
    found = access.visible_incident(number)
    done: list[tuple[AddedIndicators, int]] = []

    def use_case() -> None:
        pasted = read_pasted(request.form.get("pasted", ""), "/pasted")
        if "skip_faulty" not in request.form or not pasted.found:
            raise_all(pasted.faults)
        added = use_cases.add_indicators(found.id, pasted.found, require_caller().actor, now())
        done.append((added, len(pasted.faults)))

    def to() -> str:
        added, faulty = done[0]
        counts: dict[str, Any] = {"added": added.added, "known": added.known, "faulty": faulty}
        return url_for("pages.incident_indicators", number=number, **counts)

    return submit(use_case, lambda: make_response(incident_indicators(number)), to, "indicators_added")


@pages.post(f"/incidents/<number>/indicators/{_ID}/remove")
@needs("incident.change")
def remove_indicator_form(number: str, indicator_id: int) -> Page:
    """Remove an indicator from an incident."""
    found = access.visible_incident(number)

    def use_case() -> None:
        use_cases.remove_indicator(found.id, indicator_id, require_caller().actor, now())

    return submit_on(found, use_case, "removed", "indicators")
