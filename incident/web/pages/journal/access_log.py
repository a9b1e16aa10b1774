"""The access log, for administrators: who has read incidents marked TLP:RED, and personal data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request, url_for

from incident.core.journal.access_log import OBJECT_KINDS
from incident.store.directory.departments import Department, contacts_by_key, departments_of
from incident.store.directory.people import all_people, names_of_people
from incident.store.journal.access_log import AccessRecord, list_records
from incident.store.queries.reports_about_units import unbarred_reads
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.i18n import gettext as _
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, render
from incident.web.security import access
from incident.web.security.auth import needs

PAGE_LIMIT = 100
PERSON = "person:"


@dataclass(frozen=True)
class ObjectRead:
    """An object that was read, as text, with the address of its page if there is one."""

    words: str
    url: str | None = None


@pages.get("/access-log")
@needs("access_log.read")
def access_log() -> Page:
    """List the access log, the newest record first; by person, or of one incident."""
    given = {name: request.args.get(name, "").strip() for name in ("person", "number")}
    before = read_cursor(request.args.get("cursor"), (int,)) or (None,)
    owner = f"{PERSON}{given['person']}" if given["person"] else None
    number = given["number"].upper() or None
    is_sane = "".join(given.values()).isprintable()
    kind, shown_reads = "incident" if number else None, unbarred_reads(access.viewer())
    rows = list_records(owner, kind, number, before[0], PAGE_LIMIT + 1, shown_reads) if is_sane else []
    shown, following = cut(rows, PAGE_LIMIT, lambda row: (row.id,))
    kept = {name: value for name, value in given.items() if value}
    older = f"{url_for('pages.access_log')}?{urlencode({**kept, 'cursor': following})}" if following else None
    return render(
        "journal/access_log.html",
        given=given,
        is_first="cursor" not in request.args,
        objects=_objects(shown),
        older=older,
        people=all_people(),
        rows=shown,
    )


def _objects(rows: Sequence[AccessRecord]) -> Mapping[int, ObjectRead]:
    """Return the object of each record; a deleted object is named by its number."""
    ids = {
        kind: {int(row.identifier) for row in rows if row.kind == kind} for kind in OBJECT_KINDS if kind != "incident"
    }
    names, contacts = names_of_people(ids["person"]), contacts_by_key(ids["contact"])
    owners = departments_of({one.department_id for one in contacts.values()})
    named = {key: (one.name, owners[one.department_id]) for key, one in contacts.items()}
    return {row.id: _object(row, names, named) for row in rows}


def _object(row: AccessRecord, names: Mapping[int, str], contacts: Mapping[int, tuple[str, Department]]) -> ObjectRead:
    if row.kind == "incident":
        return ObjectRead(row.identifier, url_for("pages.incident", number=row.identifier))
    key = int(row.identifier)
    if row.kind == "report":
        return ObjectRead(_("Report %(number)s", number=key), url_for("pages.report", report_id=key))
    if row.kind == "export":
        return ObjectRead(_("Export %(number)s of incidents", number=key))
    if row.kind == "evidence":
        return ObjectRead(_("File %(number)s of the evidence", number=key))
    if row.kind == "person":
        return ObjectRead(_("Entry of %(name)s", name=names.get(key, key)))
    if key not in contacts:
        return ObjectRead(_("Contact %(number)s", number=key))
    name, department = contacts[key]
    return ObjectRead(
        _("Contact “%(name)s” of %(department)s", name=name, department=department.code),
        url_for("pages.department", code=department.code),
    )
