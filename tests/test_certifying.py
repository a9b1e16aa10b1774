"""The certificate key; only genuine certificates verify with it."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from incident import certifying
from incident.certifying import BadKey, CertificateKey
from incident.cli import main

CONTENT = {
    "type": "certificate of notice",
    "incident": {"number": "INC-2026-000001", "title": "工资服务器文件被加密"},
    "issued_at": "2026-10-01T18:00:00Z",
    "instance": "https://incident.example",
    "journal": {"head": "12:abc", "entries": []},
}


@pytest.fixture
def key(tmp_path: Path) -> CertificateKey:
    return CertificateKey.load(tmp_path / "certificate.key")


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "home" / "certificate.key"
    with ThreadPoolExecutor(8) as pool:
        prints = {
            one.result() for one in [pool.submit(lambda: fingerprint(CertificateKey.load(path))) for _ in range(8)]
        }
    assert len(prints) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["certificate.key"]


def fingerprint(key: CertificateKey) -> str:
    return certifying.fingerprint_of(key.public)


def test_a_certificate_verifies_with_its_key_also_when_its_members_stand_in_another_order(key: CertificateKey) -> None:
    document = key.sign(CONTENT)
    turned = json.loads(json.dumps(document, indent=3, ensure_ascii=True))
    turned["certificate"] = dict(reversed(turned["certificate"].items()))
    assert certifying.faults_of(turned, key.public) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one["certificate"]["incident"].update(title="nothing"),
        lambda one: one["certificate"].update(extra=1),
        lambda one: one["certificate"].pop("issued_at"),
        lambda one: one.update(note="believe me"),
        lambda one: one.pop("signature"),
        lambda one: one["signature"].update(value="AAAA"),
        lambda one: one["signature"].update(value="no base64!"),
        lambda one: one["signature"].update(algorithm="none"),
        lambda one: one["certificate"].update(much=2**60),
    ],
)
def test_whatever_is_changed_is_found(key: CertificateKey, change: Any) -> None:
    document = json.loads(json.dumps(key.sign(CONTENT)))
    change(document)
    assert len(certifying.faults_of(document, key.public)) == 1


def test_one_who_signs_with_another_key_and_brings_it_along_is_found_out(key: CertificateKey) -> None:
    forger = CertificateKey(Ed25519PrivateKey.generate())
    document = forger.sign(CONTENT)
    document["signature"]["fingerprint"] = fingerprint(key)
    assert certifying.faults_of(document, key.public) != []
    [fault] = certifying.faults_of(forger.sign(CONTENT), key.public)
    assert "another key" in fault


@pytest.mark.parametrize("document", [None, [], "x", {}, {"certificate": 1}, {"certificate": {}, "signature": {}}])
def test_what_is_no_certificate_is_none(key: CertificateKey, document: object) -> None:
    assert len(certifying.faults_of(document, key.public)) == 1


def test_a_key_is_read_as_pem_and_on_one_line_and_nothing_else_is_one(key: CertificateKey) -> None:
    for text in (certifying.pem_of(key.public), certifying.short_of(key.public)):
        assert certifying.fingerprint_of(certifying.read_key(text)) == fingerprint(key)
    for text in ("", "ed25519:AAAA", "ed25519:???", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        with pytest.raises(BadKey):
            certifying.read_key(text)
    raw = key.public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert len(raw) == 32


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["certificate", *map(str, arguments)])


def test_the_command_says_genuine_or_what_is_wrong(key: CertificateKey, tmp_path: Path) -> None:
    file, pem = tmp_path / "c.json", tmp_path / "key.pem"
    pem.write_text(certifying.pem_of(key.public))
    document = key.sign(CONTENT)
    file.write_text(json.dumps(document))
    for given in (pem, certifying.short_of(key.public)):
        good = run("verify", file, "--key", given)
        assert (good.exit_code, "genuine" in good.output) == (0, True)
    assert "INC-2026-000001" in good.output
    document["certificate"]["issued_at"] = "2026-10-01T02:00:00Z"
    file.write_text(json.dumps(document))
    bad = run("verify", file, "--key", pem)
    assert (bad.exit_code, "was changed" in bad.output) == (1, True)
    file.write_text("{")
    assert run("verify", file, "--key", pem).exit_code == 1
    assert run("verify", file, "--key", file).exit_code == 2
    assert run("verify", file, "--key", tmp_path / "nowhere").exit_code == 2
    assert run("verify", file).exit_code == 2


def test_the_command_prints_the_key_of_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCIDENT_HOME", str(tmp_path))
    first, second = run("key"), run("key")
    assert first.exit_code == 0, first.output
    assert first.output == second.output
    assert first.output.startswith("-----BEGIN PUBLIC KEY-----")
    assert "PRIVATE" not in first.output
    assert "SHA256:" in first.output
