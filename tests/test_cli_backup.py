"""Backup and restore on the command line: from and to either database, complete, and fully verified."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask_migrate import Migrate, downgrade
from sqlalchemy import text

from incident import certifying
from incident.actions.incidents import incidents, receive
from incident.actions.operations.backup import CERTIFICATE_FILE
from incident.actions.reports import reports
from incident.app import create_core
from incident.cli import main
from incident.config import read, shipped
from incident.core.incidents.alert import Alert
from incident.keyring import new_ring
from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.store.incidents.incidents import Incident
from incident.store.journal import append_only
from incident.store.journal.journal import Entry
from incident.store.queries import dump, search
from tests.core.cacao.build import action, document
from tests.disks import small_disk
from tests.world import BY, World, rows

TELL = document({"look": action("done", timeout=60_000), "done": None}, name="Look")


class Place:
    """A home and its database, and commands that are typed for it."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.environ = {"INCIDENT_HOME": str(home), "INCIDENT_DATABASE_URL": url, "INCIDENT_TIMEZONE": "Asia/Shanghai"}

    def type(self, *words: str | Path) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], env=self.environ)

    def good(self, *words: str | Path) -> str:
        result = self.type(*words)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, *words: str | Path) -> str:
        result = self.type(*words)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit), result.exception
        return result.output

    def look(self, at: Callable[[World], Any]) -> Any:
        """Do something with the instance in this home."""
        settings = read(self.environ)
        app = create_core(settings)
        with app.app_context():
            try:
                return at(World(app, settings))
            finally:
                db.session.remove()
                db.engine.dispose()


@pytest.fixture
def full(world: World) -> World:
    """A world in which much has happened."""
    net = world.department("net", [("duty", 1), ("head", 2)], waits=[5, 30])
    world.contact(net, "hook", 1, "webhook", "https://receiver.example.org/hook")
    world.playbook(TELL)
    incident = world.open("net", title="Ünusual traffic 流量异常", description='{"a": null}\\ \t "x"')
    incidents.add_note(incident.id, "the firewall saw 198.51.100.77", BY, world.now)
    receive.receive_alert(
        Alert(source="generic", fingerprint="f", title="Beacon to evil.example", labels={"host": "files-1"}),
        "token:1:x",
        world.now,
        world.zone,
    )
    reports.submit_report(reports.NewReport(text="A page asks for my bank card 钓鱼网站"), "a-receipt", world.now)
    world.after(minutes=6)
    world.close(world.open("net"), "no trouble after all")
    (world.settings.home / "calendars").mkdir()
    (world.settings.home / "calendars" / "works.json").write_text('{"name": "Works"}')
    return world


@pytest.fixture
def source(full: World) -> Place:
    return Place(full.settings.home, full.settings.database_url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A home where nothing is yet, with an empty database of each kind."""
    home = tmp_path / "elsewhere"
    is_sqlite = request.param == "sqlite"
    return Place(home, f"sqlite:///{home}/incident.db" if is_sqlite else request.getfixturevalue("postgres_url"))


@pytest.fixture
def sqlite_source(sqlite_world: World) -> Place:
    sqlite_world.department("net", [("duty", 1)])
    sqlite_world.open("net")
    return Place(sqlite_world.settings.home, sqlite_world.settings.database_url)


@pytest.fixture
def fresh(tmp_path: Path) -> Place:
    """A home where nothing is yet, with SQLite."""
    home = tmp_path / "elsewhere"
    return Place(home, f"sqlite:///{home}/incident.db")


@pytest.fixture
def made(sqlite_source: Place, tmp_path: Path) -> Path:
    """A backup with keys."""
    sqlite_source.good("backup", tmp_path / "full.backup", "--with-keys")
    return tmp_path / "full.backup"


def tables(_world: World | None = None) -> dict[str, list[Any]]:
    """Every row of every table."""
    db.session.rollback()
    connection = db.session.connection()
    return {shape.name: list(dump.dump_rows(connection, shape)) for shape in dump.table_shapes(connection)}


def head_in(output: str) -> str:
    return output.strip().splitlines()[-1].removeprefix("head ")


def test_all_that_is_backed_up_on_either_database_is_restored_on_either(
    full: World, source: Place, target: Place, tmp_path: Path
) -> None:
    before = tables()
    assert len(before["journal"]) > 15
    assert len(before["messages"]) > 3
    output = source.good("backup", tmp_path / "b", "--with-keys")
    head = head_in(output)
    assert head_in(target.good("restore", tmp_path / "b", "--check")) == head
    assert not target.home.exists()
    assert head_in(target.good("restore", tmp_path / "b")) == head
    after = target.look(tables)
    last = after["journal"].pop()
    assert last[3:6] == ["instance.restored", None, "instance"]
    assert [name for _id, _made_at, name in after.pop("made_backups")] == ["b"]
    assert before.pop("made_backups") == []
    before.pop("journal_head")
    after.pop("journal_head")
    assert after == before
    assert "is intact" in target.good("journal", "verify", "--head", head)
    assert (target.home / "calendars" / "works.json").read_text() == '{"name": "Works"}'
    assert (target.home / "keys.json").read_bytes() == (source.home / "keys.json").read_bytes()


def test_what_was_restored_goes_on_where_it_was(full: World, source: Place, target: Place, tmp_path: Path) -> None:
    source.good("backup", tmp_path / "b", "--with-keys")
    target.good("restore", tmp_path / "b")
    numbers = {one.number for one in rows(Incident)}
    now = full.now

    def go_on(world: World) -> None:
        world.now = now
        sealed = db.session.scalars(db.select(Contact).where(Contact.channel == "webhook")).one()
        assert world.ring.open(sealed.sealed_secret or "", f"contacts:{sealed.id}:sealed_secret") == "whsec_" + "A" * 32
        for query, wanted in (("198.51.100.77", 1), ("evil.example", 1), ("files-1", 1), ("流量", 1), ("nowhere", 0)):
            condition = search.search_filter(query, reads_journal=True)
            assert condition is not None
            assert len(db.session.scalars(db.select(Incident).where(condition)).all()) == wanted, query
        assert search.report_filter("钓鱼") is not None
        fresh = world.open("net", title="After the fire")
        assert fresh.number not in numbers
        assert len(world.after(hours=2)) > 1  # pending messages are sent

    target.look(go_on)
    assert "is intact" in target.good("journal", "verify")


def test_an_id_that_was_given_out_before_is_not_given_out_again(
    postgres_world: World, postgres_url: str, tmp_path: Path
) -> None:
    gone = postgres_world.contact(postgres_world.department("net"), "gone")
    gone_id = gone.id
    db.session.execute(text("DELETE FROM contacts"))
    db.session.commit()
    source = Place(postgres_world.settings.home, postgres_world.settings.database_url)
    target = Place(tmp_path / "elsewhere", postgres_url)
    source.good("backup", tmp_path / "b", "--with-keys")
    target.good("restore", tmp_path / "b")
    added = target.look(lambda world: world.contact(world.department("new"), "later").id)
    assert added > gone_id


def test_a_backup_is_readable_by_its_owner_only_and_replaces_no_file(sqlite_source: Place, tmp_path: Path) -> None:
    sqlite_source.good("backup", tmp_path / "b")
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600
    before = (tmp_path / "b").read_bytes()
    assert "exists already" in sqlite_source.refused("backup", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} == {"b", "home"}


def test_without_keys_there_are_none_in_it_and_they_have_to_be_there_first(
    sqlite_source: Place, fresh: Place, tmp_path: Path
) -> None:
    certifying.CertificateKey.load(sqlite_source.home / CERTIFICATE_FILE)
    output = sqlite_source.good("backup", tmp_path / "b")
    assert "The backup does not contain the keys" in output
    ring = json.loads((sqlite_source.home / "keys.json").read_text())["keys"]["1"]
    with zipfile.ZipFile(tmp_path / "b") as archive:
        assert not [name for name in archive.namelist() if name.startswith("keys/")]
        assert all(ring.encode() not in archive.read(name) for name in archive.namelist())
    assert "does not contain the keys" in fresh.refused("restore", tmp_path / "b")
    assert not fresh.home.exists()
    fresh.home.mkdir()
    shutil.copy(sqlite_source.home / "keys.json", fresh.home)
    assert "The certificate key is missing" in fresh.good("restore", tmp_path / "b")


def test_with_keys_the_key_of_certificates_is_the_same_afterwards(
    sqlite_source: Place, fresh: Place, tmp_path: Path
) -> None:
    key = certifying.CertificateKey.load(sqlite_source.home / CERTIFICATE_FILE)
    sqlite_source.good("backup", tmp_path / "b", "--with-keys")
    assert "The certificate key is missing" not in fresh.good("restore", tmp_path / "b")
    restored = fresh.home / CERTIFICATE_FILE
    assert certifying.short_of(certifying.CertificateKey.load(restored).public) == certifying.short_of(key.public)
    assert stat.S_IMODE(restored.stat().st_mode) == 0o600


def test_evidence_is_included_and_what_leads_out_of_the_home_is_not(
    sqlite_source: Place, fresh: Place, tmp_path: Path
) -> None:
    folder = sqlite_source.home / "evidence" / "2026"
    folder.mkdir(parents=True)
    (folder / "disk image.raw").write_bytes(bytes(range(256)) * 5000)
    (tmp_path / "secret").write_text("not of this home")
    (folder / "link").symlink_to(tmp_path / "secret")
    sqlite_source.good("backup", tmp_path / "b", "--with-keys")
    fresh.good("restore", tmp_path / "b")
    restored = fresh.home / "evidence" / "2026"
    assert [one.name for one in restored.iterdir()] == ["disk image.raw"]
    assert (restored / "disk image.raw").read_bytes() == bytes(range(256)) * 5000


def test_a_disk_that_is_full_leaves_no_half_a_backup(sqlite_source: Place, tmp_path: Path) -> None:
    command = ["prlimit", "--fsize=2048", sys.executable, "-m", "incident.cli", "backup", str(tmp_path / "b")]
    if shutil.which(command[0]) is None:
        pytest.skip("no prlimit: the size of a file cannot be limited")
    done = subprocess.run(command, env=os.environ | sqlite_source.environ, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be written: File too large." in done.stderr
    assert "Traceback" not in done.stderr
    assert {one.name for one in tmp_path.iterdir()} == {"home"}


def test_a_disk_that_is_full_during_a_restore_is_told_as_that(
    sqlite_source: Place, sqlite_world: World, fresh: Place, tmp_path: Path
) -> None:
    for _ in range(100):
        sqlite_world.open(description="x" * 20_000)
    sqlite_source.good("backup", "--with-keys", tmp_path / "b")
    fresh.home.mkdir(exist_ok=True)
    with small_disk(fresh.home, "5m"):
        said = fresh.refused("restore", tmp_path / "b")
    assert "The disk of the database is full" in said
    assert "the database is empty" in said


def test_a_place_that_cannot_be_written_and_a_home_without_a_database_are_told(
    sqlite_source: Place, fresh: Place, tmp_path: Path
) -> None:
    assert "cannot be written" in sqlite_source.refused("backup", tmp_path / "nowhere" / "b")
    assert "nothing to back up" in fresh.refused("backup", tmp_path / "b")
    assert not (tmp_path / "b").exists()


# ------------------------------------------------------------------------------------------------ damaged and foreign
def changed(path: Path, to: Path, change: Callable[[str, bytes], bytes | None], *, is_sealed: bool = False) -> Path:
    """A copy of a backup with members changed or removed; sealed: with matching hashes, as a forger would."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        found = {name: change(name, old.read(name)) for name in old.namelist()}
        manifest = json.loads(found["manifest.json"] or b"{}")
        if is_sealed:
            for name in manifest["sha256"]:
                manifest["sha256"][name] = hashlib.sha256(found[name] or b"").hexdigest()
            found["manifest.json"] = json.dumps(manifest).encode()
        for name, content in found.items():
            if content is not None:
                new.writestr(name, content)
    return to


def in_member(member: str, old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    def change(name: str, content: bytes) -> bytes:
        if name != member:
            return content
        assert old in content, content[:500]
        return content.replace(old, new, 1)

    return change


def left_out(member: str) -> Callable[[str, bytes], bytes | None]:
    return lambda name, content: None if name == member else content


@pytest.mark.parametrize(
    ("change", "is_sealed", "said"),
    [
        (in_member("tables/incidents.jsonl", b"Scan", b"Scam"), False, "not what was written"),
        (in_member("keys/keys.json", b'"1"', b'"2"'), False, "not what was written"),
        (left_out("tables/people.jsonl"), False, "cannot be read"),
        (left_out("manifest.json"), False, "no readable manifest.json"),
        (in_member("manifest.json", b"incident-backup", b"something-else!"), False, "no backup of this program"),
        (in_member("manifest.json", b'"version": 1', b'"version": 2'), False, "made by a newer version"),
        (in_member("manifest.json", b"keys/keys.json", b"keys/../../x"), False, "does not describe a backup"),
        (in_member("manifest.json", b'"head": "', b'"head": 7, "x": "'), False, "does not describe a backup"),
        (in_member("tables/journal.jsonl", b"Scan", b"Scam"), True, "its journal does not have the head"),
        (in_member("tables/journal.jsonl", b"[", b"{"), True, "is no row of the table"),
        (in_member("tables/incidents.jsonl", b"\n", b"\n\n"), True, "is no row of the table"),
        (in_member("tables/journal_head.jsonl", b'"]', b'0"]'), True, "its journal does not have the head"),
    ],
)
def test_whatever_is_not_as_it_was_written_is_refused_before_anything_is_touched(
    made: Path, fresh: Place, tmp_path: Path, change: Callable[[str, bytes], bytes], is_sealed: bool, said: str
) -> None:
    bad = changed(made, tmp_path / "bad", change, is_sealed=is_sealed)
    for words in (("restore", bad, "--check"), ("restore", bad)):
        assert said in fresh.refused(*words)
    assert not fresh.home.exists()


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(made: Path, fresh: Place, tmp_path: Path, part: float) -> None:
    content = made.read_bytes()
    (tmp_path / "cut").write_bytes(content[: int(len(content) * part)])
    assert "was cut off" in fresh.refused("restore", tmp_path / "cut")


def test_a_byte_that_flipped_anywhere_is_noticed(made: Path, fresh: Place, tmp_path: Path) -> None:
    content = made.read_bytes()
    whole = fresh.good("restore", made, "--check")
    for place in range(60, len(content), len(content) // 40):
        flipped = bytearray(content)
        flipped[place] ^= 0x10
        (tmp_path / "flipped").write_bytes(flipped)
        result = fresh.type("restore", tmp_path / "flipped", "--check")
        # Redundant data in an archive, such as a date, may differ: then everything written is there.
        assert result.exit_code == 1 or result.output == whole
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception


def test_a_database_in_use_is_left_as_it_is(sqlite_source: Place, made: Path) -> None:
    before = sqlite_source.look(tables)
    assert "in use" in sqlite_source.refused("restore", made)
    assert sqlite_source.look(tables) == before


def test_other_keys_in_the_home_are_left_as_they_are(made: Path, fresh: Place) -> None:
    fresh.home.mkdir()
    other = new_ring()
    (fresh.home / "keys.json").write_text(other)
    (fresh.home / "keys.json").chmod(0o600)
    assert "is not the key ring of this database" in fresh.refused("restore", made)
    assert (fresh.home / "keys.json").read_text() == other
    (fresh.home / "keys.json").unlink()
    fresh.good("restore", made)


def test_keys_of_the_environment_are_backed_up_and_are_enough_for_a_restore(
    sqlite_source: Place, fresh: Place, tmp_path: Path
) -> None:
    ring = (sqlite_source.home / "keys.json").read_text()
    (sqlite_source.home / "keys.json").unlink()
    for place in (sqlite_source, fresh):
        place.environ["INCIDENT_KEYS"] = ring
    sqlite_source.good("backup", tmp_path / "keyed", "--with-keys")
    with zipfile.ZipFile(tmp_path / "keyed") as archive:
        assert archive.read("keys/keys.json").decode() == ring
    sqlite_source.good("backup", tmp_path / "bare")
    fresh.good("restore", tmp_path / "bare")
    assert not (fresh.home / "keys.json").exists()


def test_a_backup_of_a_unknown_schema_is_refused(made: Path, fresh: Place, tmp_path: Path) -> None:
    def newer(name: str, content: bytes) -> bytes:
        document = json.loads(content) if name == "manifest.json" else None
        return content if document is None else json.dumps(document | {"schema": "9999"}).encode()

    assert "newer version" in fresh.refused("restore", changed(made, tmp_path / "newer", newer))
    assert not fresh.home.exists()


def test_a_backup_of_an_older_schema_is_brought_up_to_date(
    sqlite_world: World, sqlite_source: Place, target: Place, tmp_path: Path
) -> None:
    Migrate(sqlite_world.app, db, directory=str(shipped("migrations")))
    before = {one.number for one in rows(Incident)}
    db.session.remove()
    downgrade(revision="-1")
    db.session.remove()
    output = sqlite_source.good("backup", tmp_path / "b", "--with-keys")
    assert json.loads(zipfile.ZipFile(tmp_path / "b").read("manifest.json"))["schema"] != "head"
    target.good("restore", tmp_path / "b")
    assert "is intact" in target.good("journal", "verify", "--head", head_in(output))
    assert target.look(lambda world: world.open("net").number) not in before


def test_rows_that_the_database_does_not_accept_leave_it_empty_and_the_keys_away(
    made: Path, target: Place, tmp_path: Path
) -> None:
    bad = changed(made, tmp_path / "bad", in_member("tables/notices.jsonl", b"[1,1,", b"[1,99,"), is_sealed=True)
    assert "does not accept what is in the backup" in target.refused("restore", bad)
    assert not (target.home / "keys.json").exists()
    target.good("restore", made)
    assert "is intact" in target.good("journal", "verify")


def test_a_broken_journal_is_backed_up_and_restored_and_each_says_so(
    sqlite_world: World, sqlite_source: Place, fresh: Place, tmp_path: Path
) -> None:
    with append_only.lifted(db.session.connection(), "journal"):
        db.session.execute(text("UPDATE journal SET actor = 'nobody' WHERE seq = 2"))
    db.session.commit()
    output = sqlite_source.refused("backup", tmp_path / "b", "--with-keys")
    assert "entry 2 was changed" in output
    assert "was broken when the backup was made" in fresh.refused("restore", tmp_path / "b")
    assert "entry 2 was changed" in fresh.refused("journal", "verify")
    assert fresh.look(lambda _world: len(rows(Entry))) == len(rows(Entry)) + 1


def test_a_started_but_unused_instance_is_filled(made: Path, target: Place) -> None:
    target.good("journal", "verify")
    (target.home / "keys.json").unlink()
    target.good("restore", made)
    assert "is intact" in target.good("journal", "verify")


def test_a_home_and_keys_that_others_could_read_are_private_after_a_restore(
    sqlite_source: Place, made: Path, fresh: Place
) -> None:
    fresh.home.mkdir()
    shutil.copy(sqlite_source.home / "keys.json", fresh.home / "keys.json")
    (fresh.home / "incident.db").touch()
    for path, mode in ((fresh.home / "keys.json", 0o644), (fresh.home / "incident.db", 0o644), (fresh.home, 0o755)):
        path.chmod(mode)
    fresh.good("restore", made)
    modes = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in fresh.home.iterdir()}
    assert oct(stat.S_IMODE(fresh.home.stat().st_mode)) == "0o700"
    assert modes["keys.json"] == modes["incident.db"] == "0o600", modes
