"""Import of systems from a spreadsheet: the file, the preview, the confirmation; and the export."""

from typing import Final

from flask import Response, url_for

from incident.actions.import_plans import PIECE
from incident.actions.systems import importing
from incident.core.systems.spreadsheet import SYSTEM_COLUMNS
from incident.core.values.error_messages import N_
from incident.formats.spreadsheets import write_csv, write_workbook
from incident.store.systems.systems import list_systems
from incident.web.http.body_limits import LARGE, max_body
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page
from incident.web.pages.operations.sheet_page import SheetPage
from incident.web.security import system_access
from incident.web.security.auth import needs, require_caller

MAX_EXPORTED: Final = 100_000
COLUMN_WORDS: Final = {
    "code": N_("Code"),
    "name": N_("Name"),
    "owner": N_("Department that owns it"),
    "protection_level": N_("Level of protection"),
    "criticality": N_("Criticality"),
    "is_critical_infrastructure": N_("Critical infrastructure"),
    "addresses": N_("Addresses"),
    "names": N_("Names"),
    "note": N_("Note"),
    "is_active": N_("In use"),
}


@pages.get("/systems.csv")
@needs("system.read")
def export_systems_csv() -> Response:
    """Download the systems that the viewer may see as CSV."""
    return _download(write_csv(_exported()), "text/csv; charset=utf-8", "systems.csv")


@pages.get("/systems.xlsx")
@needs("system.read")
def export_systems_workbook() -> Response:
    """Download the systems that the viewer may see as a workbook."""
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _download(write_workbook(_exported(), "systems"), media, "systems.xlsx")


def _exported() -> list[list[str]]:
    return importing.export_systems(list_systems("", None, MAX_EXPORTED, system_access.owners_shown()))


def _download(body: bytes, media: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type=media, headers=headers)


@pages.get("/systems/import")
@needs("system.write")
def import_systems_form() -> Page:
    """Show the form for a file."""
    return _sheet_page().show()


def _sheet_page() -> SheetPage:
    return SheetPage(
        "systems/import.html",
        url_for("pages.import_systems_form"),
        SYSTEM_COLUMNS,
        COLUMN_WORDS,
        ("code",),
        importing.plan_import,
        lambda rows, digest: (importing.import_systems(rows, digest, require_caller().actor, now(), PIECE), []),
        url_for("pages.system_list"),
        "imported",
    )


@pages.post("/systems/import")
@needs("system.write")
@max_body(LARGE)
def import_systems_file() -> Page:
    """Show what a file would do, or do what was shown."""
    return _sheet_page().take()
