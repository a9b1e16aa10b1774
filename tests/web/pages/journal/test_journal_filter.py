"""The journal by who, what, incident and day, on the page and as CSV."""

import re

import pytest

from incident.store.journal import journal_search
from tests.web.office import Office


@pytest.fixture
def numbers(office: Office) -> tuple[str, str]:
    return office.open("CERT", title="Strange mail"), office.open("CERT", title="Secret matter", tlp="red")


def test_entries_are_found_by_incident_kind_person_and_day(office: Office, numbers: tuple[str, str]) -> None:
    boss = office.browser("coordinator")
    boss.post(f"/incidents/{numbers[0]}/notes", note="seen at the branch office")
    found = boss.get(f"/journal?number={numbers[0].lower()}&type=incident.noted&from=2026-11-21&to=2026/11/21")
    assert found.count('<span class="mark') == 1
    assert "seen at the branch office" in found
    person = re.search(r'<option value="(\d+)">Person coordinator', found)
    assert person is not None
    assert "seen at the branch office" in boss.get(f"/journal?person={person[1]}")
    assert "No entry was found." in boss.get(f"/journal?person={person[1]}&from=2026-11-22")
    assert "No entry was found." in boss.get("/journal?to=2026-11-20")


def test_what_is_not_understood_is_said_beside_the_field(office: Office) -> None:
    browser = office.browser("coordinator")
    page = browser.get("/journal?from=yesterday&type=nothing&person=x", status=422)
    assert page.count("Enter a day such as 2026-11-30.") >= 1
    assert page.count("Choose one from the list.") >= 2
    assert browser.client.get("/journal/csv?from=yesterday").status_code == 422


def test_a_filter_does_not_tell_what_happened_on_incidents_of_tlp_red(office: Office, numbers: tuple[str, str]) -> None:
    _plain, secret = numbers
    reader, boss = office.browser("reader"), office.browser("coordinator")
    for query in (f"number={secret}", "type=incident.opened"):
        assert secret not in reader.get(f"/journal?{query}").partition('<ol class="timeline">')[2]
        assert secret not in reader.get(f"/journal/csv?{query}")
        assert secret in boss.get(f"/journal/csv?{query}")
    assert reader.get(f"/journal?number={secret}").count('<span class="mark') == 0
    assert reader.get("/journal?type=incident.opened").count('<span class="mark') == 1


def test_a_search_looks_at_so_many_entries_and_goes_on_below(
    office: Office, numbers: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_search, "WINDOW", 3)
    browser = office.browser("coordinator")
    page, looks = browser.get("/journal?type=department.added"), 1
    while "Department added" not in page.partition('<ol class="timeline">')[2]:
        older = re.search(r'href="(/journal[^"]+)">Older', page)
        assert older is not None
        page, looks = browser.get(older[1].replace("&amp;", "&")), looks + 1
    assert looks > 2
    csv = browser.get("/journal/csv?type=department.added")
    assert csv.startswith("\ufeffEntry,Time,Who,What,Incident,About,Hash")
    assert csv.count("Department added") == 3
