"""Access to evidence: its list, its files before and after their release, unfinished uploads."""

from collections.abc import Collection, Mapping, Sequence

from incident.core.incidents.evidence.custody import may_download
from incident.core.values.faults import RuleError, member, raise_all
from incident.store.db.by_id import rows_by_ids
from incident.store.db.database import db
from incident.store.incidents.evidence import Evidence, evidence_seen_by
from incident.store.incidents.incidents import Incident
from incident.store.incidents.merges import merged_with
from incident.web.security import access
from incident.web.security.access_log_writer import note_read
from incident.web.security.auth import require_caller


def visible_evidence(incident: Incident) -> Sequence[Evidence]:
    """Return the files of an incident that the caller may see, and the caller's unfinished uploads to it.

    Files removed from view are among them for people who may remove files.
    """
    return [one for one in evidence_seen_by(incident.id, require_caller().owner) if _may_see(one)]


def visible_proofs(incident: Incident) -> Sequence[Evidence]:
    """Return the stored files that documents and papers of an incident may name, and that the caller may see.

    Those of incidents that it was merged with are among them: a merge moves the files of a duplicate.
    """
    related = (db.session.get_one(Incident, one) for one in merged_with(incident.id))
    return [one for its in related if access.may_see(its) for one in visible_evidence(its) if one.state == "stored"]


def require_proofs(incident: Incident, ids: Sequence[int]) -> Sequence[int]:
    """Return the ids of files that prove a service.

    Raises:
        RuleError: `document_service.evidence_unknown` for each that the caller may not see, or is not of the incident.
    """
    known = {one.id for one in visible_proofs(incident)} if ids else ()
    raise_all(
        RuleError("document_service.evidence_unknown", pointer=member("/evidence", index))
        for index, one in enumerate(ids)
        if one not in known
    )
    return ids


def places_of_files(ids: Collection[int]) -> Mapping[int, str]:
    """Return the number of the incident on which each file is now, as far as the caller may see it."""
    found = rows_by_ids(Evidence, ids)
    places = {one.id: db.session.get_one(Incident, one.incident_id) for one in found.values()}
    return {key: incident.number for key, incident in places.items() if access.may_see(incident)}


def visible_file(number: str, evidence_id: int) -> Evidence:
    """Return a file of an incident, or an unfinished upload of the caller; raises NotFound."""
    incident = access.visible_incident(number)
    return access.require_visible(
        db.session.get(Evidence, evidence_id), lambda row: row.incident_id == incident.id and _may_see(row)
    )


def _may_see(row: Evidence) -> bool:
    if row.state == "receiving":
        return row.uploader == require_caller().owner
    if row.state == "removed":
        return access.is_allowed("evidence.remove")
    return row.state == "stored"


def own_upload(number: str, evidence_id: int) -> Evidence:
    """Return an upload that the caller has begun, also one that has ended since; raises NotFound."""
    row = visible_file(number, evidence_id)
    return access.require_visible(row, lambda one: one.uploader == require_caller().owner)


def begun_upload(number: str, evidence_id: int) -> Evidence:
    """Return an upload that the caller has begun, also one of a file that was there already; raises NotFound."""
    incident, owner = access.visible_incident(number), require_caller().owner
    return access.require_visible(
        db.session.get(Evidence, evidence_id),
        lambda row: row.incident_id == incident.id and row.uploader == owner and row.state != "removed",
    )


def downloadable_file(number: str, evidence_id: int) -> Evidence:
    """Return a stored file that the caller may download, and record that they read it.

    Raises:
        NotFound: when they may not see it.
        RuleError: `evidence.quarantined` (forbidden), `evidence.is_removed`, `evidence.not_receiving` (conflict).
    """
    row = visible_file(number, evidence_id)
    if row.state != "stored":
        raise RuleError("evidence.is_removed" if row.state == "removed" else "evidence.incomplete", kind="conflict")
    if not may_download_file(row):
        raise RuleError("evidence.quarantined", kind="forbidden")
    note_read("evidence", row.id)
    return row


def may_download_file(row: Evidence) -> bool:
    """Return whether the caller may download a stored file that they may see."""
    is_handled = access.is_allowed("evidence.write")
    return row.state == "stored" and may_download(is_released=row.released_at is not None, may_handle=is_handled)
