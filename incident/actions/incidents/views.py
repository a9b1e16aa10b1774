"""Save, delete and restore views of the list of incidents; what concerns shared ones is in the journal."""

import datetime as dt

from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.incidents.listing.view import require_query, require_room, require_view_name
from incident.store.db.database import db
from incident.store.incidents import views
from incident.store.incidents.views import SavedView

DELETED_KEPT_FOR = dt.timedelta(days=30)
"""How long a deleted view can be restored."""


def save_view(
    name: str,
    query: str,
    person_id: int | None,
    is_shared: bool,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> SavedView:
    """Save a view.

    Args:
        name: its name.
        query: of an address of the list.
        person_id: whose it is; None for one of a program, which is always shared.
        is_shared: whether everybody gets it.
        by: who.
        now: when (UTC).
        idempotency: of the request.

    Raises:
        RuleError: those of `require_view_name` and `require_query`, `view.too_many` (conflict).
    """
    name, query = require_view_name(name), require_query(query)
    with transaction(by, now, idempotency) as uow:
        require_room(views.count_views(person_id, is_shared=is_shared))
        view = uow.add(
            SavedView(person_id=person_id, name=name, query=query, is_shared=is_shared, created_at=now, created_by=by)
        )
        _record(uow, "view.shared", view)
        uow.store_response(view)
    return view


def delete_view(view_id: int, by: str, now: dt.datetime) -> SavedView:
    """Delete a view; it can be restored."""
    with transaction(by, now) as uow:
        view = db.session.get_one(SavedView, view_id)
        if view.deleted_at is None:
            view.deleted_at = now
            _record(uow, "view.deleted", view)
    return view


def restore_view(view_id: int, by: str, now: dt.datetime) -> SavedView:
    """Undo the deletion of a view.

    Raises:
        RuleError: `view.too_many` (conflict).
    """
    with transaction(by, now) as uow:
        view = db.session.get_one(SavedView, view_id)
        if view.deleted_at is not None:
            require_room(views.count_views(view.person_id, is_shared=view.is_shared))
            view.deleted_at = None
            _record(uow, "view.restored", view)
    return view


def _record(uow: UnitOfWork, event_type: str, view: SavedView) -> None:
    if view.is_shared:
        uow.record(event_type, f"view:{view.id}", {"name": view.name, "query": view.query})
