"""Signed documents on the command line: the public key, and a document verified offline a year later."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from incident.actions.documents import sign_offs
from incident.actions.documents.document_proofs import DocumentSigner, read_document_proof
from incident.actions.notifications.certificates import KIND
from incident.certifying import CertificateKey, short_of
from incident.cli import main
from incident.core.reports.proof import PROOF
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.documents.document_files import DocumentFile
from incident.store.incidents.incidents import Incident
from tests.actions.documents.test_documents import SIGNER, number_by, reviewed, row
from tests.world import BY, World, rows


def signer_at(folder: Path) -> DocumentSigner:
    return DocumentSigner(CertificateKey.load(folder / "document.key"), "https://here.test")


def read(world: World, document_id: int, signer: DocumentSigner) -> dict[str, Any]:
    document = row(document_id)
    incident = db.session.get_one(Incident, document.incident_id)
    return read_document_proof(document, incident, signer, BY, world.now)


def verify(tmp_path: Path, proof: object, key: CertificateKey, command: str = "document") -> Result:
    file = tmp_path / "proof.json"
    file.write_text(proof if isinstance(proof, str) else json.dumps(proof))
    return CliRunner().invoke(main, [command, "verify", str(file), "--key", short_of(key.public)])


def signed(world: World, signer: DocumentSigner | None) -> int:
    number_by(world)
    document_id = reviewed(world)
    sign_offs.sign_off_document(document_id, "sign", None, world.zone, SIGNER, world.now, None, signer)
    return document_id


def test_a_signed_document_is_verified_without_a_database_also_once_it_is_void(world: World, tmp_path: Path) -> None:
    signer = signer_at(tmp_path)
    document_id = signed(world, signer)
    proof = read(world, document_id, signer)
    done = verify(tmp_path, proof, signer.key)
    assert done.exit_code == 0, done.output
    for words in ("genuine, signed with SHA256:", "X网信〔2026〕1号", "https://here.test", f"sign: {SIGNER}"):
        assert words in done.output
    sign_offs.void_official_document(document_id, "wrong", BY, world.now)
    assert read(world, document_id, signer_at(tmp_path / "other")) == proof  # kept as it was signed
    assert [one.format for one in rows(DocumentFile)].count("json") == 1


def test_one_changed_character_a_draft_and_another_key_are_refused(world: World, tmp_path: Path) -> None:
    signer = signer_at(tmp_path)
    document_id = signed(world, signer)
    proof = read(world, document_id, signer)
    text = json.dumps(proof, ensure_ascii=False)
    for old, new in (("1号", "2号"), ("Zhang San", "Zhang Sen"), ('"none"', '"nome"')):
        assert verify(tmp_path, text.replace(old, new, 1), signer.key).exit_code == 1
    assert "another key" in verify(tmp_path, proof, CertificateKey.load(tmp_path / "x.key")).output
    draft = read(world, reviewed(world), signer)
    assert draft["signature"] is None
    assert "was not signed yet" in verify(tmp_path, draft, signer.key).output
    for nonsense in ("{", "[]", "{}"):
        assert verify(tmp_path, nonsense, signer.key).exit_code == 1


def test_what_was_signed_by_our_key_but_does_not_fit_together_is_refused(world: World, tmp_path: Path) -> None:
    signer = signer_at(tmp_path)
    said = read(world, signed(world, signer), signer)["certificate"]
    content, offs = copy.deepcopy(said), copy.deepcopy(said)
    content["content"]["title"] = "Another"
    offs["sign_offs"][0]["content_hash"] = "0" * 64
    for changed, words in ((content, "not that of its content"), (offs, "signed off another content")):
        assert words in verify(tmp_path, signer.key.sign(changed), signer.key).output


@pytest.mark.parametrize("command", ["certificate", "report", "document"])
def test_each_verifier_demands_its_type(tmp_path: Path, command: str) -> None:
    key = CertificateKey.load(tmp_path / "one.key")
    types = {"certificate": KIND, "report": PROOF, "document": "document/1"}
    for kind in {*types.values(), "journal.anchor"} - {types[command]}:
        done = verify(tmp_path, key.sign({"type": kind}), key, command)
        assert (done.exit_code, f"its type is {kind}" in done.output) == (1, True), done.output


def test_a_document_that_was_signed_before_gets_its_proof_once_unless_it_was_changed(
    world: World, tmp_path: Path
) -> None:
    signer = signer_at(tmp_path)
    document_id = signed(world, None)
    assert read(world, document_id, signer) == read(world, document_id, signer)
    other = signed(world, None)
    row(other).title = "Another"
    db.session.commit()
    with pytest.raises(RuleError, match=r"official_document\.content_changed"):
        read(world, other, signer)
