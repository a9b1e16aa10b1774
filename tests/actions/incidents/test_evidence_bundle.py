"""The export of evidence: its manifest has the custody of each file, and the command verifies it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from incident.actions.incidents import evidence_custody as custody
from incident.actions.incidents import evidence_upload as uploads
from incident.actions.incidents.evidence_bundle import export_evidence
from incident.actions.incidents.evidence_upload import NewUpload
from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.certifying import CertificateKey, short_of
from incident.cli import main
from incident.core.values.faults import RuleError
from incident.formats.evidence_bundle import write_bundle
from incident.store.db.database import db
from incident.store.incidents.evidence import Evidence
from tests.world import BY, World

OTHER = "person:2:Wang Fang"


def add(world: World, incident_id: int, name: str, content: bytes) -> int:
    vault = EvidenceVault(world.ring)
    row = uploads.begin_upload(incident_id, NewUpload(name, len(content), "person:1"), vault, 100, BY, world.now)
    uploads.add_part(row.id, 0, content, vault, BY, world.now)
    return uploads.complete_upload(row.id, vault, BY, world.now).evidence.id


@pytest.fixture
def key(tmp_path: Path) -> CertificateKey:
    return CertificateKey.load(tmp_path / "evidence.key")


def test_the_manifest_has_the_custody_of_each_file(world: World, key: CertificateKey) -> None:
    incident_id = world.open().id
    mail, wrong = add(world, incident_id, "a.eml", b"mail"), add(world, incident_id, "b.txt", b"wrong")
    custody.record_download(mail, OTHER, world.now)
    custody.release_evidence(mail, OTHER, world.now)
    custody.remove_evidence(wrong, "Of another case", OTHER, world.now)
    add(world, world.open().id, "other.txt", b"another incident")
    export_evidence(incident_id, key, "http://incident.test", BY, world.now)
    content = export_evidence(incident_id, key, "http://incident.test", BY, world.now).manifest["certificate"]
    [file], [removed] = content["files"], content["removed"]
    assert [one["type"] for one in file["custody"]] == [
        "evidence.uploaded",
        "evidence.downloaded",
        "evidence.released",
        "evidence.exported",
    ]
    assert (file["name"], file["path"], file["released_by"]) == ("a.eml", f"evidence/{mail}-a.eml", OTHER)
    assert (removed["name"], removed["removed_reason"]) == ("b.txt", "Of another case")
    assert all(len(one["hash"]) == 64 for one in file["custody"])


def test_an_incident_without_files_has_nothing_to_export(world: World, key: CertificateKey) -> None:
    with pytest.raises(RuleError, match=r"evidence\.none"):
        export_evidence(world.open().id, key, "http://incident.test", BY, world.now)


def test_the_command_verifies_a_bundle_without_database(
    sqlite_world: World, key: CertificateKey, tmp_path: Path
) -> None:
    world, vault = sqlite_world, EvidenceVault(sqlite_world.ring)
    incident_id = world.open().id
    add(world, incident_id, "a.eml", b"mail")
    exported = export_evidence(incident_id, key, "http://incident.test", BY, world.now)
    members = (
        (one["path"], vault.parts(db.session.get_one(Evidence, one["id"])))
        for one in exported.manifest["certificate"]["files"]
    )
    path = tmp_path / "bundle.zip"
    path.write_bytes(b"".join(write_bundle(exported.manifest, members, world.now)))
    good = CliRunner().invoke(main, ["evidence", "verify", str(path), "--key", short_of(key.public)])
    assert good.exit_code == 0, good.output
    assert "genuine and whole" in good.output
    assert "a.eml" in good.output
    other = CertificateKey.load(tmp_path / "other.key")
    bad = CliRunner().invoke(main, ["evidence", "verify", str(path), "--key", short_of(other.public)])
    assert (bad.exit_code, "another key" in bad.output) == (1, True)
    assert CliRunner().invoke(main, ["evidence", "verify", str(path), "--key", "ed25519:x"]).exit_code == 2


def test_the_command_prints_the_key(tmp_path: Path) -> None:
    printed = CliRunner().invoke(main, ["evidence", "key"], env={"INCIDENT_HOME": str(tmp_path / "home")})
    assert printed.exit_code == 0, printed.output
    assert short_of(CertificateKey.load(tmp_path / "home" / "evidence.key").public) in printed.output
