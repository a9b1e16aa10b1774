"""Exports of the list: asked for from the list, their progress, and the download."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import Response, request, url_for

from incident.actions.incidents import exports as use_cases
from incident.actions.incidents.exports import NewExport
from incident.core.incidents.listing.export import EXPORT_FORMATS, MAX_EXPORTED, UNFINISHED, file_name
from incident.core.incidents.listing.view import QUERY_LIMIT, require_query
from incident.core.values.error_messages import say
from incident.core.values.faults import RuleError
from incident.store.incidents.exports import ListExport
from incident.store.queries.export_filter import filter_document
from incident.web.http.export_download import export_response
from incident.web.i18n import current
from incident.web.i18n import gettext as _
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, redirect_with_flash, render, submit
from incident.web.pages.incidents.incident_list import filter_of, list_page, list_url
from incident.web.pages.incidents.list_address import ListAddress, read_address
from incident.web.pages.template_filters import zone
from incident.web.security import export_access
from incident.web.security.auth import needs, require_caller


@dataclass(frozen=True)
class ShownExport:
    """An export as the page shows it; `why` is why it failed."""

    row: ListExport
    name: str
    address: ListAddress
    url: str
    why: str

    @property
    def is_unfinished(self) -> bool:
        """Whether it is being made."""
        return self.row.state in UNFINISHED


@pages.get("/exports")
@needs("incident.read")
def export_list() -> Page:
    """Show the viewer's exports and their progress."""
    listed = [_shown(one) for one in export_access.own_exports()]
    return render("incidents/exports.html", listed=listed, most=MAX_EXPORTED)


@pages.get("/exports/<int(max=2147483647):export_id>/progress")
@needs("incident.read")
def export_progress(export_id: int) -> Page:
    """Return the state of one export, for a page that shows it."""
    return render("incidents/export_state.html", one=_shown(export_access.own_export(export_id)))


@pages.post("/exports")
@needs("incident.read")
def request_export_form() -> Page:
    """Ask for an export of what the list shows."""
    address = _typed_address()

    def use_case() -> None:
        chosen = next((one for one in EXPORT_FORMATS if request.form.get("format") == one), None)
        if chosen is None:
            raise RuleError("export.no_format", pointer="/export")
        asking = require_caller()
        new = NewExport(
            format=chosen,
            filter=filter_document(filter_of(address), address.given["q"][:500]),
            sort=address.sort,
            columns=address.columns,
            language=current(),
            query=require_query(address.query(), "/export"),
            person_id=asking.person_id,
            token_id=export_access.exporting_token(),
        )
        use_cases.request_export(new, asking.actor, now())

    return submit(use_case, lambda: list_page(address), lambda: url_for("pages.export_list"), "export_asked")


def _typed_address() -> ListAddress:
    return read_address(dict(parse_qsl(request.form.get("query", "")[:QUERY_LIMIT])))


@pages.get("/exports/<int(max=2147483647):export_id>/content")
@needs("incident.read")
def export_file(export_id: int) -> Page | Response:
    """Download an export; when that is not possible any more, the page says why."""
    found: list[Response] = []
    refused = submit(
        lambda: found.append(export_response(export_access.downloadable_export(export_id))),
        export_list,
        lambda: url_for("pages.export_list"),
        "",
    )
    return found[0] if found else refused


@pages.post("/exports/<int(max=2147483647):export_id>/delete")
@needs("incident.read")
def delete_export_form(export_id: int) -> Page:
    """Delete an export of the viewer."""
    use_cases.delete_export(export_access.own_export(export_id).id, require_caller().actor, now())
    return redirect_with_flash(url_for("pages.export_list"), "removed")


def _shown(export: ListExport) -> ShownExport:
    why = "" if export.fault is None else say(export.fault, {"most": f"{MAX_EXPORTED:,}"}, _)
    name = file_name(export.format, export.asked_at, zone())
    return ShownExport(export, name, read_address(dict(parse_qsl(export.query))), list_url(export.query), why)
