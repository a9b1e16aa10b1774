"""Systems in spreadsheets: export, preview of an import, and its confirmation."""

from typing import Any, Final

from flask import Response
from marshmallow import Schema, fields

from incident.actions.import_plans import ImportPlan, PlannedRow
from incident.actions.systems import importing
from incident.formats.spreadsheets import MAX_SIZE, read_sheet, write_csv, write_workbook
from incident.store.systems.systems import list_systems
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments, require_body
from incident.web.api.document_parts import Document
from incident.web.api.endpoint import noun
from incident.web.api.fields import Text
from incident.web.http.body_limits import LARGE, max_body
from incident.web.http.conditional import respond
from incident.web.instance import now
from incident.web.security import system_access
from incident.web.security.auth import needs, require_caller

CSV: Final = "text/csv"
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_EXPORTED: Final = 100_000
_BINARY: Final = {"schema": {"type": "string", "format": "binary", "maxLength": MAX_SIZE}}

blueprint = noun("imports", "Systems in spreadsheets: export, preview of an import, and its confirmation.")


class ImportQuery(Arguments):
    """The digest of the preview that is confirmed; without it nothing is written."""

    confirm = Text(64, is_line=True, load_default=None)


class PlannedSystemOut(Schema):
    """What a row does."""

    row = schema_parts.number("as the spreadsheet shows it")
    code = schema_parts.text()
    kind = schema_parts.text(enum=["new", "changed"])
    changes = fields.Dict(
        required=True, metadata={"description": "by column `{before, after}`; before is null in a new system"}
    )


class ImportPlanOut(Schema):
    """What a file does."""

    digest = schema_parts.text("confirms exactly this")
    is_written = schema_parts.truth()
    new = schema_parts.number()
    changed = schema_parts.number()
    unchanged = schema_parts.number()
    missing = schema_parts.number("systems that the file lacks; they are kept as they are")
    items = schema_parts.list_of(PlannedSystemOut, "those that are new or changed")


@blueprint.route("/systems.csv", methods=["GET"])
@needs("system.read")
@blueprint.response(200, {"type": "string"}, content_type=CSV)
def export_csv() -> Response:
    """Export the systems that the caller may see as CSV in UTF-8, in the form that an import takes."""
    return Response(write_csv(_exported()), content_type=f"{CSV}; charset=utf-8")


@blueprint.route("/systems.xlsx", methods=["GET"])
@needs("system.read")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=WORKBOOK)
def export_workbook() -> Response:
    """Export the systems that the caller may see as a workbook, in the form that an import takes."""
    return Response(write_workbook(_exported(), "systems"), content_type=WORKBOOK)


def _exported() -> list[list[str]]:
    return importing.export_systems(list_systems("", None, MAX_EXPORTED, system_access.owners_shown()))


@blueprint.route("/system-imports", methods=["POST"])
@needs("system.write")
@max_body(LARGE)
@blueprint.arguments(ImportQuery, location="query")
@blueprint.response(200, ImportPlanOut)
@blueprint.doc(requestBody={"required": True, "content": {CSV: _BINARY, WORKBOOK: _BINARY}})
def import_systems(given: dict[str, Any]) -> Response:
    """Preview what a CSV file or a workbook would do; with the digest of a preview, do it."""
    rows, digest = read_sheet(require_body()), given["confirm"]
    if digest is None:
        return respond(plan_document(importing.plan_import(rows), is_written=False))
    plan = importing.import_systems(rows, digest, require_caller().actor, now())
    return respond(plan_document(plan, is_written=True))


def plan_document(plan: ImportPlan, *, is_written: bool) -> Document:
    """Serialize what a file does."""
    return {
        "digest": plan.digest,
        "is_written": is_written,
        "new": len(plan.of_kind("new")),
        "changed": len(plan.of_kind("changed")),
        "unchanged": len(plan.of_kind("unchanged")),
        "missing": plan.missing,
        "items": [_planned(one) for one in plan.items if one.kind != "unchanged"],
    }


def _planned(one: PlannedRow) -> Document:
    changes = {name: {"before": before, "after": after} for name, (before, after) in one.changes.items()}
    return {"row": one.row.number, "code": one.row.values["code"], "kind": one.kind, "changes": changes}
