"""Dead letters: messages that were refused or given up, each with a button to retry it."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from incident.actions.delivery import dead_letters as use_cases
from incident.channels import MAKERS
from incident.store.directory.departments import Contact, contacts_by_key
from incident.store.incidents.incidents import Incident
from incident.store.incidents.lookups import incidents_by_id
from incident.store.notifications.messages import Message
from incident.store.queries import dead_letters
from incident.web.contact_channels import address_of
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import typed_department
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

PAGE_LIMIT = 50
FILTERS = ("incident", "department", "channel", "state")


@dataclass(frozen=True)
class DeadLetter:
    """A dead letter with its contact and its incident, if it has one; others are about urgent reports."""

    message: Message
    contact: Contact
    address: str | None
    incident: Incident | None


@pages.get("/dead-letters")
@needs("message.read")
def dead_letter_list() -> Page:
    """List dead letters, the newest first."""
    given = {name: request.args.get(name, "").strip() for name in FILTERS}
    after = read_cursor(request.args.get("cursor"), (int,)) or (None,)
    rows, following = cut(_found(given, after[0]), PAGE_LIMIT, lambda row: (row.id,))
    here: dict[str, Any] = {name: value for name, value in given.items() if value}
    return render(
        "dead_letters/list.html",
        channels=list(MAKERS),
        filters=given,
        is_first="cursor" not in request.args,
        newest=url_for("pages.dead_letter_list", **here),
        older=url_for("pages.dead_letter_list", cursor=following, **here) if following else None,
        rows=_shown(list(rows)),
        states=use_cases.DEAD,
    )


def _found(given: dict[str, str], before: int | None) -> list[Message]:
    found = access.visible_incident(given["incident"]) if given["incident"] else None
    department = access.visible_department(code) if (code := typed_department(given["department"])) else None
    wanted = dead_letters.DeadFilter(
        incident_id=None if found is None else found.id,
        department_id=None if department is None else department.id,
        channel=given["channel"] or None,
        state=given["state"] or None,
    )
    return list(dead_letters.list_dead(access.viewer(), wanted, before, PAGE_LIMIT + 1))


def _shown(rows: list[Message]) -> list[DeadLetter]:
    contacts = contacts_by_key({row.contact_id for row in rows})
    incidents = incidents_by_id({row.incident_id for row in rows})
    return [
        DeadLetter(row, contact, address_of(contact), incidents.get(row.incident_id or 0))
        for row in rows
        for contact in [contacts[row.contact_id]]
    ]


@pages.post("/dead-letters/<int(max=2147483647):message_id>/resend")
@needs("message.send")
def resend_dead_letter(message_id: int) -> Page:
    """Retry a dead letter."""
    message = access.visible_dead_letter(message_id)

    def use_case() -> None:
        use_cases.resend(message.id, require_caller().actor, now())

    return submit(use_case, dead_letter_list, lambda: url_for("pages.dead_letter_list"), "resent")
