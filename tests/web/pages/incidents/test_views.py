"""Saved views on the page of the list: own and shared, deleted and brought back."""

import re

from incident.store.journal import journal
from tests.web.office import Office


def views(page: str) -> list[str]:
    menu = page.partition('id="views"')[2].partition("</ul>")[0]
    return re.findall(r'<a class="flex-fill" href="[^"]*"[^>]*>([^<]+)</a>', menu)


def events(office: Office) -> list[str]:
    return office.do(lambda: [one.event_type for one in journal.entries_before(None, 9)])


def test_a_view_is_saved_under_a_name_and_opened_again(office: Office) -> None:
    browser = office.browser("reader")
    answer = browser.post("/views", name="  Grave   ones ", query="tab=open&grade=1&q=")
    assert answer.location == "/incidents?tab=open&grade=1&said=view_saved"
    assert views(browser.get("/incidents")) == ["Grave ones"]
    assert views(office.browser("responder").get("/incidents")) == []
    assert "view.shared" not in events(office)


def test_a_deleted_view_is_brought_back_by_one_button(office: Office) -> None:
    browser = office.browser("reader")
    browser.post("/views", name="Mine", query="")
    answer = browser.post("/views/1/delete")
    page = browser.get(answer.location)
    assert "The view “Mine” is deleted." in page
    assert views(page) == []
    assert "is deleted." not in office.browser("responder").get(answer.location)
    office.browser("responder").post("/views/1/restore", 404)
    browser.post("/views/1/restore")
    assert views(browser.get("/incidents")) == ["Mine"]


def test_a_coordinator_shares_a_view_and_the_journal_says_so(office: Office) -> None:
    boss, reader = office.browser("coordinator"), office.browser("reader")
    boss.post("/views", name="Ours", query="grade=1", is_shared="1")
    assert views(reader.get("/incidents")) == ["Ours"]
    reader.post("/views/1/delete", 403)
    reader.post("/views", 403, name="Ours too", query="", is_shared="1")
    boss.post("/views/1/delete")
    boss.post("/views/1/restore")
    assert [one for one in events(office) if one.startswith("view.")] == [
        "view.restored",
        "view.deleted",
        "view.shared",
    ]


def test_a_view_without_a_name_is_refused_next_to_the_field(office: Office) -> None:
    answer = office.browser("reader").post("/views", 422, name=" ", query="grade=1")
    assert '<span class="fault" id="view-name-fault">' in answer.text
    assert 'value="grade=1"' in answer.text
