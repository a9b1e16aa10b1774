"""Backup of evidence: with its content from the database, and what is in a folder is named."""

from pathlib import Path

from incident import certifying
from incident.actions.incidents import evidence_upload
from incident.actions.incidents.evidence_upload import NewUpload
from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.core.incidents.evidence import upload
from incident.store.db.database import db
from incident.store.incidents.evidence import Evidence
from tests.test_cli_backup import Place, target
from tests.world import BY, World

__all__ = ["target"]

CONTENT = bytes(range(256)) * 20_000


def keep(world: World, vault: EvidenceVault) -> int:
    new = NewUpload("disk.img", len(CONTENT), "person:1")
    row = evidence_upload.begin_upload(world.open().id, new, vault, 1 << 30, BY, world.now)
    for at in range(0, len(CONTENT), upload.PART_SIZE):
        part = CONTENT[at : at + upload.PART_SIZE]
        evidence_upload.add_part(row.id, at, part, vault, BY, world.now)
    return evidence_upload.complete_upload(row.id, vault, BY, world.now).evidence.id


def test_evidence_in_the_database_is_restored_on_either_database(world: World, target: Place, tmp_path: Path) -> None:
    evidence_id = keep(world, EvidenceVault(world.ring))
    public = certifying.CertificateKey.load(world.settings.home / "evidence.key").public
    source = Place(world.settings.home, world.settings.database_url)
    assert "does not contain the evidence" not in source.good("backup", tmp_path / "b", "--with-keys")
    target.good("restore", tmp_path / "b")

    def content(restored: World) -> bytes:
        vault = EvidenceVault(restored.ring)
        return b"".join(vault.parts(db.session.get_one(Evidence, evidence_id)))

    assert target.look(content) == CONTENT
    assert certifying.CertificateKey.load(target.home / "evidence.key").public == public


def test_evidence_in_a_folder_is_named_and_not_included(sqlite_world: World, tmp_path: Path) -> None:
    world, folder = sqlite_world, tmp_path / "files"
    keep(world, EvidenceVault(world.ring, folder))
    source = Place(world.settings.home, world.settings.database_url)
    source.environ["INCIDENT_FILES"] = str(folder)
    said = source.good("backup", tmp_path / "b")
    assert f"does not contain the evidence in {folder} (1 files): save that folder as well." in said
    assert (tmp_path / "b").stat().st_size < len(CONTENT) / 10
