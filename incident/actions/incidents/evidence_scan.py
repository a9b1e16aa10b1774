"""The scan of stored evidence, one file after the other; each result is an entry of the journal."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.actions.unit_of_work import transaction
from incident.core.incidents.evidence.scan import Scan
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.incidents.evidence import Evidence, lock_evidence_on_incident, next_unscanned
from incident.store.incidents.incidents import Incident

SCANNER = "scanner"
"""The actor of what the scanner found."""

ScanParts = Callable[[Iterable[bytes]], Scan]


def next_to_scan(after: int = 0) -> int | None:
    """Return the id of the oldest file that was not scanned, of those that follow an id; None for none."""
    row = next_unscanned(after)
    db.session.rollback()
    return None if row is None else row.id


def scan_file(evidence_id: int, vault: EvidenceVault, scan: ScanParts, now: Callable[[], dt.datetime]) -> None:
    """Scan a stored file and record what the scanner says.

    No connection of the database is held while the scanner works.

    Args:
        evidence_id: the file.
        vault: opens the parts.
        scan: sends a file to the scanner; what it raises leaves the file as it was.
        now: reads the moment (UTC).
    """
    try:
        found = scan(_parts(db.session.get_one(Evidence, evidence_id), vault))
    except RuleError:
        found = Scan("damaged")
    _record(evidence_id, found, now())


def _parts(row: Evidence, vault: EvidenceVault) -> Iterator[bytes]:
    for part in vault.parts(row):
        db.session.rollback()
        yield part


def _record(evidence_id: int, found: Scan, now: dt.datetime) -> None:
    with transaction(SCANNER, now) as uow:
        locked = lock_evidence_on_incident(evidence_id)
        if locked is None or locked[0].scan is not None:  # another node was faster
            return
        row, _incident = locked
        row.scan, row.scan_detail, row.scanned_at = found.result, found.detail or None, now
        number = db.session.get_one(Incident, row.incident_id).number
        detail = {"name": row.name, "sha256": row.sha256, "result": found.result, "detail": found.detail}
        uow.record("evidence.scanned", f"evidence:{row.id}", detail, number)
