"""The deadlines of an incident on paper: who knew what when, and whether each deadline was kept or why not."""

import re

import pytest

from tests.web.office import Browser, Office

PROFILE = {"operator_class": "cii", "regions": "330000", "regimes": "eu-nis2"}


@pytest.fixture
def number(office: Office) -> str:
    office.browser("administrator").post("/organization", **PROFILE)
    return office.open("CERT")


def aware(browser: Browser, number: str, at: str, **more: str) -> None:
    browser.post(f"/incidents/{number}/awareness", form="aware", who="Li Wei", how="an alarm", at=at, **more)


def clocks(browser: Browser, number: str) -> dict[str, str]:
    """Return the ids of the clocks by the titles of their reports."""
    page = browser.get(f"/incidents/{number}/clocks")
    found = re.findall(r'<li id="clock-(\d+)">.*?<strong class="flex-fill">(.*?)</strong>', page, re.DOTALL)
    return {title: one for one, title in found}


def part(page: str, heading: str) -> str:
    """Return a section of the print as text, by its id."""
    found = page.partition(f'aria-labelledby="{heading}"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", found.partition(">")[2]).split())


def report(browser: Browser, number: str) -> str:
    return browser.get(f"/incidents/{number}/clocks/report")


def test_the_print_has_everything_an_auditor_asks_for_and_nothing_to_press(office: Office, number: str) -> None:
    one, other = office.browser("responder"), office.browser("coordinator")
    aware(one, number, "2026-11-21 08:00")
    aware(one, number, "2026-11-21 08:20", reason="the first alarm was about another system")
    [record] = re.findall(r'action="/awareness/(\d+)/confirm"', other.get(f"/incidents/{number}/clocks"))
    other.post(f"/awareness/{record}/confirm")
    ids = clocks(one, number)
    one.post(f"/incidents/{number}/grading", **{"number-cii_down_minutes": "35", "evidence": "log of the gateway"})
    one.post(f"/incidents/{number}/grading/decide", grade="3")
    filing = {"channel": "phone", "at": "2026-11-21 08:25", "to": "12387 desk 4", "receipt_number": "R-7"}
    one.post(f"/clocks/{ids['First report']}/file", form="f", **filing)
    waived = next(key for title, key in ids.items() if title == "Early warning")
    other.post(f"/clocks/{waived}/set-aside", form="a", step="waive", reason="no service in the Union")
    page = report(other, number)
    body = page.partition("<article")[2].partition("</article>")[0]
    assert not re.search(r"<(form|button|input|select|textarea|details)\b", body)
    assert "TLP:" in body
    known = part(page, "audit-aware")
    assert "an alarm the first alarm was about another system" in known
    assert "confirmed by Person coordinator" in known
    assert known.index("Replaced by another record.") < known.index("Deadlines count from it.")
    graded = part(page, "audit-grade")
    assert "log of the gateway" in graded
    assert "Person responder III Moderate in force" in graded
    first = part(page, f"audit-{ids['First report']}")
    for words in ("Kept", "art.4(1)", "a text that quotes the law", "telephone : 12387 desk 4", "receipt R-7"):
        assert words.replace(" :", ":") in first.replace(" :", ":"), words
    aside = part(page, f"audit-{waived}")
    assert "Waived" in aside
    assert "Person coordinator" in aside
    assert "no service in the Union" in aside
    table = part(page, "audit-sum")
    assert "First report Report of incidents of critical infrastructure" in table
    assert "Kept" in table
    assert "Onward report" in table
    assert "Owed by the recipient, only watched here." in table
    assert "Entered by Person administrator" in part(page, "audit-laws")
    history = part(page, "audit-history")
    assert history.index("Known since") < history.index("Grade decided") < history.index("filed to 12387 desk 4")
    assert f'href="/incidents/{number}/clocks/report"' in one.get(f"/incidents/{number}/clocks")


def test_a_late_filing_says_why_and_one_without_proof_is_marked(office: Office, number: str) -> None:
    browser = office.browser("responder")
    aware(browser, number, "2026-11-20 08:00")
    first = clocks(browser, number)["First report"]
    assert "Not kept so far: overdue" in part(report(browser, number), f"audit-{first}")
    late = {"late_code": "approval_late", "late": "the head was not reached"}
    browser.post(f"/clocks/{first}/file", form="f", channel="phone", at="2026-11-20 12:00", to="12387", **late)
    page = report(browser, number)
    said = part(page, f"audit-{first}")
    assert "Not kept: filed late" in said
    assert "approval came late, the head was not reached" in said
    assert "not proved" in part(page, "audit-sum")


def test_the_print_is_in_chinese_too_and_a_department_sees_no_journal(office: Office, number: str) -> None:
    aware(office.browser("responder"), number, "2026-11-21 08:00")
    page = report(office.browser("responder", "zh_Hans_CN"), number)
    for words in ("何时、何人获知", "逐项时限", "法律条文", "首次报告", "起算时间"):
        assert words in page, words
    other = office.open("NOC")
    aware(office.browser("responder"), other, "2026-11-21 08:00")
    seen = report(office.browser("department"), other)
    assert "First report" in seen
    assert "audit-history" not in seen
    office.browser("department").get(f"/incidents/{number}/clocks/report", 404)


def test_an_incident_without_clocks_says_so(office: Office) -> None:
    page = report(office.browser("responder"), office.open("CERT"))
    for words in ("No deadline has run on this incident.", "Nobody has recorded when", "No grade has been decided."):
        assert words in page
