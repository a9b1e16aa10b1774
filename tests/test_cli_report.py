"""Proofs of receipt on the command line: the public key, and a proof verified offline."""

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from incident.actions.reports.report_proofs import prove_receipt
from incident.actions.reports.reports import NewReport
from incident.certifying import CertificateKey, short_of
from incident.cli import main

AT = dt.datetime(2026, 12, 1, 8, 30, tzinfo=dt.UTC)
NEW = NewReport(text="A false bank", url="http://evil.example/")


@pytest.mark.parametrize(
    ("report", "status", "said"),
    [
        (None, 0, "received at 2026-12-01T08:30:00Z by https://here.test"),
        ({"kind": "tip", "text": "A false bank", "url": "http://evil.example/", "channel": "web"}, 0, "genuine"),
        ({"kind": "tip", "text": "A false bank"}, 1, "it is the proof of another report"),
        ([], 1, "it is no JSON object"),
    ],
)
def test_a_proof_is_verified_without_a_database(tmp_path: Path, report: object, status: int, said: str) -> None:
    key = CertificateKey.load(tmp_path / "report.key")
    proof, sent = tmp_path / "proof.json", tmp_path / "sent.json"
    proof.write_text(json.dumps(prove_receipt(NEW, key, "https://here.test", AT)))
    sent.write_text(json.dumps(report))
    more = [] if report is None else ["--report", str(sent)]
    done = CliRunner().invoke(main, ["report", "verify", str(proof), "--key", short_of(key.public), *more])
    assert (done.exit_code, said in done.output) == (status, True), done.output


def test_what_is_no_proof_or_signed_by_another_key_is_refused(tmp_path: Path) -> None:
    key, other = (CertificateKey.load(tmp_path / name) for name in ("report.key", "other.key"))
    proof = tmp_path / "proof.json"
    for text in ("{", json.dumps({}), json.dumps(key.sign({"type": "journal.anchor"}))):
        proof.write_text(text)
        done = CliRunner().invoke(main, ["report", "verify", str(proof), "--key", short_of(key.public)])
        assert done.exit_code == 1, done.output
    proof.write_text(json.dumps(prove_receipt(NEW, key, "https://here.test", AT)))
    assert CliRunner().invoke(main, ["report", "verify", str(proof), "--key", short_of(other.public)]).exit_code == 1
