"""Texts of protected reports and messages of mailboxes: sealed in the database, out of search, rotated, lost."""

import pytest

from incident.actions.operations import keys
from incident.actions.reports import mailbox, reports
from incident.actions.reports.identities import SealedContact
from incident.actions.reports.sealed_texts import ReportTexts, message_text, texts_of
from incident.actions.unit_of_work import transaction
from incident.core.values.access import Viewer
from incident.keyring import KeyRing
from incident.store.db.database import db
from incident.store.queries import sealed, search_rebuild
from incident.store.queries.report_list import ReportFilter, list_reports
from incident.store.queries.search import report_filter
from incident.store.queries.similar_reports import similar_reports
from incident.store.reports.report_messages import ReportMessage
from incident.store.reports.reports import Report
from tests.world import BY, World, only, rows

TEXT = "The deputy Zhaobribe took an envelope at the harbour gate"
TEXTS = ReportTexts(TEXT, "https://zhaobribe.example/gate", "a picture of the envelope")
ROOT = Viewer("administrator")
PROTECTED = SealedContact(is_text_sealed=True)


@pytest.fixture
def report(world: World) -> Report:
    """A report that asks for protection, without a contact."""
    new = reports.NewReport(text=TEXTS.text, url=TEXTS.url, evidence=TEXTS.evidence, category="official_misconduct")
    return reports.submit_report(new, "a mark", world.now, contact=PROTECTED)


def found(query: str) -> list[int]:
    return [one.id for one in list_reports(ROOT, ReportFilter(found=report_filter(query)), None, 10)]


def stored() -> str:
    """Everything that the tables of reports and messages hold, in one text."""
    tables = (Report.__table__, ReportMessage.__table__)
    return repr([tuple(row) for table in tables for row in db.session.execute(db.select(table))])


def test_the_text_of_a_protected_report_is_sealed_and_opens_where_it_is_shown(world: World, report: Report) -> None:
    row = only(Report)
    assert (row.text, row.url, row.evidence, row.protection) == ("", None, None, "anonymous")
    assert texts_of(row) == TEXTS
    assert "haobribe" not in stored()
    assert "envelope" not in stored()


def test_search_finds_a_protected_report_by_its_category_and_never_by_its_text(world: World, report: Report) -> None:
    for _ in range(2):
        assert (found("zhaobribe"), found("envelope"), found("official_misconduct")) == ([], [], [report.id])
        assert similar_reports(ROOT, TEXT, TEXTS.url) == []
        reports.change_report(report.id, {"kind": "claim"}, BY, world.now)
        with transaction(BY, world.now):
            search_rebuild.rebuild()


def test_the_text_of_another_report_is_found_as_before(world: World) -> None:
    made = reports.submit_report(reports.NewReport(text=TEXT), "a mark", world.now)
    assert (found("zhaobribe"), texts_of(made)) == ([made.id], ReportTexts(TEXT))


def test_a_message_is_sealed_for_its_own_row(world: World, report: Report) -> None:
    for text in ("meet me at pier seven", "no, at pier nine"):
        mailbox.write_as_reporter(report.id, "message", text, world.now)
    assert "pier" not in stored()
    first, second = rows(ReportMessage)
    assert [message_text(first), message_text(second)] == ["meet me at pier seven", "no, at pier nine"]
    first.sealed_text = second.sealed_text
    assert message_text(first) == ""
    db.session.rollback()


def test_a_retired_key_leaves_neither_texts_nor_messages_behind(world: World, report: Report) -> None:
    mailbox.write_as_desk(report.id, "which pier?", BY, world.now)
    keys.rotate(world.ring, BY, world.now)
    assert (only(Report).sealed_texts or "").startswith(f"{world.ring.current}.")
    with transaction(BY, world.now):
        assert sealed.sealed_under(db.session.connection(), "1") == 0
    assert (texts_of(only(Report)), message_text(only(ReportMessage))) == (TEXTS, "which pier?")


def test_with_a_lost_ring_texts_and_messages_are_given_up_and_counted(world: World, report: Report) -> None:
    mailbox.write_as_desk(report.id, "which pier?", BY, world.now)
    lost = keys.accept(KeyRing({"9": b"9" * 32}, "9", None), lambda: "x", BY, world.now)
    assert lost.texts == 2
    assert (only(Report).sealed_texts, only(ReportMessage).sealed_text) == ("", "")
    assert (texts_of(only(Report)), message_text(only(ReportMessage))) == (ReportTexts(""), "")
