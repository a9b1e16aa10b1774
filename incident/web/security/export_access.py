"""Access to exports of the list of incidents: each belongs to the person or the program that asked for it."""

from werkzeug.exceptions import NotFound

from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.incidents import exports
from incident.store.incidents.exports import ListExport
from incident.store.queries.export_rows import all_visible
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.access_log_writer import note_read
from incident.web.security.auth import require_caller


def exporting_token() -> int | None:
    """Return the id of the calling program's token, None for a person."""
    asking = require_caller()
    kind, _, number = asking.owner.partition(":")
    return int(number) if asking.person_id is None and kind == "token" else None


def own_exports() -> list[ListExport]:
    """Return the caller's exports, the newest first."""
    return list(exports.exports_of(require_caller().person_id, exporting_token(), now()))


def own_export(export_id: int) -> ListExport:
    """Return an export of the caller that has not expired; raises NotFound."""
    return access.require_visible(
        db.session.get(ListExport, export_id), lambda export: _is_own_export(export) and export.expires_at > now()
    )


def _is_own_export(export: ListExport) -> bool:
    person_id = require_caller().person_id
    if person_id is not None:
        return export.person_id == person_id
    return export.person_id is None and export.token_id == exporting_token()


def downloadable_export(export_id: int) -> ListExport:
    """Return an export whose content the caller may have, and record that they read it.

    Raises:
        NotFound: when it is not theirs, or was deleted.
        RuleError: `export.not_ready`, `export.outdated` (conflicts): the latter when it holds an incident that the
            caller may not see any more.
    """
    export = own_export(export_id)
    if export.state == "failed":
        raise NotFound
    if export.state != "ready":
        raise RuleError("export.not_ready", kind="conflict")
    if not all(all_visible(access.viewer(), ids) for ids in exports.incidents_in(export.id)):
        raise RuleError("export.outdated", kind="conflict")
    note_read("export", export.id)
    for number in exports.reds_in(export.id):
        note_read("incident", number)
    return export
