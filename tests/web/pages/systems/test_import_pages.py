"""The import of systems on the page: file, faults by cell, preview, confirmation."""

import html
import io
import re

from tests.web.office import Browser, Office


def sent(browser: Browser, text: str, status: int = 200) -> str:
    file = (io.BytesIO(text.encode()), "systems.csv")
    return str(browser.post("/systems/import", status=status, file=file).text)


def hidden(page: str) -> dict[str, str]:
    digest = re.search(r'name="digest" value="(\w+)"', page)
    table = re.search(r'name="table" hidden>\n(.*?)</textarea>', page, re.S)
    assert digest
    assert table
    written = re.search(r'name="written" value="(\d+)"', page)
    assert written
    return {"digest": digest[1], "written": written[1], "table": html.unescape(table[1])}


def test_a_file_is_previewed_and_then_confirmed(office: Office) -> None:
    browser = office.browser("coordinator")
    browser.get("/systems/import")
    page = sent(browser, 'code,name,owner,note\nPAY,Payments,NOC,"=1, two\nlines"\n')
    assert "Preview: nothing is saved yet" in page
    assert "No systems have been added yet." in browser.get("/systems")
    browser.post("/systems/import", **hidden(page))
    assert "Payments" in browser.get("/systems")
    assert "=1, two\nlines" in html.unescape(browser.get("/systems/PAY"))
    again = sent(browser, browser.client.get("/systems.csv").get_data().decode("utf-8-sig"))
    assert "The file matches the existing data." in again


def test_faults_are_listed_by_row_and_column_and_nothing_is_written(office: Office) -> None:
    browser = office.browser("coordinator")
    page = sent(browser, "code,name,level,owner\nPAY,Payments,9,\nHR,People,,NO\n", status=422)
    assert "row 2, Level of protection:" in page
    assert page.count("The level of protection is a number from 1 to 5.") == 1
    assert "/rows/2" not in page
    page = sent(browser, "code,name,level,owner\nHR,People,,NO\n", status=422)
    assert "row 2, Department that owns it:" in page
    assert "No systems have been added yet." in browser.get("/systems")


def test_what_changed_since_the_preview_is_shown_anew(office: Office) -> None:
    browser = office.browser("coordinator")
    browser.post("/systems/new", code="PAY", name="Pay", is_active="1")
    confirmed = hidden(sent(browser, "code,name\nPAY,Payments\n"))
    browser.post("/systems/PAY/change", name="Paying", is_active="1", version="1")
    page = browser.post("/systems/import", status=409, **confirmed).text
    assert "Something has changed since this preview." in page
    assert "Paying" in page
    browser.post("/systems/import", **hidden(page))
    assert "Payments" in browser.get("/systems")
