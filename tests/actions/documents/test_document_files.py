"""Files of documents: made once for each content by a worker that may be killed, on each database."""

import datetime as dt
import hashlib
import json

import pytest

from incident.actions.documents import document_files, sign_offs
from incident.actions.documents.document_files import CLAIMED_FOR, MAX_TRIES, RETRY_AFTER, make_next_file, request_file
from incident.actions.documents.drafting import change_draft
from incident.formats.papers import compiling
from incident.formats.papers.compiling import PaperError, PaperKilled
from incident.store.db.database import db
from incident.store.documents.document_files import DocumentFile
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from tests.actions.documents.test_documents import SIGNER, draft, number_by, reviewed, row, take
from tests.world import BY, World, rows


@pytest.fixture(autouse=True)
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The papers that were compiled; the compiler has tests of its own."""
    done: list[str] = []

    def compile_paper(paper: str, file_format: str) -> bytes:
        done.append(paper)
        return f"{file_format} {paper}".encode()

    monkeypatch.setattr(document_files, "compile_paper", compile_paper)
    return done


def asked(world: World, document_id: int, file_format: str = "pdf") -> DocumentFile:
    document = row(document_id)
    incident = db.session.get_one(Incident, document.incident_id)
    return request_file(document, incident, file_format, world.zone, BY, world.now)  # type: ignore[arg-type]


def make_all(world: World) -> None:
    while make_next_file(world.now):
        pass


def test_one_file_is_made_of_one_content_and_another_after_a_change(world: World, compiled: list[str]) -> None:
    document_id = draft(world)
    assert asked(world, document_id).state == "waiting"
    make_all(world)
    assert (asked(world, document_id).state, asked(world, document_id, "docx").state) == ("ready", "waiting")
    make_all(world)
    change_draft(document_id, {"title": "Another"}, world.zone, BY, world.now)
    assert asked(world, document_id).state == "waiting"
    make_all(world)
    assert (len(compiled), "草稿" in compiled[0]) == (3, True)
    assert [one.format for one in rows(DocumentFile)] == ["pdf"]  # the files of the former draft are gone
    assert [one for one in rows(Entry) if one.event_type == "document.file_made"] == []


def test_many_who_ask_at_once_have_one_file_made(world: World, compiled: list[str]) -> None:
    document_id = draft(world)
    db.session.rollback()
    done = world.at_once(*[lambda: asked(world, document_id)] * 5)
    assert [one for one in done if isinstance(one, Exception)] == []
    done = world.at_once(*[lambda: make_next_file(world.now)] * 3)
    assert (sorted(done), len(compiled)) == ([False, False, True], 1)


def test_the_signature_has_the_pdf_made_which_stays_when_the_document_becomes_void(
    world: World, compiled: list[str]
) -> None:
    number_by(world)
    document_id = reviewed(world)
    asked(world, document_id)
    make_all(world)
    take(world, document_id, "sign", SIGNER)
    [waiting] = [one for one in rows(DocumentFile) if one.is_kept]
    assert waiting.state == "waiting"
    make_all(world)
    assert "X网信〔2026〕1号" in compiled[-1]
    found = asked(world, document_id)
    kept, digest = found.content or b"", found.sha256
    assert digest == hashlib.sha256(kept).hexdigest()
    [entry] = [one for one in rows(Entry) if one.event_type == "document.file_made"]
    detail = json.loads(entry.detail)
    assert (detail["sha256"], detail["number"]) == (digest, "X网信〔2026〕1号")
    sign_offs.void_official_document(document_id, "wrong", BY, world.now)
    asked(world, document_id)
    make_all(world)
    assert "作废" in compiled[-1]
    assert [one.content for one in rows(DocumentFile) if one.sha256 == digest] == [kept]


def test_a_worker_that_is_killed_leaves_the_file_to_the_next_one_and_no_more_than_three_times(
    world: World, monkeypatch: pytest.MonkeyPatch, compiled: list[str]
) -> None:
    document_id = draft(world)
    asked(world, document_id)

    def die(_paper: str, _format: str) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(document_files, "compile_paper", die)
        for _ in range(MAX_TRIES - 1):
            with pytest.raises(KeyboardInterrupt):
                make_next_file(world.now)
            assert not make_next_file(world.now)  # claimed
            world.now += CLAIMED_FOR
    assert make_next_file(world.now)
    assert asked(world, document_id).state == "ready"
    change_draft(document_id, {"title": "Another"}, world.zone, BY, world.now)
    asked(world, document_id)
    with monkeypatch.context() as patched:
        patched.setattr(document_files, "compile_paper", die)
        for _ in range(MAX_TRIES):
            with pytest.raises(KeyboardInterrupt):
                make_next_file(world.now)
            world.now += CLAIMED_FOR
    make_all(world)
    assert (asked(world, document_id).fault, len(compiled)) == ("document_file.broken", 1)


def test_a_compiler_that_is_killed_has_its_file_made_by_the_next_try(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_files, "compile_paper", compiling.compile_paper)
    document_id = draft(world)
    asked(world, document_id)
    with monkeypatch.context() as patched:
        killed = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
        patched.setattr(compiling, "_START", killed)
        assert make_next_file(world.now)
    [waiting] = rows(DocumentFile)
    assert (waiting.state, waiting.tries, waiting.claim_ends_at) == ("waiting", 1, None)
    assert make_next_file(world.now)
    assert (asked(world, document_id).content or b"").startswith(b"%PDF-")


def test_a_paper_whose_compiler_is_killed_each_time_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(_paper: str, _format: str) -> bytes:
        raise PaperKilled("document_file.broken")

    monkeypatch.setattr(document_files, "compile_paper", die)
    document_id = draft(world)
    asked(world, document_id)
    make_all(world)
    assert (asked(world, document_id).fault, rows(DocumentFile)[0].tries) == ("document_file.broken", MAX_TRIES + 1)


@pytest.mark.parametrize("code", ["document_file.no_compiler", "document_file.broken"])
def test_a_file_that_cannot_be_made_says_why_and_is_tried_again_a_minute_later(
    world: World, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    document_id = draft(world)
    asked(world, document_id)

    def fail(_paper: str, _format: str) -> bytes:
        raise PaperError(code, "why")

    with monkeypatch.context() as patched:
        patched.setattr(document_files, "compile_paper", fail)
        if code == "document_file.broken":
            with pytest.raises(PaperError):
                make_next_file(world.now)
        make_all(world)
    assert asked(world, document_id).fault == code
    world.now += RETRY_AFTER - dt.timedelta(seconds=1)
    assert asked(world, document_id).state == "failed"
    world.now += dt.timedelta(seconds=1)
    assert asked(world, document_id).state == "waiting"
    make_all(world)
    assert asked(world, document_id).state == "ready"
