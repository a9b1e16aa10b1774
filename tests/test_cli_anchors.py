"""Anchor commands: send an anchor now, and verify the journal with saved anchors."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests import receivers, time_stamp_authority
from tests.rechaining import rechain
from tests.test_cli import Terminal
from tests.world import World

NO_UPDATE = "CREATE TRIGGER anchors_no_update BEFORE UPDATE ON anchors BEGIN SELECT RAISE(ABORT, 'x'); END"


@pytest.fixture
def written(sqlite_world: World, tmp_path: Path) -> Terminal:
    """A terminal at a home in which something has happened."""
    sqlite_world.department("net", [("duty", 1)])
    sqlite_world.open("net")
    return Terminal(tmp_path / "home")


def test_an_anchor_is_sent_now_and_each_place_says_what_it_answered(written: Terminal) -> None:
    with receivers.receiver() as good, receivers.receiver(status=500) as bad:
        to = f"{good.url}/a,{bad.url}/b"
        result = written.type("journal", "anchor", INCIDENT_ANCHOR_TO=to)
    assert result.exit_code == 1
    assert "webhook 127.0.0.1: accepted (200)" in result.output
    assert "webhook 127.0.0.1 #2: NOT accepted (500)" in result.output
    assert written.type("journal", "anchor").exit_code == 1


def test_what_was_kept_is_listed_with_its_place_and_finds_a_journal_chained_again(
    written: Terminal, tmp_path: Path
) -> None:
    kept = tmp_path / "outside"
    kept.mkdir()
    with (
        time_stamp_authority.running(tmp_path / "authority") as authority,
        receivers.receiver() as sink,
    ):
        environ = {"INCIDENT_ANCHOR_TO": f"{sink.url}/a", "INCIDENT_ANCHOR_TIME_STAMP_URL": authority.url}
        environ["INCIDENT_ANCHOR_TIME_STAMP_CA_FILE"] = str(authority.ca_file)
        out = written.good("journal", "anchor", "--output", str(kept), **environ)
        (kept / "hook.json").write_bytes(sink.requests[0].body)
    assert "time stamp 127.0.0.1: accepted (stamped)" in out
    files = sorted(one.name for one in kept.iterdir())
    assert [name.rsplit(".")[-1] for name in files] == ["json", "json", "tsr"]
    ca = ("--time-stamp-ca", str(authority.ca_file))
    seen = written.good("journal", "verify", "--anchor", str(kept), *ca)
    assert seen.count("is unchanged") == 4
    assert all(str(kept / name) in seen for name in files)
    unknown = written.type("journal", "verify", "--anchor", str(kept))
    assert (unknown.exit_code, "no certificate was given" in unknown.output) == (1, True)
    rechain(2, actor="person:9:Somebody Else")
    assert written.type("journal", "verify").exit_code == 0
    found = written.type("journal", "verify", "--anchor", str(kept), *ca)
    assert found.exit_code == 1
    assert found.output.count("REWRITTEN") == 4
    assert "The journal was rewritten" in found.output


def test_the_public_key_can_be_given_and_another_one_is_named(written: Terminal, tmp_path: Path) -> None:
    with receivers.receiver() as sink:
        written.good("journal", "anchor", "--output", str(tmp_path), INCIDENT_ANCHOR_TO=f"{sink.url}/a")
    [file] = list(tmp_path.glob("journal-*.json"))
    key = tmp_path / "key.pem"
    key.write_text(written.good("certificate", "key").split("-----END")[0] + "-----END PUBLIC KEY-----\n")
    (written.home / "certificate.key").unlink()
    assert written.type("journal", "verify", "--anchor", str(file)).exit_code == 1, "no key, nothing proved"
    assert "is unchanged" in written.good("journal", "verify", "--anchor", str(file), "--key", str(key))
    written.good("certificate", "key")
    other = written.type("journal", "verify", "--anchor", str(file))
    assert (other.exit_code, "signed with another key" in other.output) == (1, True)


def test_wrong_use_of_anchors_ends_with_two(written: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("{}")
    words = ("journal", "verify", "--anchor", str(file))
    for more in ((), ("--checkpoint", str(tmp_path / "c")), ("--key", "ed25519:x"), ("--time-stamp-ca", str(file))):
        result = written.type(*words, *more)
        assert (result.exit_code, "error: " in result.output) == (2, True), result.output


def test_check_says_what_is_wrong_with_anchors(written: Terminal, tmp_path: Path) -> None:
    assert "INCIDENT_ANCHOR_TO" in written.good("check")
    for given, said in (
        ({"INCIDENT_ANCHOR_TO": "mailto:audit@example.org"}, "mail cannot be sent"),
        ({"INCIDENT_ANCHOR_TO": "mailto:nobody"}, "Enter an email address"),
        ({"INCIDENT_ANCHOR_TO": "ftp://x.example"}, "no address"),
        ({"INCIDENT_ANCHOR_TIME_STAMP_URL": "http://tsa.example"}, "in the database alone"),
        ({"INCIDENT_ANCHOR_TIME_STAMP_URL": "nonsense"}, "not an address"),
        ({"INCIDENT_ANCHOR_TIME_STAMP_CA_FILE": str(tmp_path / "none")}, "cannot be read"),
        ({"INCIDENT_ANCHOR_SECRET": "x"}, "no secret"),
    ):
        result = written.type("check", **given)
        assert (result.exit_code, said in result.output) == (1, True), result.output


def test_check_says_when_the_newest_anchor_is_old(written: Terminal) -> None:
    with receivers.receiver() as sink:
        environ = {"INCIDENT_ANCHOR_TO": f"{sink.url}/a"}
        written.good("journal", "anchor", **environ)
        written.good("check", **environ)
        with sqlite3.connect(written.home / "incident.db") as database:
            database.execute("DROP TRIGGER anchors_no_update")
            database.execute("UPDATE anchors SET at = '2026-01-01 00:00:00.000000'")
            database.execute(NO_UPDATE)
        database.close()
        result = written.type("check", **environ)
    assert (result.exit_code, "the newest anchor of the journal is" in result.output) == (1, True)
    assert json.dumps("secret") not in result.output
