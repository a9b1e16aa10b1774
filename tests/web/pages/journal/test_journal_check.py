"""The check of the journal on its page."""

from sqlalchemy import update

from incident.actions.journal.checking import check_next_piece
from incident.store.db.database import db, table_of
from incident.store.journal import append_only
from incident.store.journal.journal import Entry
from tests.web.office import Office


def check(office: Office) -> None:
    """Make the check that was asked for."""
    while office.do(lambda: check_next_piece(office.hand.at, 10)):
        pass


def change_an_entry() -> None:
    """Change the journal past the program."""
    connection = db.session.connection()
    with append_only.lifted(connection, "journal"):
        connection.execute(update(table_of(Entry)).where(Entry.seq == 3).values(subject="nothing"))
    db.session.commit()


def test_the_journal_is_checked_on_its_page_and_the_result_stays(office: Office) -> None:
    office.open("NOC")
    boss, reader = office.browser("coordinator"), office.browser("reader")
    assert "Nobody has checked the journal on this page yet." in reader.get("/journal")
    assert ">Check the journal<" not in reader.get("/journal")
    reader.post("/journal/check", 403)
    boss.post("/journal/check")
    page = boss.get("/journal")
    assert 'hx-get="/journal/check"' in page
    assert "Cancel the check" in page
    assert "0 of " in reader.get("/journal/check")
    check(office)
    part = reader.get("/journal/check")
    assert "The journal is intact." in part
    assert "Person coordinator" in part
    assert "recorded anchors compared" in part
    assert "hx-get" not in part
    boss.post("/journal/check")
    assert "The journal is intact." in boss.get("/journal")  # the last result stays while another check runs
    boss.post("/journal/check/cancel")
    assert "The journal is intact." in boss.get("/journal")


def test_a_journal_that_was_tampered_with_is_shown_in_red_with_what_to_do(office: Office) -> None:
    office.open("NOC")
    office.do(change_an_entry)
    boss = office.browser("administrator")
    boss.post("/journal/check")
    check(office)
    page = boss.get("/journal")
    assert 'class="band band-bad"' in page
    assert "The journal is broken." in page
    assert "Entry 3 was changed." in page
    assert "Do not repair anything" in page
