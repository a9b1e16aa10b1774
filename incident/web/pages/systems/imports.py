"""Import of systems from a spreadsheet: the file, the preview, the confirmation; and the export."""

from typing import Any, Final

from flask import Response, g, request, url_for

from incident.actions.import_plans import ImportPlan
from incident.actions.systems import importing
from incident.core.systems.spreadsheet import SYSTEM_COLUMNS
from incident.core.values.error_messages import N_, say
from incident.core.values.faults import RuleError
from incident.core.values.table import NumberedRow
from incident.formats.spreadsheets import read_sheet, write_csv, write_workbook
from incident.store.systems.systems import list_systems
from incident.web.http.body_limits import LARGE, max_body
from incident.web.i18n import gettext
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, render, submit
from incident.web.security import system_access
from incident.web.security.auth import needs, require_caller

SHOWN_MOST: Final = 200
MAX_EXPORTED: Final = 100_000
COLUMN_WORDS: Final = {
    "code": N_("Code"),
    "name": N_("Name"),
    "owner": N_("Owner"),
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
    return _show()


def _show(plan: ImportPlan | None = None, rows: list[NumberedRow] | None = None) -> Page:
    table = "" if plan is None else write_csv(cells for _, cells in rows or ()).decode("utf-8-sig")
    shown = [] if plan is None else [one for one in plan.items if one.kind != "unchanged"]
    return render(
        "systems/import.html",
        columns=[(one.name, gettext(COLUMN_WORDS[one.name]), one.is_needed) for one in SYSTEM_COLUMNS],
        form_url=url_for("pages.import_systems_form"),
        key_columns=("code",),
        column_words=lambda name: gettext(str(COLUMN_WORDS.get(name, name))),
        plan=plan,
        cell_faults=[_cell_fault(one) for one in g.pop("faults", ())],  # shown by row and column, and not twice
        shown=shown[:SHOWN_MOST],
        left=len(shown) - len(shown[:SHOWN_MOST]),
        table=table,
        value_words=_value_words,
    )


def _cell_fault(fault: RuleError) -> tuple[str, str, str]:
    """Return the row and the column of a fault, empty for the whole file, and its sentence."""
    parts = [*fault.pointer.split("/"), "", ""]
    place = (parts[2], gettext(str(COLUMN_WORDS.get(parts[3], parts[3])))) if parts[1] == "rows" else ("", "")
    return (*place, say(fault.code, fault.arguments, gettext))


def _value_words(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list | tuple):
        return ", ".join(value) or "–"
    return "–" if value in (None, "") else str(value)


@pages.post("/systems/import")
@needs("system.write")
@max_body(LARGE)
def import_systems_file() -> Page:
    """Show what a file would do, or do what was shown."""
    request.max_form_memory_size = LARGE
    shown: list[tuple[ImportPlan, list[NumberedRow]]] = []
    digest = request.form.get("digest")

    def use_case() -> None:
        if digest:
            rows = read_sheet(request.form.get("table", "").encode())
            try:
                importing.import_systems(rows, digest, require_caller().actor, now())
            except RuleError as fault:
                if fault.code == "table.stale":
                    shown.append((importing.plan_import(rows), rows))
                raise
        else:
            sent = request.files.get("file")
            rows = read_sheet(sent.read() if sent is not None else b"")
            shown.append((importing.plan_import(rows), rows))

    answer = submit(
        use_case, lambda: _show(*(shown[0] if shown else ())), lambda: url_for("pages.system_list"), "imported"
    )
    return _show(*shown[0]) if shown and not digest else answer
