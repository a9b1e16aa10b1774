"""Exports on pages: asked for from the list, followed, and downloaded while all in them may be seen."""

import csv
import io

from sqlalchemy import true

from incident.actions.directory import people
from incident.actions.incidents import incidents
from incident.actions.incidents.exports import make_next_piece
from incident.core.incidents.grade import WORDS as GRADE_WORDS
from incident.core.incidents.listing.export import MAX_EXPORTS
from incident.formats.messages import load_catalogues
from incident.store.directory.people import person_by_login
from incident.store.journal.access_log import list_records
from incident.web.instance import KEY
from incident.web.security.access_log_writer import ACCESS_LOG
from tests.web.office import BY, Browser, Office


def make(office: Office) -> None:
    zone = office.app.extensions[KEY].settings.zone
    while office.do(lambda: make_next_piece(office.hand.at, zone, load_catalogues())):
        pass


def lines(browser: Browser, path: str = "/exports/1/content") -> list[list[str]]:
    return list(csv.reader(io.StringIO(browser.get(path).removeprefix("\ufeff"), newline="")))


def test_the_list_is_exported_with_its_filters_order_and_columns(office: Office) -> None:
    first, second = office.open("NOC", grade=1), office.open("CERT", grade=1)
    office.open("NOC", grade=3)
    browser = office.browser("reader")
    query = "tab=open&grade=1&sort=oldest&columns=departments"
    assert "CSV for a spreadsheet" in browser.get(f"/incidents?{query}")
    answer = browser.post("/exports", query=query, format="csv")
    assert answer.location == "/exports?said=export_asked"
    waiting = browser.get("/exports")
    assert "Waits to be made." in waiting
    assert 'hx-get="/exports/1/progress"' in waiting
    make(office)
    state = browser.get("/exports/1/progress")
    assert "2 incidents" in state
    assert "hx-get" not in state, "nothing more is awaited"
    assert lines(browser) == [
        ["Number", "Title", "Status", "Grade", "TLP", "Departments"],
        [first, "Ransomware in accounting", "new", GRADE_WORDS[1], "AMBER", "Network operations"],
        [second, "Ransomware in accounting", "new", GRADE_WORDS[1], "AMBER", "Emergency response"],
    ]
    page = browser.get("/exports")
    assert f'<span class="quiet">Grade: </span>{GRADE_WORDS[1]}' in page
    assert f'href="/incidents?{query.replace("tab=open&", "")}' in page.replace("&amp;", "&").replace("tab=open&", "")


def test_an_export_is_refused_when_its_owner_may_see_less_than_before(office: Office) -> None:
    number = office.open("NOC")
    member, other = office.browser("department"), office.browser("reader")
    member.post("/exports", query="", format="csv")
    make(office)
    assert lines(member)[1][0] == number
    for path in ("/exports/1/content", "/exports/1/progress"):
        other.get(path, 404)
    other.post("/exports/1/delete", 404)
    incident = office.incident(number)
    office.do(lambda: incidents.change_incident(incident.id, {"tlp": "red"}, None, BY, office.hand.at))
    assert "What you may see has changed since the export was made" in member.get("/exports/1/content", 409)
    person = office.do(lambda: person_by_login("department"))
    assert person is not None
    office.do(lambda: people.change_person(person.id, {"is_active": False}, BY, office.hand.at))
    assert member.client.get("/exports/1/content").status_code == 303, "signed out"


def test_an_export_without_what_turned_red_before_it_was_written_is_downloaded(office: Office) -> None:
    reader, numbers = office.browser("reader"), [office.open("NOC") for _ in range(2)]
    reader.post("/exports", query="sort=oldest", format="csv")
    zone = office.app.extensions[KEY].settings.zone
    assert office.do(lambda: make_next_piece(office.hand.at, zone, load_catalogues())), "what is in it is chosen"
    office.browser("coordinator").post(f"/incidents/{numbers[0]}/change", title="Secret", tlp="red")
    make(office)
    assert [line[0] for line in lines(reader)[1:]] == numbers[1:]


def test_the_access_log_names_the_download_and_what_was_red_in_it(office: Office) -> None:
    number = office.open("NOC", tlp="red")
    boss = office.browser("coordinator")
    boss.post("/exports", query="", format="json")
    make(office)
    office.app.extensions[ACCESS_LOG].flush()
    assert not office.do(lambda: list_records(None, None, None, None, 9, true()))
    boss.get("/exports/1/content")
    office.app.extensions[ACCESS_LOG].flush()
    seen = {(one.kind, one.identifier) for one in office.do(lambda: list_records(None, None, None, None, 9, true()))}
    assert seen == {("export", "1"), ("incident", number)}
    assert "Export 1 of incidents" in office.browser("administrator").get("/access-log")


def test_faults_are_said_beside_the_form_and_an_export_is_deleted(office: Office) -> None:
    browser = office.browser("reader")
    assert "Choose the format of the export." in browser.post("/exports", 422, query="grade=1", format="pdf").text
    for _ in range(MAX_EXPORTS):
        browser.post("/exports", query="", format="csv")
    assert "You have 5 exports already." in browser.post("/exports", 409, query="", format="csv").text
    assert "This export is not ready" not in browser.get("/exports")
    assert "The export is not ready yet." in browser.get("/exports/1/content", 409)
    browser.post("/exports/1/delete")
    browser.get("/exports/1/progress", 404)
    browser.post("/exports", query="", format="csv")
