"""Stores and opens the content of evidence: sealed parts in the database or in a folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from incident.core.incidents.evidence.upload import part_count, part_length
from incident.core.values.faults import RuleError
from incident.evidence_seal import FileSeal, new_file_key, open_file_key
from incident.keyring import KeyRing, SealBroken
from incident.store.incidents import evidence_folder
from incident.store.incidents.evidence import Evidence, part_content


def evidence_place(evidence_id: int) -> str:
    """Return the data that the sealed key of a file is bound to."""
    return f"evidence:{evidence_id}:sealed_key"


@dataclass(frozen=True)
class EvidenceVault:
    """Seals, stores and opens parts.

    Args:
        ring: seals the key of each file.
        folder: where new files are stored; None for the database.
    """

    ring: KeyRing
    folder: Path | None = None

    def new_key(self, evidence_id: int) -> str:
        """Return a fresh sealed key for a file."""
        return new_file_key(self.ring, evidence_place(evidence_id))

    def seal_of(self, row: Evidence) -> FileSeal:
        """Return what seals and opens the parts of a file; raises RuleError `evidence.damaged` (gone)."""
        try:
            key = open_file_key(self.ring, row.sealed_key or "", evidence_place(row.id))
        except (SealBroken, ValueError):
            raise _damaged(row) from None
        return FileSeal(key, f"evidence:{row.id}")

    def keep(self, row: Evidence, place: int, sealed: bytes) -> bytes | None:
        """Store a sealed part in the folder of a file; return what belongs into the database.

        Raises:
            OSError: when the folder cannot be written.
        """
        if not row.is_in_folder:
            return sealed
        evidence_folder.write_part(self._folder(row), row.id, place, sealed)
        return None

    def read(self, row: Evidence, place: int, seal: FileSeal) -> bytes:
        """Return the content of a part.

        Raises:
            RuleError: `evidence.damaged` (gone), when it is missing or is not the one that was stored.
        """
        sealed = (
            evidence_folder.read_part(self._folder(row), row.id, place)
            if row.is_in_folder
            else part_content(row.id, place)
        )
        is_last = place == part_count(row.size) - 1
        try:
            plain = seal.open(sealed or b"", place, is_last=is_last)
        except SealBroken:
            raise _damaged(row) from None
        if len(plain) != part_length(row.size, place):
            raise _damaged(row)
        return plain

    def parts(self, row: Evidence) -> Iterator[bytes]:
        """Yield the content of a file part by part; raises as `read`."""
        seal = self.seal_of(row)
        for place in range(part_count(row.size)):
            yield self.read(row, place, seal)

    def forget(self, evidence_id: int) -> None:
        """Delete the parts of a file that are in the folder."""
        if self.folder is not None:
            evidence_folder.remove_folder_parts(self.folder, evidence_id)

    def _folder(self, row: Evidence) -> Path:
        if self.folder is None:
            raise _damaged(row)
        return self.folder


def _damaged(row: Evidence) -> RuleError:
    return RuleError("evidence.damaged", {"id": row.id}, kind="gone")
