"""Exports of the list of incidents: ask for one, make it piece by piece, delete it.

Each piece is one short transaction, so that an export goes on after the process was killed, and no piece is made twice.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import InterfaceError, OperationalError

from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.incidents.listing.export import (
    EXPORT_KEPT_FOR,
    MAX_EXPORTED,
    ExportFormat,
    parts_of,
    require_room_for_export,
)
from incident.core.incidents.listing.tabs import chosen_sort
from incident.core.values.access import Viewer, may, viewer_of
from incident.formats.list_exports import export_words, write_part
from incident.store.db.database import advisory_lock, begin_snapshot, db
from incident.store.directory.people import Person
from incident.store.directory.tokens import Token
from incident.store.incidents import exports
from incident.store.incidents.exports import ListExport, ListExportPart
from incident.store.queries.export_filter import read_filter
from incident.store.queries.export_rows import exported_incidents
from incident.store.queries.incident_list import incident_ids

EXPORTER = "export"
"""The actor of what the job does."""

AWAY = (OperationalError, InterfaceError)
"""Faults of the connection and not of an export: it is tried again."""


@dataclass(frozen=True, kw_only=True)
class NewExport:
    """What somebody asks for.

    One of `person_id` and `token_id` says whose it is; `filter` is that of `export_filter.filter_document`, `query` the
    address of the list that shows the same.
    """

    format: ExportFormat
    filter: dict[str, Any] | None
    sort: str | None
    columns: Sequence[str]
    language: str
    query: str = ""
    person_id: int | None = None
    token_id: int | None = None


def request_export(
    new: NewExport, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> ListExport:
    """Ask for an export; a job makes it.

    Raises:
        RuleError: `export.too_many` (conflict).
    """
    with transaction(by, now, idempotency) as uow:
        advisory_lock(f"exports of {new.person_id} {new.token_id}")  # two at once must not pass the limit together
        require_room_for_export(len(exports.exports_of(new.person_id, new.token_id, now)))
        export = uow.add(
            ListExport(
                person_id=new.person_id,
                token_id=new.token_id,
                asked_by=by,
                asked_at=now,
                format=new.format,
                language=new.language,
                query=new.query,
                filter=new.filter,
                sort=new.sort,
                columns=list(new.columns),
                state="waiting",
                rows_done=0,
                expires_at=now + EXPORT_KEPT_FOR,
            )
        )
        # Not what was searched for: more people read the journal than may see what somebody else looks for.
        detail = {"format": new.format, "filters": sorted(new.filter or ()), "columns": list(new.columns)}
        uow.record("export.requested", f"export:{export.id}", detail)
        uow.store_response(export)
    return export


def delete_export(export_id: int, by: str, now: dt.datetime) -> None:
    """Delete an export and its content, also one that is being made."""
    with transaction(by, now) as uow:
        exports.remove_export(export_id)
        uow.record("export.deleted", f"export:{export_id}")


def make_next_piece(now: dt.datetime, zone: ZoneInfo, catalogues: Mapping[str, NullTranslations]) -> bool:
    """Make the next piece of the oldest unfinished export; return whether there was one to make.

    Args:
        now: when (UTC).
        zone: of the times in files for people.
        catalogues: the translations by language.
    """
    export = exports.next_unfinished()
    if export is None:
        db.session.rollback()
        return False
    export_id = export.id
    try:
        if export.state == "waiting":
            return _begin(export, now)
        return _go_on(export_id, now, zone, catalogues)
    except AWAY:
        raise
    except Exception:
        db.session.rollback()
        _give_up(export_id, "export.broken", now)  # one export must not stop the others
        raise


def _begin(export: ListExport, now: dt.datetime) -> bool:
    """Find the incidents of an export; read before anything is locked, as that takes a while."""
    begin_snapshot()
    export_id = export.id
    viewer = exporting_viewer(export)
    if viewer is None:
        return _give_up(export_id, "export.no_access", now)
    wanted = None
    if export.filter is not None:
        wanted = read_filter(export.filter, reads_journal=may(viewer.role, "journal.read"))
    ids = [] if wanted is None else incident_ids(viewer, wanted, MAX_EXPORTED + 1, chosen_sort(export.sort or ""))
    if len(ids) > MAX_EXPORTED:
        return _give_up(export_id, "export.too_large", now)
    with transaction(EXPORTER, now) as uow:
        locked = exports.lock_export(export_id)
        if locked is None or locked.state != "waiting":
            return False
        for place, part in enumerate(parts_of(ids)):
            uow.insert(
                ListExportPart, export_id=export_id, place=place, incident_ids=part, content=None, rows=None, reds=None
            )
        locked.state, locked.rows_total = "running", len(ids)
        if not ids:
            _finish(uow, locked)
    return True


def _go_on(export_id: int, now: dt.datetime, zone: ZoneInfo, catalogues: Mapping[str, NullTranslations]) -> bool:
    """Write the next part of an export as its owner may see it now."""
    with transaction(EXPORTER, now) as uow:
        export = exports.lock_export(export_id)
        part = None if export is None else exports.next_part(export_id)
        if export is None or part is None:
            return False
        viewer = exporting_viewer(export)
        if viewer is None:
            _fail(uow, export, "export.no_access")
            return True
        found = exported_incidents(viewer, part.incident_ids)
        words = export_words(catalogues[export.language], export.language, zone)
        part.content = write_part(export.format, found.values(), export.columns, words)
        part.rows, part.reds = len(found), [one.number for one in found.values() if one.tlp == "red"]
        export.rows_done += len(part.incident_ids)
        part.incident_ids = list(found)  # only what is written decides who may download it
        db.session.flush()
        if exports.next_part(export_id) is None:
            _finish(uow, export)
    return True


def _finish(uow: UnitOfWork, export: ListExport) -> None:
    export.state, export.ended_at = "ready", uow.now
    export.expires_at = uow.now + EXPORT_KEPT_FOR
    export.rows_total = export.rows_done = exports.count_written(export.id)
    uow.record("export.made", f"export:{export.id}", {"for": export.asked_by, "rows": export.rows_done})


def _give_up(export_id: int, fault: str, now: dt.datetime) -> bool:
    with transaction(EXPORTER, now) as uow:
        export = exports.lock_export(export_id)
        if export is not None:
            _fail(uow, export, fault)
    return export is not None


def _fail(uow: UnitOfWork, export: ListExport, fault: str) -> None:
    export.state, export.fault, export.ended_at = "failed", fault, uow.now
    exports.remove_parts(export.id)
    uow.record("export.failed", f"export:{export.id}", {"for": export.asked_by, "fault": fault})


def exporting_viewer(export: ListExport) -> Viewer | None:
    """Return as whom an export is made: its owner now, None when they may no longer read incidents."""
    owner: Person | Token | None
    if export.person_id is not None:
        owner = db.session.get(Person, export.person_id, populate_existing=True)
        is_live = owner is not None and owner.is_active
    else:
        owner = db.session.get(Token, export.token_id or 0, populate_existing=True)
        is_live = owner is not None and owner.revoked_at is None
    if owner is None or not is_live:
        return None
    viewer = viewer_of(owner.role, owner.department_id, export.person_id)
    return viewer if may(viewer.role, "incident.read") else None


def remove_expired(now: dt.datetime, limit: int = 20) -> None:
    """Delete exports that have expired, within the caller's transaction."""
    for export_id in exports.expired_exports(now, limit):
        exports.remove_export(export_id)
