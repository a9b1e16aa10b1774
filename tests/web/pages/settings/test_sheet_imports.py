"""The import and export of departments, people, members and contacts on the page."""

import html
import io
import re
import time

import pytest

from tests.web.office import Browser, Office
from tests.web.pages.systems.test_import_pages import hidden

PAGE = "/settings/sheets"


def sent(browser: Browser, sheet: str, text: str, status: int = 200) -> str:
    file = (io.BytesIO(text.encode()), f"{sheet}.csv")
    return str(browser.post(f"{PAGE}/{sheet}", status=status, file=file).text)


def test_people_are_previewed_confirmed_and_invited_by_links_that_are_shown_once(office: Office) -> None:
    browser = office.browser("administrator")
    page = sent(browser, "people", "login,name,role,department\nli,Li Wei,department,NOC\nwu,Wu,reader,\n")
    assert "Preview: nothing is saved yet" in page
    assert "Li Wei" not in browser.get("/people")
    confirmed = hidden(page)
    answer = browser.post(f"{PAGE}/people", status=200, **confirmed).text
    links = re.findall(r"/password/[\w-]+", answer)
    assert len(links) == 2
    assert "/password/" not in browser.get(f"{PAGE}/people")
    office.browser().post(links[0], password="four unrelated words apart")
    browser.post(f"{PAGE}/people", status=409, **confirmed)
    assert "invited, the link works until" in browser.get("/people")


def test_a_sheet_of_five_thousand_rows_with_thirty_faults_is_refused_with_each_of_them(office: Office) -> None:
    lines = ["code,name,parent"]
    for number in range(5_000):
        parent = "nowhere" if number % 167 == 0 else ""
        lines.append(f"d{number},Department {number},{parent}")
    browser, began = office.browser("administrator"), time.perf_counter()
    page = sent(browser, "departments", "\n".join(lines), status=422)
    assert page.count("<strong>row ") == 30
    assert "row 2, Under:" in page
    assert "Department 17" not in browser.get("/departments")
    assert time.perf_counter() - began < 20


def test_a_large_sheet_is_saved_in_pieces_between_which_one_can_stop(office: Office) -> None:
    lines = ["login,name,role", *(f"p{number},Person {number},reader" for number in range(600))]
    browser = office.browser("administrator")
    page = sent(browser, "people", "\n".join(lines))
    seen = list[str]()
    for saved in (250, 500):
        assert "Import the next 250 rows" in page
        page = browser.post(f"{PAGE}/people", status=200, **hidden(page)).text
        assert f"{saved} rows are saved, {600 - saved} are not yet." in page
        seen += re.findall(r"/password/[\w-]+", page)
    browser.get(f"{PAGE}/people")  # stopped, and the same file again
    page = sent(browser, "people", "\n".join(lines))
    assert "<dt>New</dt><dd>100</dd>" in page
    page = browser.post(f"{PAGE}/people", status=200, **hidden(page)).text
    seen += re.findall(r"/password/[\w-]+", page)
    assert len(set(seen)) == 600
    assert "The file matches the existing data." in sent(browser, "people", "\n".join(lines))


@pytest.mark.parametrize("sheet", ["departments", "people", "members", "contacts"])
def test_what_is_downloaded_is_uploaded_without_a_change(office: Office, sheet: str) -> None:
    office.join("NOC", "responder")
    browser = office.browser("administrator")
    text = browser.client.get(f"{PAGE}/{sheet}.csv").get_data().decode("utf-8-sig")
    assert text.count("\n") > 1
    assert "The file matches the existing data." in sent(browser, sheet, text)
    assert browser.client.get(f"{PAGE}/{sheet}.xlsx").data.startswith(b"PK")


def test_contacts_and_members_are_written_as_shown(office: Office) -> None:
    browser = office.browser("administrator")
    page = sent(browser, "contacts", "department,name,channel,address\nPRESS,Desk,email,desk@example.org\n")
    browser.post(f"{PAGE}/contacts", **hidden(page))
    assert "desk@example.org" in html.unescape(browser.get("/departments/PRESS"))
    page = sent(browser, "members", "department,person,position\nPRESS,reader,head\n")
    browser.post(f"{PAGE}/members", **hidden(page))
    assert "Person reader" in browser.get("/departments/PRESS")


def test_only_administrators_import_and_an_unknown_sheet_is_not_found(office: Office) -> None:
    for path in (f"{PAGE}/people", f"{PAGE}/people.csv"):
        office.browser("coordinator").get(path, status=403)
    for path in (f"{PAGE}/x", f"{PAGE}/x.csv", f"{PAGE}/x.xlsx"):
        office.browser("administrator").get(path, status=404)
