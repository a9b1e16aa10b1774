"""Insights: a month with its tables and CSV, the report to print, and what each role may know."""

import re

import pytest

from incident.actions.incidents import incidents
from incident.actions.insights.keeping import keep_sums
from incident.web.instance import KEY
from tests.web.office import BY, Office, incident_named


def count(office: Office) -> None:
    """Count what has happened, as the scheduler does."""
    zone = office.app.extensions[KEY].settings.zone

    def whole() -> None:
        while keep_sums(zone, office.hand.at):
            pass

    office.do(whole)


def key_figure(page: str, words: str) -> str:
    found = re.search(rf'<dt>{words}</dt><dd><span class="figure">([^<]*)</span>', page)
    assert found is not None, page
    return found[1]


def section(page: str, name: str) -> str:
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


@pytest.fixture
def month(office: Office) -> Office:
    """An office with a month of work: November, with one incident acknowledged, one closed, one red, and a drill."""
    count(office)
    first, second = office.open("CERT", category="NASCAN"), office.open("NOC", "CERT", category="NAPHISH")
    office.open("NOC", title="Secret", category="DSDATALEAK", tlp="red")
    office.drill("NOC")
    office.hand.forward(minutes=12)
    office.acknowledge(first, "CERT")
    office.hand.forward(hours=2)
    office.do(lambda: incidents.close_incident(incident_named(second).id, "done", None, None, BY, office.hand.at))
    count(office)
    return office


def test_a_month_shows_its_figures_each_chart_with_its_table_and_csv(month: Office) -> None:
    page = month.browser("coordinator").get("/insights?month=2026-11")
    assert key_figure(page, "Incidents opened") == "3"
    assert key_figure(page, "Time to acknowledge") == "12 min"
    assert key_figure(page, "Time to resolve") == "2 hr 20 min"
    charts = re.findall(r'data-chart="\w+" data-of="figures-(\w+)"', page)
    assert set(charts) >= {"months", "days", "categories", "departments", "drills"}
    for name in charts:
        assert f'id="figures-{name}"' in page
        assert f"/insights/{name}/csv?month=2026-11" in page
    assert "vendor/uplot" in page
    assert "vendor/uplot" not in month.browser("coordinator").get("/incidents")


def test_reviews_and_missing_ones_are_shown_and_printed(month: Office) -> None:
    browser = month.browser("coordinator")
    assert "Closed without a review" in section(browser.get("/insights?month=2026-11"), "reviews")
    assert "Reviews and their actions" in browser.get("/insights/report?month=2026-11")
    *_, november = browser.get("/insights/reviews/csv?month=2026-11").splitlines()
    assert november == "Nov 2026,0,1,0,0,0,0,"


def test_the_csv_of_a_table_has_the_same_figures_in_seconds(month: Office) -> None:
    lines = month.browser("coordinator").get("/insights/departments/csv?month=2026-11").lstrip("\ufeff").splitlines()
    assert lines[0].startswith(
        "Department,Incidents opened,Acknowledged,Contained,Resolved,Time to acknowledge: median (in sec"
    )
    assert lines[1:] == [
        "Emergency response,2,1,0,1,724,724,,,8192,8192",
        "Network operations,2,0,0,1,,,,,8192,8192",
    ]
    month.browser("coordinator").get("/insights/nothing/csv", 404)
    month.browser("coordinator").get("/insights/days/csv?month=2026-13", 422)


def test_red_incidents_are_counted_for_coordinators_only_and_a_department_sees_its_own(month: Office) -> None:
    path = "/insights?month=2026-11"
    boss, reader, own = (month.browser(role).get(path) for role in ("coordinator", "reader", "department"))
    assert [key_figure(page, "Incidents opened") for page in (boss, reader, own)] == ["3", "2", "1"]
    assert "Data leak" in section(boss, "categories")
    for page in (reader, own):
        assert "Data leak" not in page
        assert "Incidents marked TLP:RED are not counted here." in page
    assert "Emergency response" in section(reader, "departments")
    assert "Emergency response" not in section(own, "departments")
    assert "These are the figures of your department." in own


def test_drills_are_shown_apart(month: Office) -> None:
    page = month.browser("coordinator").get("/insights?month=2026-11")
    row = section(page, "drills").partition('data-label="Nov 2026"')[2]
    assert re.search(r'data-value="(\d+)"', row)[1] == "1"  # type: ignore[index]


def test_a_head_prints_the_month_with_the_month_before_drills_and_open_decisions(month: Office) -> None:
    page = month.browser("coordinator").get("/insights/report?month=2026-11")
    body = page.partition("<article")[2].partition("</article>")[0]
    assert "<button" not in body
    assert "<form" not in body
    figures = body.partition('id="report-key"')[2].partition("</table>")[0]
    assert re.search(r"<td>Incidents opened</td><td>3</td><td>0</td><td>–</td>", figures)
    assert "Oct 2026" in figures
    assert "Emergency response" in body.partition('id="report-departments"')[2]
    drills = body.partition('id="report-drills"')[2].partition("</section>")[0]
    assert drills.count("<tr>") == 2
    assert "No decision waits for a second person or a review." in body
    december = month.browser("coordinator").get("/insights/report?month=2026-12")
    assert "No drill was held in this month." in december
    assert re.search(r"<td>Incidents opened</td><td>0</td><td>3</td><td>-100 %</td>", december)


def test_what_waits_for_a_second_person_is_in_the_report(month: Office) -> None:
    number, boss = month.open("NOC"), month.browser("coordinator")
    boss.post(f"/incidents/{number}/awareness", at="2026-11-21T08:00", who="NOC", how="phone")
    boss.post(f"/incidents/{number}/awareness", at="2026-11-21T09:00", who="NOC", how="phone", reason="was wrong")
    report = boss.get("/insights/report")
    assert number in report.partition('id="report-open"')[2]


def test_without_any_incident_the_page_says_what_will_be_here(office: Office) -> None:
    page = office.browser("reader").get("/insights")
    assert "All incidents are being counted again" in page
    count(office)
    page = office.browser("reader").get("/insights")
    assert "Nothing has been counted in the twelve months up to here." in page
    assert "being counted again" not in page
    assert "Counted up to" in page


def test_a_month_that_is_none_shows_the_present_one_and_says_so(month: Office) -> None:
    page = month.browser("coordinator").get("/insights?month=soon", 422)
    assert "Give a month such as 2026-11." in page
    assert key_figure(page, "Incidents opened") == "3"
