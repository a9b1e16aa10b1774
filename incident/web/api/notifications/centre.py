"""The notification centre of the caller: what needs or concerns them."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from marshmallow import Schema

from incident.core.notifications.centre import CENTRE_KINDS
from incident.core.values.moment import format_moment
from incident.store.incidents.lookups import numbers_of
from incident.store.queries.notification_centre import CentreItem, is_unread, rows_of_centre
from incident.web.api import schema_parts
from incident.web.api.endpoint import Paged
from incident.web.api.notifications.notices import blueprint
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.paging import page, read_cursor
from incident.web.security.auth import needs
from incident.web.security.own_notifications import PLACE, centre_items, centre_place, has_read_until


class NotificationOut(Schema):
    """Something that needs or concerns the caller."""

    kind = schema_parts.text("what it is; what waits vanishes when it is done", enum=list(CENTRE_KINDS))
    id = schema_parts.number("the id of the notice, task, document or other row that it is about")
    incident = schema_parts.maybe("the number of its incident; null where it has none")
    at = schema_parts.at("when it came to the caller")
    is_unread = schema_parts.truth("whether it came after those that the caller has marked as read")


@blueprint.route("/notifications", methods=["GET"])
@needs("notice.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(NotificationOut))
def list_notifications(given: dict[str, Any]) -> Response:
    """List what needs or concerns the caller, the newest first; a program has none."""
    found = centre_items(read_cursor(given["cursor"], PLACE), given["limit"] + 1)
    shown, following = page(found, given["limit"], centre_place)
    return respond({"items": _documents(shown), "next": following})


def _documents(items: Sequence[CentreItem]) -> list[dict[str, Any]]:
    rows, until = rows_of_centre(items), has_read_until()
    numbers = numbers_of({getattr(row, "incident_id", None) for row in rows.values()})
    found = [(item, row) for item in items if (row := rows.get((item.kind, item.id))) is not None]
    return [
        {
            "kind": item.kind,
            "id": item.id,
            "incident": numbers.get(getattr(row, "incident_id", None)),
            "at": format_moment(item.at),
            "is_unread": is_unread(item, row, until),
        }
        for item, row in found
    ]
