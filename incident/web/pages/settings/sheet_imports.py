"""Departments, people, members and contacts in spreadsheets: export, preview, confirmation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response, url_for
from werkzeug.exceptions import NotFound

from incident.actions.import_plans import PIECE, ImportPlan
from incident.actions.sheets import contact_sheet, department_sheet, member_sheet, people_sheet
from incident.actions.sheets.people_sheet import InvitedPerson
from incident.core.directory import sheets
from incident.core.values.error_messages import N_
from incident.core.values.table import Column, NumberedRow
from incident.formats.spreadsheets import write_csv, write_workbook
from incident.store.directory import departments, people
from incident.web.http.body_limits import LARGE, max_body
from incident.web.i18n import gettext
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page
from incident.web.pages.operations.sheet_page import SheetPage
from incident.web.security.access_log_writer import note_read
from incident.web.security.auth import needs, require_caller

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMN_WORDS: Final = {
    "code": N_("Code"),
    "name": N_("Name"),
    "parent": N_("Under"),
    "timezone": N_("Time zone"),
    "calendar": N_("Working calendar"),
    "login": N_("Sign-in name"),
    "role": N_("Role"),
    "department": N_("Department"),
    "language": N_("Language"),
    "is_active": N_("Active"),
    "person": N_("Sign-in name"),
    "position": N_("Position"),
    "channel": N_("Channel"),
    "address": N_("Address"),
    "level": N_("Level"),
}


Written = tuple[ImportPlan, list[InvitedPerson]]
"""The rows that were written, and who was invited by them."""


@dataclass(frozen=True)
class SheetKind:
    """A kind of spreadsheet: its title, its columns, what identifies a row, and how it is read, written, exported."""

    title: str
    columns: Sequence[Column]
    keys: Sequence[str]
    plan: Callable[[Sequence[NumberedRow]], ImportPlan]
    write: Callable[[Sequence[NumberedRow], str], Written]
    export: Callable[[], list[list[str]]]


def _channels() -> contact_sheet.SheetChannels:
    """Return the channels that a spreadsheet may have: without a secret, and whose address is none."""
    known = current_instance().channels
    names = [name for name, one in known.items() if one.signing == "none" and not one.is_address_secret]
    return contact_sheet.SheetChannels(names, lambda name, address: known[name].check_address(address))


def _write_departments(rows: Sequence[NumberedRow], digest: str) -> Written:
    zone, by = current_instance().settings.timezone, require_caller().actor
    return department_sheet.import_departments(rows, digest, zone, by, now(), PIECE), []


def _write_people(rows: Sequence[NumberedRow], digest: str) -> Written:
    return people_sheet.import_people(rows, digest, require_caller().actor, now(), PIECE)


def _write_members(rows: Sequence[NumberedRow], digest: str) -> Written:
    return member_sheet.import_members(rows, digest, require_caller().actor, now(), PIECE), []


def _write_contacts(rows: Sequence[NumberedRow], digest: str) -> Written:
    ring, by = current_instance().ring, require_caller().actor
    return contact_sheet.import_contacts(rows, digest, _channels(), ring, by, now(), PIECE), []


SHEETS: Final = {
    "departments": SheetKind(
        N_("Departments"),
        sheets.DEPARTMENT_COLUMNS,
        ("code",),
        department_sheet.plan_departments,
        _write_departments,
        department_sheet.export_departments,
    ),
    "people": SheetKind(
        N_("People"),
        sheets.PEOPLE_COLUMNS,
        ("login",),
        people_sheet.plan_people,
        _write_people,
        people_sheet.export_people,
    ),
    "members": SheetKind(
        N_("Members"),
        sheets.MEMBER_COLUMNS,
        ("department", "person"),
        member_sheet.plan_members,
        _write_members,
        member_sheet.export_members,
    ),
    "contacts": SheetKind(
        N_("Contacts"),
        sheets.CONTACT_COLUMNS,
        ("department", "name", "channel"),
        lambda rows: contact_sheet.plan_contacts(rows, _channels()),
        _write_contacts,
        lambda: contact_sheet.export_contacts(_channels()),
    ),
}


def _kind(sheet: str) -> SheetKind:
    if sheet not in SHEETS:
        raise NotFound
    return SHEETS[sheet]


@pages.get("/settings/sheets/<sheet>.csv")
@needs("settings.write")
def export_sheet_csv(sheet: str) -> Response:
    """Download departments, people, members or contacts as CSV."""
    return _download(write_csv(_exported(sheet)), "text/csv; charset=utf-8", f"{sheet}.csv")


@pages.get("/settings/sheets/<sheet>.xlsx")
@needs("settings.write")
def export_sheet_workbook(sheet: str) -> Response:
    """Download departments, people, members or contacts as a workbook."""
    return _download(write_workbook(_exported(sheet), sheet), WORKBOOK, f"{sheet}.xlsx")


def _exported(sheet: str) -> list[list[str]]:
    cells = _kind(sheet).export()
    if sheet == "people":
        for person in people.all_people():
            note_read("person", person.id)
    if sheet == "contacts":
        for contact in departments.live_contacts():
            note_read("contact", contact.id)
    return cells


def _download(body: bytes, media: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type=media, headers=headers)


@pages.get("/settings/sheets/<sheet>")
@needs("settings.write")
def import_sheet_form(sheet: str) -> Page:
    """Show the form for a file."""
    return _page_of(sheet).show()


def _page_of(sheet: str) -> SheetPage:
    kind = _kind(sheet)
    url = url_for("pages.import_sheet_form", sheet=sheet)
    others = [(name, gettext(one.title)) for name, one in SHEETS.items() if name != sheet]
    return SheetPage(
        "settings/sheet.html",
        url,
        kind.columns,
        COLUMN_WORDS,
        kind.keys,
        kind.plan,
        kind.write,
        url,
        "sheet_imported",
        _link,
        {"others": others, "sheet": sheet, "title": gettext(kind.title)},
    )


@pages.post("/settings/sheets/<sheet>")
@needs("settings.write")
@max_body(LARGE)
def import_sheet_file(sheet: str) -> Page:
    """Show what a file would do, or do what was shown."""
    return _page_of(sheet).take()


def _link(token: str) -> str:
    return f"{current_instance().settings.public_url}{url_for('pages.set_password', token=token)}"
