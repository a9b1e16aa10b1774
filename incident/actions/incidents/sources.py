"""Sources of alerts of one's own: added, changed, removed; and their tokens."""

import datetime as dt
import hashlib
import json
from functools import lru_cache
from typing import Any

from incident.actions.directory.tokens import CreatedToken, add_token, end_token
from incident.actions.incidents.signatures import drop_signature, require_source
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, retry_on_conflict, transaction
from incident.core.incidents.mapping import AlertMapping, check_mapping
from incident.core.incidents.source import MAX_SOURCES, require_source_name
from incident.core.values.faults import RuleError, refuse_stale
from incident.sources import SOURCES
from incident.store.db.database import db
from incident.store.directory import tokens
from incident.store.directory.tokens import Token
from incident.store.incidents import signatures, sources
from incident.store.incidents.sources import AlertSource, AlertSourceVersion

ROLE = "source"


def own_mapping(name: str) -> AlertMapping | None:
    """Return the mapping of an own source, None where there is none.

    Raises:
        RuleError: `source.inactive` (conflict).
    """
    found = sources.current_source(name)
    if found is not None and not found.is_active:
        raise RuleError("source.inactive", kind="conflict")
    return None if found is None else _mapping(str(db.engine.url), found.id, found.version, found.changed_at)


@lru_cache(maxsize=64)
def _mapping(_database: str, source_id: int, version: int, _changed_at: dt.datetime) -> AlertMapping:
    """Return the mapping of a version, checked once for each database: a version never changes."""
    row = sources.source_version(source_id, version)
    if row is None:
        raise LookupError(f"source {source_id} has no version {version}")
    return check_mapping(row.mapping)


def put_source(
    name: str, mapping: dict[str, Any], is_active: bool, version: int | None, by: str, now: dt.datetime
) -> tuple[AlertSource, bool]:
    """Add a source, or change it; each change is a new version. Returns the source, and whether it is new.

    Args:
        name: as in the address at which its alerts are received.
        mapping: the document, which was checked.
        is_active: whether its alerts are taken.
        version: the version that the caller read (0: there is none), None if any.
        by: who changes it.
        now: when (UTC).

    Raises:
        RuleError: `source.malformed_name`, `source.name_taken`, `source.too_many`, `version.stale` (conflict).
    """
    require_source_name(name, SOURCES)

    def use_case() -> tuple[AlertSource, bool]:
        with transaction(by, now) as uow:
            row = sources.source_row(name)
            is_new = row is None or row.removed_at is not None
            refuse_stale(0 if row is None or is_new else row.version, version)
            if is_new and sources.count_sources() >= MAX_SOURCES:
                raise RuleError("source.too_many", {"most": MAX_SOURCES}, kind="conflict")
            if row is None:
                row = AlertSource(name=name, is_active=is_active, version=0, created_at=now, changed_at=now)
                db.session.add(row)
                db.session.flush()
            elif is_new:
                row.created_at, row.removed_at = now, None
            elif _is_same(row, mapping, is_active):
                return row, False
            _add_version(uow, row, mapping, is_active)
            uow.record("source.added" if is_new else "source.changed", f"source:{name}", _facts(row, mapping))
        return row, is_new

    return retry_on_conflict(use_case)


def _is_same(row: AlertSource, mapping: dict[str, Any], is_active: bool) -> bool:
    present = sources.source_version(row.id, row.version)
    return present is not None and present.mapping == mapping and row.is_active == is_active


def _add_version(uow: UnitOfWork, row: AlertSource, mapping: dict[str, Any], is_active: bool) -> None:
    row.version += 1
    row.is_active, row.changed_at = is_active, uow.now
    facts = {"mapping": mapping, "is_active": is_active, "put_at": uow.now, "put_by": uow.by}
    db.session.add(AlertSourceVersion(source_id=row.id, version=row.version, **facts))


def _facts(row: AlertSource, mapping: dict[str, Any]) -> dict[str, Any]:
    """Return the entry of a change; the version that it names holds the mapping itself."""
    text = json.dumps(mapping, sort_keys=True).encode()
    return {
        "name": row.name,
        "version": row.version,
        "is_active": row.is_active,
        "mapping_sha256": hashlib.sha256(text).hexdigest(),
    }


def remove_source(name: str, version: int | None, by: str, now: dt.datetime) -> None:
    """Remove a source, revoke its tokens and end its signing secret; its versions stay readable.

    Args:
        name: of the source.
        version: the version that the caller read, None if any.
        by: who removes it.
        now: when (UTC).

    Raises:
        RuleError: `source.preset` (conflict), `source.unknown` (not found), `version.stale` (conflict).
    """
    with transaction(by, now) as uow:
        row = sources.source_by_name(name)
        if row is None and name in SOURCES:
            raise RuleError("source.preset", kind="conflict")
        if row is None:
            raise RuleError("source.unknown", {"sources": ", ".join(SOURCES)}, kind="not_found")
        refuse_stale(row.version, version)
        row.removed_at = row.changed_at = now
        row.is_active = False
        if name not in SOURCES:  # a source of the program that has taken the name keeps what it is used with
            _end_credentials(uow, name)
        uow.record("source.removed", f"source:{name}", {"name": name, "version": row.version})


def _end_credentials(uow: UnitOfWork, name: str) -> None:
    for token in tokens.tokens_of_source(name):
        end_token(uow, token)
    if (signature := signatures.source_signature(name)) is not None:
        drop_signature(uow, signature)


def make_source_token(
    source: str, name: str, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> CreatedToken:
    """Create a token that is accepted only where alerts of this source are received; its secret is returned only once.

    Raises:
        RuleError: `source.unknown` (not found), `name.invisible`.
    """
    with transaction(by, now, idempotency) as uow:
        require_source(source)
        made = add_token(uow, name, ROLE, None, source)
        uow.store_response(made)
    return made


def revoke_source_token(source: str, token_id: int, by: str, now: dt.datetime) -> None:
    """Revoke a token of a source.

    Raises:
        RuleError: `token.unknown` (not found).
    """
    with transaction(by, now) as uow:
        token = db.session.get(Token, token_id)
        if token is None or token.source != source:
            raise RuleError("token.unknown", {"id": token_id}, kind="not_found")
        end_token(uow, token)
