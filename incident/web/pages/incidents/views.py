"""Saved views on the page of the list: save, delete, undo."""

from urllib.parse import parse_qsl

from flask import request, url_for

from incident.actions.incidents import views as use_cases
from incident.core.incidents.listing.view import QUERY_LIMIT, VIEW_NAME_LIMIT
from incident.store.incidents.views import SavedView
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, redirect_with_flash, submit
from incident.web.pages.incidents.incident_list import incidents, list_page, list_url
from incident.web.pages.incidents.list_address import read_address
from incident.web.security import view_access
from incident.web.security.auth import needs, require_caller


@pages.post("/views")
@needs("incident.read")
def save_view_form() -> Page:
    """Save the view that the list shows."""
    saved: list[SavedView] = []

    def use_case() -> None:
        form = Form()
        name, query = form.needed("name", VIEW_NAME_LIMIT), form.text("query", QUERY_LIMIT) or ""
        form.finish()
        is_shared = "is_shared" in request.form
        view_access.require_sharing(is_shared=is_shared)
        asking = require_caller()
        saved.append(use_cases.save_view(name, query, asking.person_id, is_shared, asking.actor, now()))

    return submit(use_case, _again, lambda: list_url(saved[0].query), "view_saved")


def _again() -> Page:
    return list_page(read_address(dict(parse_qsl(request.form.get("query", "")[:QUERY_LIMIT]))))


@pages.post("/views/<int(max=2147483647):view_id>/delete")
@needs("incident.read")
def delete_view_form(view_id: int) -> Page:
    """Delete a view; the list then offers to undo it."""
    view = view_access.deletable_view(view_id)
    use_cases.delete_view(view.id, require_caller().actor, now())
    return redirect_with_flash(url_for("pages.incidents", deleted_view=view.id))


@pages.post("/views/<int(max=2147483647):view_id>/restore")
@needs("incident.read")
def restore_view_form(view_id: int) -> Page:
    """Undo the deletion of a view."""
    view = view_access.deletable_view(view_id)
    return submit(
        lambda: use_cases.restore_view(view.id, require_caller().actor, now()),
        incidents,
        lambda: list_url(view.query),
        "view_restored",
    )
