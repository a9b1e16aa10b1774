"""The page of the list of incidents: tabs, clean addresses, chips, orders, columns, hits of a search, calm."""

import re
from html import unescape

import pytest

from incident.actions.incidents import incidents
from tests.web.office import BY, Office


def numbers(page: str) -> list[str]:
    return re.findall(r'id="row-INC-\d{4}-(\d{6})"', page)


def tabs(page: str) -> dict[str, str]:
    """The count of each tab, in the words of the page."""
    nav = page.partition('<nav class="tabs"')[2].partition("</nav>")[0]
    return dict(re.findall(r">(\w+)(?: <span class=\"count\">([^<]*)</span>)?</a>", nav))


def close(office: Office, number: str) -> None:
    found = office.incident(number)
    office.do(lambda: incidents.close_incident(found.id, "done", None, None, BY, office.hand.at))


def test_open_incidents_are_shown_first_and_every_tab_says_how_many_it_has(office: Office) -> None:
    closed, waiting = office.open("NOC"), office.open("NOC")
    taken = office.open("CERT")
    close(office, closed)
    office.acknowledge(taken, "CERT")
    office.browser("responder").post(f"/incidents/{taken}/acknowledge")
    page = office.browser("responder").get("/incidents")
    assert numbers(page) == [taken[-6:], waiting[-6:]]
    assert tabs(page) == {"Mine": "1", "Unanswered": "1", "Open": "2", "Closed": "1", "All": ""}
    assert numbers(office.browser("responder").get("/incidents?tab=mine")) == [taken[-6:]]
    assert numbers(office.browser("department").get("/incidents?tab=mine")) == [waiting[-6:]]
    assert numbers(office.browser("reader").get("/incidents?tab=unanswered")) == [waiting[-6:]]
    assert numbers(office.browser("reader").get("/incidents?tab=closed")) == [closed[-6:]]


def test_a_search_looks_in_closed_incidents_too_and_marks_what_it_found(office: Office) -> None:
    closed = office.open("NOC", title="A worm in the payroll", description="x" * 200 + " the Worm came by mail <b>")
    close(office, closed)
    page = office.browser("reader").get("/incidents?q=worm")
    assert numbers(page) == [closed[-6:]]
    assert "A <mark>worm</mark> in the payroll" in page
    assert "the <mark>Worm</mark> came by mail &lt;b&gt;" in page
    assert numbers(office.browser("reader").get("/incidents?q=worm&tab=open")) == []


def test_the_note_that_a_search_found_is_shown_only_to_who_may_read_the_journal(office: Office) -> None:
    number = office.open("NOC")
    found = office.incident(number)
    office.do(lambda: incidents.add_note(found.id, "The printer smells of smoke", BY, office.hand.at))
    assert "printer smells of <mark>smoke</mark>" in office.browser("reader").get("/incidents?q=smoke")
    assert "smoke</mark>" not in office.browser("department").get("/incidents?q=smoke")


@pytest.mark.parametrize(
    ("sent", "clean"),
    [
        ("q=&status=&grade=2&department=", "/incidents?grade=2"),
        ("q=&status=&tab=", "/incidents"),
        (
            "choose=1&sort=grade&column=owner&column=region&grade=2",
            "/incidents?grade=2&sort=grade&columns=owner%2Cregion",
        ),
        ("choose=1&sort=", "/incidents?columns=none"),
    ],
)
def test_a_form_leads_to_an_address_without_empty_parameters(office: Office, sent: str, clean: str) -> None:
    answer = office.browser("reader").client.get(f"/incidents?{sent}")
    assert (answer.status_code, answer.location) == (303, clean)


def test_every_active_filter_is_a_chip_that_can_be_removed(office: Office) -> None:
    page = office.browser("reader").get("/incidents?q=worm&grade=2&department=NOC&tab=open&sort=newest")
    chips = page.partition('aria-label="Active filters"')[2].partition("</ul>")[0]
    assert re.findall(r'<span class="quiet">(\w+): </span>(?:II[^<]+|([^<]+)) <a href="([^"]+)"', unescape(chips)) == [
        ("Search", "worm", "/incidents?grade=2&department=NOC&tab=open&sort=newest"),
        ("Grade", "", "/incidents?q=worm&department=NOC&tab=open&sort=newest"),
        ("Department", "Network operations", "/incidents?q=worm&grade=2&tab=open&sort=newest"),
    ]


@pytest.mark.parametrize("typed", ["MPRANS", "ransomware", "勒索软件事件"])
def test_a_category_is_found_by_its_code_and_by_its_name_in_either_language(office: Office, typed: str) -> None:
    number = office.open("NOC", category="MPRANS")
    office.open("NOC", category="MPEVIR")
    page = office.browser("reader").get("/incidents?category=" + typed)
    assert numbers(page) == [number.rpartition("-")[2]]
    assert "Ransomware" in page.partition('aria-label="Active filters"')[2].partition("</ul>")[0]


def test_headers_sort_the_list_and_say_how_it_is_sorted(office: Office) -> None:
    for grade in (3, 1, None):
        office.open("NOC", grade=grade)
    browser = office.browser("reader")
    page = browser.get("/incidents")
    assert "aria-sort" not in page
    assert "/incidents?sort=grade" in page
    sorted_by_grade = browser.get("/incidents?sort=grade")
    assert numbers(sorted_by_grade) == ["000002", "000001", "000003"]
    assert sorted_by_grade.count('aria-sort="ascending"') == 1
    assert numbers(browser.get("/incidents?sort=oldest")) == ["000001", "000002", "000003"]
    assert 'aria-sort="descending"' in browser.get("/incidents?sort=newest")


def test_columns_are_chosen_and_departments_are_named(office: Office) -> None:
    office.open("NOC", region="330100", sector="energy")
    page = office.browser("reader").get("/incidents")
    assert "Network operations</td>" in page
    assert ">Region</th>" not in page
    chosen = office.browser("reader").get("/incidents?columns=region,sector")
    assert ">Region</th>" in chosen
    assert "Network operations</td>" not in chosen


def test_many_incidents_that_nobody_was_notified_of_are_summed_up_instead_of_red(office: Office) -> None:
    for _ in range(5):
        office.open()
    browser = office.browser("reader")
    few = browser.get("/incidents")
    assert (few.count('class="unreached"'), 'id="unreached"' in few) == (5, False)
    office.open()
    many = browser.get("/incidents")
    assert 'class="unreached"' not in many
    band = many.partition('id="unreached"')[2].partition("</div>")[0]
    assert "No one was notified of 6 open incidents." in band
    assert "/incidents?tab=unanswered" in band
    assert len(numbers(browser.get("/incidents?tab=unanswered"))) == 6


def test_a_page_never_has_more_than_sixty_rows_and_keeps_filters_on_the_next(office: Office) -> None:
    for _ in range(61):
        office.open("NOC", grade=2)
    browser = office.browser("reader")
    seen: list[str] = []
    path: str | None = "/incidents?grade=2&sort=oldest"
    while path:
        page = browser.get(path)
        assert len(numbers(page)) <= 60
        seen += numbers(page)
        older = re.search(r'href="(/incidents\?[^"]*cursor=[^"]+)">Older', page)
        path = unescape(older[1]) if older else None
    assert seen == [f"{number:06d}" for number in range(1, 62)]
