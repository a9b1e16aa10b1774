"""Signing, verifying and signers on the command line."""

import json
import re
from pathlib import Path

import pytest

from incident.core.cacao import load, to_yaml_text
from tests.core.cacao.build import action, document, uid
from tests.core.cacao.signers import key, private_pem, public_pem
from tests.test_cli import Terminal

LOOK = document({"look": action("done"), "done": None}, name="Look")


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str) -> Terminal:
    """A terminal at a home that has been migrated."""
    return Terminal(tmp_path / "home")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A playbook in a file."""
    found = tmp_path / "look.json"
    found.write_text(json.dumps(LOOK))
    return found


@pytest.fixture
def private(tmp_path: Path) -> str:
    """The name of a file with a private key."""
    (tmp_path / "private.pem").write_bytes(private_pem())
    return str(tmp_path / "private.pem")


@pytest.fixture
def public(tmp_path: Path) -> str:
    """The name of a file with the public key to it."""
    (tmp_path / "public.pem").write_text(public_pem())
    return str(tmp_path / "public.pem")


def test_a_signed_file_is_trusted_once_its_signer_is(terminal: Terminal, file: Path, private: str, public: str) -> None:
    output = terminal.good("playbook", "sign", str(file), "--key", private, "--signee", "Centre")
    assert key().public.fingerprint in output
    unknown = terminal.type("playbook", "verify", str(file))
    assert (unknown.exit_code, "signer_unknown" in unknown.output) == (1, True)
    assert key().public.fingerprint in terminal.good("signer", "add", "The centre", "--key", public)
    output = terminal.good("playbook", "verify", str(file))
    assert "signed by The centre, Ed25519 over the hex text of the hash" in output
    assert "look.json: trusted" in output
    file.write_text(file.read_text().replace('"Look"', '"Loot"'))
    changed = terminal.type("playbook", "verify", str(file))
    assert (changed.exit_code, "changed after signing" in changed.output) == (1, True)


def test_a_signer_is_listed_and_revoked(terminal: Terminal, file: Path, private: str, public: str) -> None:
    terminal.good("signer", "add", "Centre", "--key", public, "--valid-until", "2200-01-01")
    assert terminal.type("signer", "add", "Centre", "--key", public).exit_code == 2
    assert terminal.type("signer", "add", "Centre", "--key", private).exit_code == 2
    terminal.good("playbook", "sign", str(file), "--key", private)
    terminal.good("playbook", "verify", str(file))
    assert terminal.good("signer", "list").startswith("1  Ed25519  ")
    terminal.good("signer", "revoke", "1")
    assert terminal.good("signer", "list").endswith("Centre  (revoked)\n")
    assert terminal.type("signer", "revoke", "1").exit_code == 2
    assert "signer_revoked" in terminal.type("playbook", "verify", str(file)).output


def test_a_file_is_verified_against_a_key_without_any_home(
    terminal: Terminal, file: Path, private: str, public: str
) -> None:
    terminal.good("playbook", "sign", str(file), "--key", private, "--valid-until", "2200-01-01T00:00:00Z")
    assert "trusted" in terminal.good("playbook", "verify", str(file), "--key", public, INCIDENT_HOME="/nowhere/at/all")
    other = terminal.type("playbook", "verify", str(file), "--key", private)
    assert (other.exit_code, "private key" in other.output) == (2, True)


def test_yaml_stays_yaml_and_another_file_can_be_written(terminal: Terminal, tmp_path: Path, private: str) -> None:
    file, other = tmp_path / "look.yaml", tmp_path / "signed.json"
    file.write_text(to_yaml_text(LOOK))
    terminal.good("playbook", "sign", str(file), "--key", private, "--output", str(other))
    assert load(file.read_bytes()) == LOOK
    terminal.good("playbook", "sign", str(file), "--key", private)
    assert "\nsignatures:\n" in file.read_text()
    assert [len(load(one.read_bytes())["signatures"]) for one in (file, other)] == [1, 1]
    assert other.read_text().startswith("{\n")


def test_signatures_add_up_and_are_countersigned(terminal: Terminal, file: Path, private: str, tmp_path: Path) -> None:
    (tmp_path / "rsa.pem").write_bytes(private_pem("RSA"))
    identity = uid("identity", "notary")
    terminal.good("playbook", "sign", str(file), "--key", private)
    terminal.good("playbook", "sign", str(file), "--key", str(tmp_path / "rsa.pem"), "--algorithm", "PS512")
    counter = ("--countersign", "1", "--signer", identity, "--signee", "Notary")
    terminal.good("playbook", "sign", str(file), "--key", private, *counter)
    first, second = load(file.read_bytes())["signatures"]
    assert (first["algorithm"], second["algorithm"], second["signature"]["created_by"]) == (
        "Ed25519",
        "PS512",
        identity,
    )
    (tmp_path / "rsa.pub").write_text(public_pem("RSA"))
    output = terminal.good("playbook", "verify", str(file), "--key", str(tmp_path / "rsa.pub"))
    assert "#/signatures/0: warning signer_unknown" in output
    assert re.search(r"#/signatures/1: signed by .*rsa\.pub, PS512", output)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--algorithm", "RS256"), 2),
        (("--algorithm", "none"), 2),
        (("--signer", "somebody"), 2),
        (("--countersign", "3"), 1),
        (("--valid-until", "soon"), 2),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(
    terminal: Terminal, file: Path, private: str, words: tuple[str, ...], status: int
) -> None:
    before = file.read_bytes()
    result = terminal.type("playbook", "sign", str(file), "--key", private, *words)
    assert (result.exit_code, result.exception.__class__) == (status, SystemExit)
    assert file.read_bytes() == before


def test_what_is_no_key_or_no_playbook_is_refused(terminal: Terminal, file: Path, private: str, public: str) -> None:
    for bad in (public, str(file)):
        result = terminal.type("playbook", "sign", str(file), "--key", bad)
        assert (result.exit_code, "it is not a key" in result.output) == (2, True)
    unsigned = terminal.type("playbook", "verify", str(file))
    assert (unsigned.exit_code, "“Look” is not signed" in unsigned.output) == (1, True)
    file.write_text("{}")
    result = terminal.type("playbook", "sign", str(file), "--key", private)
    assert (result.exit_code, "missing_property" in result.output) == (1, True)
    file.write_text("{")
    assert terminal.type("playbook", "sign", str(file), "--key", private).exit_code == 1
    assert terminal.type("playbook", "verify", str(file)).exit_code == 1


def test_signatures_are_looked_at_when_a_file_is_added(terminal: Terminal, file: Path, private: str) -> None:
    assert "warning" not in terminal.good("playbook", "add", str(file))
    terminal.good("playbook", "sign", str(file), "--key", private)
    assert "warning signer_unknown" in terminal.good("playbook", "add", str(file))


def test_the_demonstration_is_refused_where_only_signed_playbooks_start(terminal: Terminal) -> None:
    result = terminal.type("demo", INCIDENT_UNSIGNED_PLAYBOOKS="0")
    assert (result.exit_code, "set INCIDENT_UNSIGNED_PLAYBOOKS to 1" in result.output) == (2, True)


def test_the_check_asks_for_a_signer_where_only_signed_playbooks_start(terminal: Terminal, public: str) -> None:
    assert "may start" in terminal.good("check")
    missing = terminal.type("check", INCIDENT_UNSIGNED_PLAYBOOKS="0")
    assert (missing.exit_code, "INCIDENT_UNSIGNED_PLAYBOOKS" in missing.output) == (1, True)
    terminal.good("signer", "add", "Centre", "--key", public)
    assert "do not start" in terminal.good("check", INCIDENT_UNSIGNED_PLAYBOOKS="0")
