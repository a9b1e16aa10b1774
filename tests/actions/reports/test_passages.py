"""A passage that is marked later: sealed, gone from the text, the index, the messages, and the disk."""

import base64
import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from incident.actions.incidents.indicators import add_indicators
from incident.actions.operations.backup import make_backup, note_backup
from incident.actions.reports import handling, identity_requests, mailbox, passages, reports
from incident.actions.reports.identities import ANONYMOUS, SealedContact, seal_contact
from incident.actions.reports.passages import ChosenPassage, PassageSealed
from incident.actions.reports.sealed_texts import message_text, step_reason, texts_of
from incident.core.incidents.indicator import Indicator as Seen
from incident.core.reports.handling import NewStep
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.identity_key import IdentityKey
from incident.store.db import erasing
from incident.store.db.database import db
from incident.store.incidents.incidents import Indicator
from incident.store.journal.journal import Entry
from incident.store.queries.report_list import ReportFilter, list_reports
from incident.store.queries.search import report_filter
from incident.store.reports.identities import ReportIdentity, handlers_of
from incident.store.reports.marked_passages import MarkedPassage
from incident.store.reports.report_messages import ReportMessage
from incident.store.reports.report_steps import ReportStep
from incident.store.reports.reports import Report
from tests.world import BY, World, only, rows

SECRET = "Zqouyang Mingyue"
TEXT = f"My deputy took money. Ask {SECRET} of the night shift. {SECRET} saw it."
LEFT = "My deputy took money. Ask 〔已封存 1〕 of the night shift. 〔已封存 1〕 saw it."
HIDDEN = "Zqshangguan Wenjuan"
"""Another one, as a server of PostgreSQL serves several tests."""

DESK = "person:5:Li Wei"


def key_of(world: World) -> IdentityKey:
    return IdentityKey.load(world.settings.home / "identity.key")


def receive(world: World, contact: SealedContact = ANONYMOUS, text: str = TEXT, url: str | None = None) -> int:
    new = reports.NewReport(text=text, url=url or f"https://zqhost.example/{SECRET}")
    return reports.submit_report(new, f"mark {len(rows(Report))}", world.now, contact=contact).id


def mark(world: World, report: int, chosen: ChosenPassage, usual: str | None = None) -> PassageSealed:
    return passages.mark_passage(report, chosen, usual, key_of(world), DESK, world.now)


def found(query: str) -> list[int]:
    return [one.id for one in list_reports(Viewer("administrator"), ReportFilter(found=report_filter(query)), None, 9)]


def forms(secret: str) -> list[bytes]:
    """A secret as it might be kept: plain, lower case as an index has it, Base64, hexadecimal, hashed."""
    plain = secret.encode()
    words = [one.lower().encode() for one in secret.split()]
    whole = base64.b64encode(plain).rstrip(b"=")[:-1]
    digest = hashlib.sha256(plain).digest()
    return [plain, *words, whole, plain.hex().encode(), digest, digest.hex().encode(), base64.b64encode(digest)]


def holding(folder: Path, secret: str) -> list[str]:
    """Return the files of a folder that hold a secret in any form, without the log of PostgreSQL."""
    files = [one for one in folder.rglob("*") if one.is_file() and "pg_wal" not in one.parts]
    return [str(one.relative_to(folder)) for one in files if any(form in one.read_bytes() for form in forms(secret))]


def folder_of(world: World) -> Path:
    """Return where the database has its files."""
    if db.engine.dialect.name == "sqlite":
        return world.settings.home
    db.session.execute(sql("SELECT 1"))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sql("CHECKPOINT"))
        return Path(connection.execute(sql("SHOW data_directory")).scalar_one())


def test_the_reason_of_a_step_loses_the_passage_as_well(world: World) -> None:
    report = receive(world)
    handling.take_step(report, NewStep("refuse", f"{SECRET} is not ours", "It is not ours."), DESK, world.now)
    mark(world, report, ChosenPassage(SECRET))
    assert step_reason(only(ReportStep)) == "〔已封存 1〕 is not ours"


def test_a_passage_that_is_marked_later_is_sealed_and_gone_from_text_index_and_messages(world: World) -> None:
    report = receive(world)
    mailbox.write_as_reporter(report, "addition", f"{SECRET} is afraid", world.now)
    assert found("zqouyang") == [report]
    done = mark(world, report, ChosenPassage(SECRET))
    row = only(Report)
    assert (row.text, row.url, row.protection, row.version) == (
        LEFT,
        "https://zqhost.example/〔已封存 1〕",
        "sealed",
        2,
    )
    assert (found("zqouyang"), found("deputy")) == ([], [report])
    assert message_text(only(ReportMessage)) == "〔已封存 1〕 is afraid"
    assert (done.row.field, only(ReportIdentity).field) == ("passage_1", "passage_1")
    assert handlers_of(report) == {"person:5"}
    detail = only(Entry, event_type="report.passage_sealed").detail
    assert json.loads(detail) == {"field": "passage_1", "backups": 0, "names": []}


def test_a_passage_is_read_again_as_a_contact_is_with_the_fields_from_before(world: World) -> None:
    contact = seal_contact({"phone": "13987654321"}, None, None, key_of(world), world.now)
    report = receive(world, contact)
    mark(world, report, ChosenPassage(start=26, end=26 + len(SECRET)))
    assert len({one.report_uuid for one in rows(ReportIdentity)}) == 1
    asked = identity_requests.request_identity(report, "why", ["passage_1", "phone"], "person:7:A", world.now)
    identity_requests.approve_identity(asked.row.id, "person:8:B", key_of(world), world.now)
    opened = identity_requests.read_identity(asked.row.id, asked.secret, "person:7:A", world.now)
    assert opened.fields == {"phone": "13987654321", "passage_1": SECRET}


def test_a_second_passage_gets_the_next_number_and_leaves_the_first_one(world: World) -> None:
    report = receive(world)
    mark(world, report, ChosenPassage(SECRET))
    assert mark(world, report, ChosenPassage("night shift")).row.field == "passage_2"
    assert "〔已封存 1〕 of the 〔已封存 2〕" in only(Report).text


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        (ChosenPassage("nobody says this"), "passage.not_found"),
        (ChosenPassage("x"), "passage.too_short"),
        (ChosenPassage("\u200b \u2066"), "passage.too_short"),
        (ChosenPassage("〔已封存 1〕 of"), "passage.sealed_before"),
        (ChosenPassage("已封存"), "passage.not_found"),
        (ChosenPassage(start=3, end=9_999), "passage.outside"),
        (ChosenPassage(start=9, end=3), "passage.outside"),
        (ChosenPassage(start=3), "document.missing"),
        (ChosenPassage(), "document.missing"),
    ],
)
def test_what_is_no_passage_of_the_report_is_refused_and_changes_nothing(
    world: World, chosen: ChosenPassage, code: str
) -> None:
    report = receive(world)
    mark(world, report, ChosenPassage(SECRET))
    with pytest.raises(RuleError, match=code.replace(".", r"\.")):
        mark(world, report, chosen)
    assert (only(Report).text, only(Report).version, len(rows(ReportIdentity))) == (LEFT, 2, 1)


def test_a_passage_that_must_be_protected_is_refused_without_custodians(world: World) -> None:
    for contact, usual in ((SealedContact(is_text_sealed=True), None), (SealedContact(), "protected")):
        with pytest.raises(RuleError, match=r"custody\.passage_not_set_up"):
            mark(world, receive(world, contact), ChosenPassage(SECRET), usual)
    assert rows(MarkedPassage) == []
    assert [texts_of(one).text for one in rows(Report)] == [TEXT, TEXT]


def test_indicators_that_hold_the_passage_are_removed_and_incidents_that_say_it_are_named(world: World) -> None:
    report = receive(world)
    quiet, loud = world.open(reports=[report]), world.open(reports=[report], description=f"by {SECRET}")
    seen = [Seen("url", f"https://zqhost.example/{SECRET}"), Seen("domain", "other.example")]
    add_indicators(quiet.id, seen, BY, world.now)
    done = mark(world, report, ChosenPassage(SECRET))
    assert [one.value for one in rows(Indicator)] == ["other.example"]
    assert done.row.incidents == [quiet.number, loud.number]  # one in its journal, one in its description
    last = rows(Entry, event_type="incident.indicators_changed")[-1]
    assert json.loads(last.detail) == {"removed": [{"kind": "url"}]}


def test_backups_made_since_the_report_came_are_named(world: World, tmp_path: Path) -> None:
    note_backup(tmp_path / "before.zip", BY, world.now - dt.timedelta(hours=1))
    report = receive(world)
    make_backup(tmp_path / "since.zip", world.settings.home, None, None, world.now)
    note_backup(tmp_path / "since.zip", BY, world.now)
    done = mark(world, report, ChosenPassage(SECRET))
    assert [one.name for one in done.backups] == ["since.zip"]
    assert json.loads(only(Entry, event_type="report.passage_sealed").detail)["names"] == ["since.zip"]


def test_afterwards_no_file_of_the_database_holds_the_passage_in_any_form(world: World, tmp_path: Path) -> None:
    report = receive(world, text=f"Ask {HIDDEN} of the night shift", url="https://here.example")
    mailbox.write_as_reporter(report, "addition", f"{HIDDEN} is afraid", world.now)
    for number in range(30):  # neighbours in the same pages and the same index
        receive(world, text=f"A strange mail {number} about the harbour {number}", url="https://other.example")
    db.session.remove()
    assert holding(folder_of(world), HIDDEN) != []
    mark(world, report, ChosenPassage(HIDDEN))
    db.session.remove()
    assert passages.clear_passages(world.now)
    db.session.remove()
    assert holding(folder_of(world), HIDDEN) == []
    assert only(MarkedPassage).erased_at == world.now
    assert (found("zqshangguan"), len(found("harbour"))) == ([], 9)
    db.session.remove()
    make_backup(tmp_path / "after.zip", world.settings.home, None, None, world.now)
    assert holding(tmp_path, HIDDEN) == []


def test_while_somebody_reads_the_disk_is_not_cleared_and_the_work_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "LOCK_LIMIT", "200ms")
    mark(world, receive(world), ChosenPassage(SECRET))
    db.session.remove()
    with db.engine.connect() as reading:
        reading.execute(sql("SELECT count(*) FROM reports"))
        receive(world)
        assert not passages.clear_passages(world.now)
        assert only(MarkedPassage).erased_at is None
        db.session.remove()
    assert passages.clear_passages(world.now)
    assert only(MarkedPassage).erased_at == world.now
