"""Indicators of incidents: listed with where else they were seen, added by the thousand, removed; related incidents."""

from typing import Any, Final

from flask import Response
from marshmallow import Schema

from incident.actions.incidents import indicators as use_cases
from incident.actions.incidents.indicators import AddedIndicators
from incident.core.incidents.indicator import Indicator, defang
from incident.core.incidents.pasted_indicators import read_pasted
from incident.core.values.faults import raise_all
from incident.store.queries.shared_indicators import MOST_SEEN, indicators_with_counts, related_incidents
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document
from incident.web.api.endpoint import ID, Paged, noun
from incident.web.api.fields import Text, Truth
from incident.web.api.schema_parts import page_of
from incident.web.http.body_limits import LARGE, max_body
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

TEXT_LIMIT: Final = 10_000_000
RELATED_LIMIT: Final = 50
blueprint = noun("indicators", "Addresses, names, hashes and accounts that incidents have.")


class IndicatorWithCount(Schema):
    """An indicator of an incident."""

    id = schema_parts.number()
    kind = schema_parts.text()
    value = schema_parts.text()
    defanged = schema_parts.text("in a form that no program turns into a link")
    also_seen = schema_parts.number(f"in how many other incidents it is; counted up to {MOST_SEEN}")


class IndicatorLines(Arguments):
    """Indicators, one on each line, defanged or plain."""

    text = Text(TEXT_LIMIT, required=True, metadata={"example": "hxxps://evil[.]example/a\n198.51.100.7\naccount root"})
    skip_faulty = Truth(
        load_default=False, metadata={"description": "leave out lines that are no indicators, instead of refusing all"}
    )


class AddedOut(Schema):
    """The result of adding the lines."""

    added = schema_parts.number("indicators that the incident did not have")
    known = schema_parts.number("indicators that it had already")
    repeated = schema_parts.number("lines that said one again")
    faulty_lines = schema_parts.list_of(schema_parts.number(), "the numbers of the lines that were left out")


class RelatedOut(Schema):
    """An incident that shares an indicator."""

    number = schema_parts.text(example="INC-2026-000001")
    title = schema_parts.text()
    status = schema_parts.text()
    shared = schema_parts.number("how many indicators it shares")


@blueprint.route("/incidents/<number>/indicators", methods=["GET"])
@needs("incident.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(IndicatorWithCount))
def list_indicators(given: dict[str, Any], number: str) -> Response:
    """List the indicators of an incident, each with the number of other incidents that have it."""
    incident = access.visible_incident(number)
    after = read_cursor(given["cursor"], (int,)) or (0,)
    rows = indicators_with_counts(access.viewer(), incident.id, after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": [_document(row) for row in shown], "next": following})


def _document(row: Any) -> Document:
    seen = {"id": row.id, "kind": row.kind, "value": row.value}
    return seen | {"defanged": defang(Indicator(row.kind, row.value)), "also_seen": row.seen}


@blueprint.route("/incidents/<number>/indicators", methods=["POST"])
@needs("incident.change")
@max_body(LARGE)
@blueprint.arguments(IndicatorLines)
@blueprint.response(201, AddedOut)
def add_indicators(given: dict[str, Any], number: str) -> Response:
    """Add up to 5,000 lines of indicators; a line that is none refuses all, unless it is skipped."""
    incident_id, actor = access.visible_incident(number).id, require_caller().actor
    pasted = read_pasted(given["text"], "/text")
    if not given["skip_faulty"] or not pasted.found:
        raise_all(pasted.faults)

    def added(done: AddedIndicators) -> Document:
        faulty = [one.arguments["line"] for one in pasted.faults]
        return {"added": done.added, "known": done.known, "repeated": pasted.repeated, "faulty_lines": faulty}

    return create(
        lambda idempotency: use_cases.add_indicators(incident_id, pasted.found, actor, now(), idempotency), added
    )


@blueprint.route(f"/incidents/<number>/indicators/{ID.format('indicator_id')}", methods=["DELETE"])
@needs("incident.change")
@blueprint.response(204)
def remove_indicator(number: str, indicator_id: int) -> Response:
    """Remove an indicator from an incident."""
    incident_id = access.visible_incident(number).id
    use_cases.remove_indicator(incident_id, indicator_id, require_caller().actor, now())
    return Response(status=204)


@blueprint.route("/incidents/<number>/related", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, page_of(RelatedOut))
def list_related_incidents(number: str) -> Response:
    """List the incidents that share an indicator with one, those that share most first; all on one page."""
    rows = related_incidents(access.viewer(), access.visible_incident(number).id, RELATED_LIMIT)
    items = [
        {
            "number": one.incident.number,
            "title": one.incident.title,
            "status": one.incident.status,
            "shared": one.shared,
        }
        for one in rows
    ]
    return respond({"items": items, "next": None})
