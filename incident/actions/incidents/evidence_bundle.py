"""Exports the evidence of an incident: a signed manifest with the chain of custody of every file."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from incident.actions.unit_of_work import transaction
from incident.certifying import CertificateKey
from incident.core.incidents.evidence.scan import NOT_SCANNED
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.formats.evidence_bundle import BUNDLE, VERSION, member_path
from incident.store.incidents.evidence import Evidence, evidence_of
from incident.store.incidents.incidents import Incident, lock_incident
from incident.store.journal import journal
from incident.store.queries.evidence_custody import CustodyEntry, custody_of


@dataclass(frozen=True)
class ExportedEvidence:
    """A signed manifest, and the ids of the files that it names, in order."""

    manifest: dict[str, Any]
    files: Sequence[int]


def export_evidence(
    incident_id: int, key: CertificateKey, instance: str, by: str, now: dt.datetime
) -> ExportedEvidence:
    """Write the manifest of an export, and record the export in the journal before anything leaves.

    Files removed from view are named with hash and reason, without content.

    Args:
        incident_id: the incident.
        key: signs the manifest.
        instance: the address of this program.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `evidence.none` (conflict).
    """
    with transaction(by, now) as uow:
        incident = lock_incident(incident_id)
        rows = evidence_of(incident.id)
        stored = [row for row in rows if row.state == "stored"]
        if not stored:
            raise RuleError("evidence.none", kind="conflict")
        head, custody = journal.head(), custody_of(incident.id)
        content = {
            "type": BUNDLE,
            "version": VERSION,
            "instance": instance,
            "incident": _incident(incident),
            "exported_at": format_moment(now),
            "exported_by": by,
            "files": [_file(row, custody) | {"path": member_path(row.id, row.name)} for row in stored],
            "removed": [_file(row, custody) for row in rows if row.state == "removed"],
            "journal": {"head": f"{head.count}:{head.hash}" if head else None},
        }
        detail = {"files": [row.id for row in stored], "names": [row.name for row in stored]}
        uow.record("evidence.exported", f"incident:{incident.number}", detail, incident.number)
        return ExportedEvidence(key.sign(content), [row.id for row in stored])


def _incident(incident: Incident) -> dict[str, Any]:
    return {"number": incident.number, "title": incident.title, "tlp": incident.tlp}


def _file(row: Evidence, custody: Sequence[CustodyEntry]) -> dict[str, Any]:
    members = {
        "id": row.id,
        "name": row.name,
        "size": row.size,
        "sha256": row.sha256,
        "media_type": row.media_type,
        "scan": row.scan or NOT_SCANNED,
        "uploaded_at": None if row.stored_at is None else format_moment(row.stored_at),
        "uploaded_by": row.uploaded_by,
        "released_at": None if row.released_at is None else format_moment(row.released_at),
        "released_by": row.released_by,
        "custody": [_entry(one) for one in custody if row.id in one.files],
    }
    if row.removed_at is not None:
        removal = {"by": row.removed_by, "reason": row.removal_reason, "at": format_moment(row.removed_at)}
        members |= {f"removed_{name}": value for name, value in removal.items()}
    return members


def _entry(one: CustodyEntry) -> dict[str, Any]:
    entry = one.entry
    return {
        "seq": entry.seq,
        "at": format_moment(entry.at),
        "actor": entry.actor,
        "type": entry.event_type,
        "detail": dict(one.detail),
        "hash": entry.hash,
    }
