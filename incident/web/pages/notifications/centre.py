"""The notification centre: what needs or concerns the person, each with a link to the place to act."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import request, url_for

from incident.actions.notifications.centre import read_notifications
from incident.core.incidents.listing.export import file_name
from incident.core.notifications.centre import CentreKind
from incident.core.values import access as rules
from incident.core.values.error_messages import say
from incident.core.values.moment import format_moment, parse_moment
from incident.store.directory.departments import Department, departments_of
from incident.store.directory.people import names_of_people
from incident.store.incidents.incidents import Incident
from incident.store.incidents.lookups import incidents_by_id
from incident.store.queries.notification_centre import SECOND_PERSON, CentreItem, is_unread, rows_of_centre
from incident.web.http.paging import page, read_cursor
from incident.web.i18n import gettext as _
from incident.web.i18n import spoken
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, redirect_with_flash, render
from incident.web.pages.notifications.own_news import news_quote, news_words
from incident.web.pages.template_filters import zone
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.own_notifications import PLACE, centre_items, centre_place, has_read_until
from incident.web.security.visible import facts_of_each

SHOWN: Final = 50
ICONS: Final[Mapping[CentreKind, str]] = {
    "notice": "bell-ringing",
    "task": "clipboard-list",
    "news": "bell",
    "handover": "history",
    "start_request": "book",
    "document": "file-text",
    "identity_request": "lock",
    "identity_answer": "lock",
    "report_call": "phone",
    "export": "download",
}


@dataclass(frozen=True)
class CentreLine:
    """An item as the page shows it.

    `incident` is None where it has none or the person may not see it; `words` are empty for what waits for a second
    person, which the template says from `row`.
    """

    kind: CentreKind
    row: Any
    at: dt.datetime
    is_unread: bool
    words: str
    url: str
    incident: Incident | None = None
    quote: str = ""
    by: str = ""

    @property
    def icon(self) -> str:
        """The name of its icon."""
        return ICONS.get(self.kind, "users")

    @property
    def is_for_second_person(self) -> bool:
        """Whether it waits for a second person, or for a second look."""
        return self.kind in SECOND_PERSON


@pages.get("/notifications")
@needs("notice.read")
def notification_centre() -> Page:
    """Show what needs or concerns the person, the newest first."""
    found = centre_items(read_cursor(request.args.get("cursor"), PLACE), SHOWN + 1)
    shown, following = page(found, SHOWN, centre_place)
    return render(
        "notifications/centre.html",
        lines=centre_lines(shown),
        following=following,
        is_first=not request.args.get("cursor"),
        newest=format_moment(shown[0].at) if shown else None,
    )


@pages.post("/notifications/read")
@needs("notice.read")
def read_notifications_form() -> Page:
    """Mark everything that was shown as read; what has come since stays unread."""
    asking, shown_until = require_caller(), request.form.get("until")
    until = parse_moment(shown_until, "/until") if shown_until else None
    if asking.person_id is not None:
        read_notifications(asking.person_id, asking.actor, now(), until)
    return redirect_with_flash(url_for("pages.notification_centre"), "news_read")


def centre_lines(items: Sequence[CentreItem]) -> list[CentreLine]:
    """Return items as the page shows them, in the same order; what was deleted meanwhile is left out."""
    rows = rows_of_centre(items)
    incidents = incidents_by_id(
        {one for row in rows.values() if (one := getattr(row, "incident_id", None)) is not None}
    )
    notices = [row for (kind, _id), row in rows.items() if kind == "notice"]
    facts, viewer = facts_of_each(incidents.values(), notices), access.viewer()
    seen = {one.id: one for one in incidents.values() if rules.may_see_incident(viewer, facts[one.id])}
    names, until = _Names(rows), has_read_until()
    found = []
    for item in items:
        row = rows.get((item.kind, item.id))
        if row is None:
            continue
        about = seen.get(getattr(row, "incident_id", None) or 0)
        words, url, more = _shown(item, row, about, names)
        found.append(CentreLine(item.kind, row, item.at, is_unread(item, row, until), words, url, about, **more))
    return found


class _Names:
    """The names of the departments and people in some items."""

    def __init__(self, rows: Mapping[tuple[CentreKind, int], Any]) -> None:
        of = [row for (kind, _id), row in rows.items() if kind in ("notice", "handover")]
        self.departments: Mapping[int, Department] = departments_of({one.department_id for one in of})
        self.people = names_of_people({row.from_person_id for (kind, _id), row in rows.items() if kind == "handover"})


def _shown(item: CentreItem, row: Any, about: Incident | None, names: _Names) -> tuple[str, str, Mapping[str, str]]:
    """Return the words, the address of the place to act, and what else is said of an item."""
    match item.kind:
        case "notice":
            name = spoken(names.departments[row.department_id].name)
            inbox = url_for("pages.inbox", view="mine", _anchor=f"notice-{row.id}")
            url = inbox if about is None else _on_incident(about, f"notice-{row.id}")
            return _("%(name)s has been notified and has not answered yet.", name=name), url, {}
        case "task":
            return _("Your task: %(title)s", title=spoken(row.title)), _on_incident(about, f"task-{row.id}"), {}
        case "news":
            return news_words(row), _on_incident(about), {"quote": news_quote(row), "by": row.by}
        case "handover":
            named = {"name": spoken(names.people[row.from_person_id])}
            named["department"] = spoken(names.departments[row.department_id].name)
            words = _("%(name)s hands the shift of %(department)s over to you.", **named)
            return words, url_for("pages.handover", handover_id=row.id), {}
        case "start_request":
            words = _("Somebody asks to start the playbook %(name)s.", name=spoken(row.name))
            return words, _on_incident(about, f"start-request-{row.id}"), {"quote": row.note or "", "by": row.asked_by}
        case "document":
            words = _("A document waits for you: %(title)s", title=row.title)
            return words, url_for("pages.one_document", document_id=row.id), {"by": row.drafted_by}
        case "identity_request":
            words = _("Somebody requests contact details of a reporter.")
            url = url_for("pages.identity_request", identity_request_id=row.id)
            return words, url, {"quote": row.purpose, "by": row.requested_by}
        case "identity_answer":
            url = url_for("pages.identity_request", identity_request_id=row.id)
            if row.ended_as == "refused":
                return _("Your request for contact details was refused."), url, {"quote": row.purpose}
            return _("You can read the contact details that you requested."), url, {"quote": row.purpose}
        case "report_call":
            words, url = _("A call to a reporter waits for an operator."), url_for("pages.operator_call_list")
            return words, url, {"quote": row.purpose, "by": row.requested_by}
        case "export":
            return _export_words(row), url_for("pages.export_list", _anchor=f"export-{row.id}"), {}
    on_grade = item.kind.startswith("grade")
    endpoint = "pages.grading" if on_grade else "pages.incident_clocks"
    url = url_for(endpoint, number=about.number) if about is not None else url_for("pages.inbox")
    return "", url, {"quote": row.reason or ""}


def _on_incident(about: Incident | None, anchor: str | None = None) -> str:
    if about is None:
        return url_for("pages.inbox")
    return url_for("pages.incident", number=about.number, _anchor=anchor)


def _export_words(row: Any) -> str:
    name = file_name(row.format, row.asked_at, zone())
    if row.state == "ready":
        return _("Your export %(name)s is ready.", name=name)
    return _("Your export %(name)s failed: %(why)s", name=name, why=say(row.fault or "export.broken", {"most": ""}, _))
