"""Access to saved views of the list of incidents."""

from werkzeug.exceptions import Forbidden

from incident.store.db.database import db
from incident.store.incidents.views import SavedView
from incident.web.security.access import is_allowed, require_visible
from incident.web.security.auth import require_caller


def require_sharing(*, is_shared: bool) -> None:
    """Refuse a view that the caller may not save; raises Forbidden. A program has no views of its own."""
    if not is_shared and require_caller().person_id is None:
        raise Forbidden
    if is_shared and not is_allowed("view.share"):
        raise Forbidden


def deletable_view(view_id: int) -> SavedView:
    """Return a view that the caller may delete or restore; raises NotFound, or Forbidden for one that others share."""
    view = require_visible(db.session.get(SavedView, view_id), lambda view: view.is_shared or _is_own_view(view))
    if not (_is_own_view(view) or is_allowed("view.share")):
        raise Forbidden
    return view


def _is_own_view(view: SavedView) -> bool:
    return view.person_id is not None and view.person_id == require_caller().person_id
