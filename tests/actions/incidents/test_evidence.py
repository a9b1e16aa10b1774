"""Evidence: uploaded in parts, kept once, nothing lost, nothing half; its custody in the journal."""

import datetime as dt
import hashlib
import json
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from incident.actions.incidents import evidence_custody as custody
from incident.actions.incidents import evidence_upload as uploads
from incident.actions.incidents.evidence_upload import CompletedUpload, NewUpload
from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.actions.operations import housekeeping, keys
from incident.app import create_core
from incident.config import Settings
from incident.core.incidents.evidence import upload
from incident.core.values.faults import RuleError
from incident.keyring import KeyRing, new_ring
from incident.store.db.database import db
from incident.store.incidents import evidence_folder
from incident.store.incidents.evidence import Evidence, EvidencePart
from incident.store.journal.journal import Entry
from incident.web.instance import KEY
from tests.disks import small_disk
from tests.world import BY, World, rows

OTHER = "person:2:Wang Fang"
PROGRAM = "token:1:collector"
CONTENT = b"MZ0123456789"
PARTS = (CONTENT[:5], CONTENT[5:10], CONTENT[10:])


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "PART_SIZE", 5)


@pytest.fixture(params=["database", "folder"])
def vault(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> EvidenceVault:
    return EvidenceVault(world.ring, tmp_path / "files" if request.param == "folder" else None)


def begin(
    world: World, vault: EvidenceVault, name: str = "a.pdf", size: int = len(CONTENT), by: str = BY, **more: Any
) -> int:
    incident_id = more.get("incident_id") or world.open().id
    new = NewUpload(name, size, ":".join(by.split(":")[:2]))
    return uploads.begin_upload(incident_id, new, vault, more.get("most", 100), by, world.now).id


def send(world: World, vault: EvidenceVault, evidence_id: int, parts: tuple[bytes, ...] = PARTS, at: int = 0) -> None:
    for part in parts:
        uploads.add_part(evidence_id, at, part, vault, BY, world.now)
        at += len(part)


def finish(world: World, vault: EvidenceVault, evidence_id: int, by: str = BY) -> CompletedUpload:
    return uploads.complete_upload(evidence_id, vault, by, world.now)


def stored(world: World, vault: EvidenceVault, **more: Any) -> Evidence:
    evidence_id = begin(world, vault, **more)
    send(world, vault, evidence_id)
    return finish(world, vault, evidence_id, more.get("by", BY)).evidence


def content(vault: EvidenceVault, evidence_id: int) -> bytes:
    return b"".join(vault.parts(row(evidence_id)))


def row(evidence_id: int) -> Evidence:
    return db.session.get_one(Evidence, evidence_id, populate_existing=True)


def events() -> list[str]:
    return [one.event_type for one in rows(Entry) if one.event_type.startswith("evidence.")]


def test_a_file_arrives_in_parts_and_is_found_again(world: World, vault: EvidenceVault) -> None:
    done = stored(world, vault)
    assert done.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert (done.state, done.media_type) == ("stored", "application/vnd.microsoft.portable-executable")
    assert content(vault, done.id) == CONTENT
    assert events() == ["evidence.uploaded"]


def test_no_part_is_stored_as_it_came(world: World, vault: EvidenceVault) -> None:
    stored(world, vault)
    kept = [one.content for one in rows(EvidencePart)]
    if vault.folder is not None:
        assert kept == [None] * 3
        kept = [path.read_bytes() for path in vault.folder.rglob("*") if path.is_file()]
    assert len(kept) == 3
    assert not any(part in (one or b"") for part in PARTS[:2] for one in kept)


def test_an_upload_goes_on_where_it_was_broken_off(world: World, vault: EvidenceVault) -> None:
    evidence_id = begin(world, vault)
    send(world, vault, evidence_id, PARTS[:1])
    with pytest.raises(RuleError, match=r"evidence\.incomplete"):
        finish(world, vault, evidence_id)
    with pytest.raises(RuleError, match=r"evidence\.wrong_offset"):
        send(world, vault, evidence_id, PARTS[:1])
    send(world, vault, evidence_id, PARTS[1:], at=row(evidence_id).received)
    assert content(vault, finish(world, vault, evidence_id).evidence.id) == CONTENT


def test_the_same_file_is_said_to_be_there_and_kept_once(world: World, vault: EvidenceVault) -> None:
    first = stored(world, vault)
    again = begin(world, vault, "other.txt", incident_id=first.incident_id)
    send(world, vault, again)
    done = finish(world, vault, again)
    assert (done.is_repeated, done.evidence.id) == (True, first.id)
    assert row(again).sealed_key is None
    housekeeping.run_housekeeping(world.now, vault)
    assert finish(world, vault, again) == done  # for a sender who has lost the answer
    world.forward(hours=1)
    housekeeping.run_housekeeping(world.now, vault)
    housekeeping.run_housekeeping(world.now, vault)
    assert [one.id for one in rows(Evidence)] == [first.id]
    assert len(rows(EvidencePart)) == 3
    assert content(vault, first.id) == CONTENT
    assert events() == ["evidence.uploaded", "evidence.repeated"]


def test_another_incident_keeps_the_same_file_for_itself(world: World, vault: EvidenceVault) -> None:
    one, other = stored(world, vault), stored(world, vault)
    assert one.id != other.id
    assert content(vault, other.id) == CONTENT


def test_two_tabs_that_send_the_same_file_at_once_keep_it_once(world: World, vault: EvidenceVault) -> None:
    incident_id = world.open().id
    both = [begin(world, vault, incident_id=incident_id) for _ in range(2)]
    for one in both:
        send(world, vault, one)
    world.at_once(*[lambda one=one: finish(world, vault, one) for one in both])
    states = sorted(one.state for one in rows(Evidence))
    assert states == ["discarded", "stored"]
    assert sorted(events()) == ["evidence.repeated", "evidence.uploaded"]


def test_a_file_that_is_larger_than_said_is_refused(world: World, vault: EvidenceVault) -> None:
    evidence_id = begin(world, vault, size=7)
    send(world, vault, evidence_id, PARTS[:1])
    with pytest.raises(RuleError, match=r"evidence\.more_than_said"):
        send(world, vault, evidence_id, (PARTS[1],), at=5)
    assert row(evidence_id).received == 5


def test_nobody_begins_more_than_the_limit(world: World, vault: EvidenceVault) -> None:
    with pytest.raises(RuleError, match=r"evidence\.too_large"):
        begin(world, vault, size=101)
    incident_id = world.open().id
    for _ in range(upload.MAX_UNFINISHED):
        begin(world, vault, incident_id=incident_id)
    with pytest.raises(RuleError, match=r"evidence\.too_many"):
        begin(world, vault, incident_id=incident_id)
    begin(world, vault, incident_id=incident_id, by=OTHER)


def test_a_cancelled_upload_is_deleted(world: World, vault: EvidenceVault) -> None:
    evidence_id = begin(world, vault)
    send(world, vault, evidence_id, PARTS[:2])
    uploads.cancel_upload(evidence_id, vault, BY, world.now)
    with pytest.raises(RuleError, match=r"evidence\.not_receiving"):
        send(world, vault, evidence_id, PARTS[2:], at=10)
    for _ in range(2):
        housekeeping.run_housekeeping(world.now, vault)
    assert (rows(Evidence), rows(EvidencePart)) == ([], [])
    assert vault.folder is None or not [one for one in vault.folder.rglob("*") if one.is_file()]


def test_a_stored_file_cannot_be_cancelled(world: World, vault: EvidenceVault) -> None:
    done = stored(world, vault)
    with pytest.raises(RuleError, match=r"evidence\.is_stored"):
        uploads.cancel_upload(done.id, vault, BY, world.now)


def test_an_upload_is_swept_a_day_after_its_last_part(world: World, vault: EvidenceVault) -> None:
    evidence_id = begin(world, vault)
    world.forward(hours=23)
    send(world, vault, evidence_id, PARTS[:1])
    world.forward(hours=23, minutes=59)
    housekeeping.run_housekeeping(world.now, vault)
    assert row(evidence_id).state == "receiving"
    world.forward(minutes=1)
    for _ in range(3):
        housekeeping.run_housekeeping(world.now, vault)
    assert (rows(Evidence), rows(EvidencePart)) == ([], [])


def change_part(vault: EvidenceVault, evidence_id: int, place: int, changed: bytes | None) -> None:
    if vault.folder is not None:
        if changed is None:
            evidence_folder._path(vault.folder, evidence_id, place).unlink()
        else:
            evidence_folder.write_part(vault.folder, evidence_id, place, changed)
        return
    where = (EvidencePart.evidence_id == evidence_id, EvidencePart.place == place)
    db.session.execute(update(EvidencePart).where(*where).values(content=changed))
    db.session.commit()


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("changed", [None, b"", bytes(40)])
def test_a_part_that_was_changed_is_noticed(
    world: World, vault: EvidenceVault, place: int, changed: bytes | None
) -> None:
    done = stored(world, vault)
    change_part(vault, done.id, place, changed)
    with pytest.raises(RuleError, match=r"evidence\.damaged"):
        content(vault, done.id)


def test_a_file_that_was_cut_in_the_database_is_no_shorter_file(world: World, vault: EvidenceVault) -> None:
    done = stored(world, vault)
    db.session.execute(update(Evidence).values(size=10, received=10))
    db.session.commit()
    with pytest.raises(RuleError, match=r"evidence\.damaged"):
        content(vault, done.id)


def test_a_part_changed_before_the_completion_is_not_taken_over(world: World, vault: EvidenceVault) -> None:
    evidence_id = begin(world, vault)
    send(world, vault, evidence_id)
    change_part(vault, evidence_id, 1, bytes(40))
    with pytest.raises(RuleError, match=r"evidence\.damaged"):
        finish(world, vault, evidence_id)
    assert row(evidence_id).state == "receiving"


def test_the_uploader_does_not_release_and_another_person_does(world: World, vault: EvidenceVault) -> None:
    done = stored(world, vault)
    with pytest.raises(RuleError, match=r"evidence\.same_person"):
        custody.release_evidence(done.id, BY, world.now)
    with pytest.raises(RuleError, match=r"approval\.not_by_person"):
        custody.release_evidence(done.id, PROGRAM, world.now)
    assert custody.release_evidence(done.id, OTHER, world.now).released_by == OTHER
    with pytest.raises(RuleError, match=r"evidence\.is_released"):
        custody.release_evidence(done.id, "person:3:Chen Wei", world.now)
    assert events() == ["evidence.uploaded", "evidence.released"]


def test_a_file_of_a_program_needs_two_people(world: World, vault: EvidenceVault) -> None:
    done = stored(world, vault, by=PROGRAM)
    assert custody.release_evidence(done.id, BY, world.now).released_at is None
    with pytest.raises(RuleError, match=r"evidence\.same_person"):
        custody.release_evidence(done.id, BY, world.now)
    assert custody.release_evidence(done.id, OTHER, world.now).released_by == OTHER
    assert events() == ["evidence.uploaded", "evidence.first_look", "evidence.released"]


def test_a_removed_file_keeps_hash_and_reason_and_can_be_shown_again(world: World, vault: EvidenceVault) -> None:
    done = stored(world, vault)
    custody.remove_evidence(done.id, "Of another case", OTHER, world.now)
    assert (row(done.id).sha256, row(done.id).removal_reason) == (done.sha256, "Of another case")
    with pytest.raises(RuleError, match=r"evidence\.is_removed"):
        custody.record_download(done.id, BY, world.now)
    assert custody.restore_evidence(done.id, OTHER, world.now).state == "stored"
    assert content(vault, done.id) == CONTENT
    [removed] = [one for one in rows(Entry) if one.event_type == "evidence.removed"]
    assert json.loads(removed.detail) == {"name": "a.pdf", "sha256": done.sha256, "reason": "Of another case"}


def test_a_removed_file_that_came_again_is_not_shown_twice(world: World, vault: EvidenceVault) -> None:
    first = stored(world, vault)
    custody.remove_evidence(first.id, "By mistake", OTHER, world.now)
    assert stored(world, vault, incident_id=first.incident_id).id != first.id
    with pytest.raises(RuleError, match=r"evidence\.not_removed"):
        custody.restore_evidence(first.id, OTHER, world.now)


def test_files_open_after_the_keys_were_rotated(world: World, vault: EvidenceVault) -> None:
    done = stored(world, vault)
    keys.rotate(world.ring, BY, world.now)
    assert (row(done.id).sealed_key or "").startswith(f"{world.ring.current}.")
    assert content(vault, done.id) == CONTENT


def _die(settings: Settings, evidence_id: int, place: str, now: dt.datetime) -> None:
    """Send the second part, or complete an upload, in a process that is killed before the commit."""
    vars(upload)["PART_SIZE"] = 5
    with create_core(settings).app_context() as context:
        vault = EvidenceVault(context.app.extensions[KEY].ring)
        db.session.commit = lambda: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]
        if place == "part":
            uploads.add_part(evidence_id, 5, PARTS[1], vault, BY, now)
        else:
            uploads.complete_upload(evidence_id, vault, BY, now)


@pytest.mark.parametrize("place", ["part", "completion"])
def test_an_upload_goes_on_after_a_kill(world: World, place: str) -> None:
    vault = EvidenceVault(world.ring)
    evidence_id = begin(world, vault)
    send(world, vault, evidence_id, PARTS[:1] if place == "part" else PARTS)
    acknowledged = row(evidence_id).received
    db.session.rollback()
    process = multiprocessing.get_context("spawn").Process(
        target=_die, args=(world.settings, evidence_id, place, world.now)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert (row(evidence_id).received, row(evidence_id).state) == (acknowledged, "receiving")
    if place == "part":
        send(world, vault, evidence_id, PARTS[1:], at=5)
    assert content(vault, finish(world, vault, evidence_id).evidence.id) == CONTENT


def test_a_full_folder_leaves_nothing_half_written(sqlite_world: World, tmp_path: Path) -> None:
    world = sqlite_world
    with small_disk(tmp_path / "disk", "1m") as disk:
        vault = EvidenceVault(world.ring, disk.folder)
        evidence_id = begin(world, vault)
        send(world, vault, evidence_id, PARTS[:1])
        disk.fill()
        with pytest.raises(OSError, match="No space"):
            send(world, vault, evidence_id, PARTS[1:2], at=5)
        assert row(evidence_id).received == 5
        assert not list(disk.folder.rglob("*.part"))
        disk.free()
        send(world, vault, evidence_id, PARTS[1:], at=5)
        assert content(vault, finish(world, vault, evidence_id).evidence.id) == CONTENT


def test_files_whose_keys_are_lost_for_good_are_named(sqlite_world: World) -> None:
    done = stored(sqlite_world, EvidenceVault(sqlite_world.ring))
    other = KeyRing.parse(new_ring())
    lost = keys.accept(other, lambda: "secret", BY, sqlite_world.now)
    assert lost.files == ["a.pdf"]
    assert keys.reseal_secrets(other, BY, sqlite_world.now) == 0
    with pytest.raises(RuleError, match=r"evidence\.damaged"):
        content(EvidenceVault(other), done.id)
    assert row(done.id).sha256 == hashlib.sha256(CONTENT).hexdigest()
