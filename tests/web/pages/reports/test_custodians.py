"""Pages of custodians: the ceremony, a protected report, and its opening by several of them."""

import re

import pytest

from incident import custodian_key
from tests.web.office import Browser, Office
from tests.web.pages.reports.test_identity_requests import NAME, PHONE, ask
from tests.web.pages.reports.test_public_reports import fields_of, last, walk

PASSPHRASE = "seven lamps keep burning"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive keys from passphrases in no time."""
    monkeypatch.setattr(custodian_key, "MEMORY_KIB", 64)
    monkeypatch.setattr(custodian_key, "PASSES", 1)


def become(browser: Browser) -> str:
    """Become a custodian and open a test seal; return the page to print."""
    page = browser.post("/custodians", status=201, passphrase=PASSPHRASE, again=PASSPHRASE).text
    found = re.search(r'action="(/custodians/\d+/test)"', browser.get("/custodians"))
    assert found is not None
    browser.post(found[1], test=PASSPHRASE)
    return page


def hold_ceremony(office: Office) -> None:
    """Appoint the reader, the coordinator and the administrator, of whom two are needed."""
    administrator = office.browser("administrator")
    for role in ("reader", "coordinator", "administrator"):
        become(office.browser(role))
    form = fields_of(administrator.get("/custodians"))
    administrator.post("/custodians/threshold", version=form["version"], threshold="2", custodians=["1", "2", "3"])


def report_bribe(office: Office) -> str:
    browser = office.browser()
    answers: tuple[dict[str, str], ...] = (
        {"emergency": "none"},
        {"kind": "tip"},
        {"category": "official_misconduct"},
        {"text": "A bribe"},
        {},
    )
    page = walk(browser, *answers, {"about_us": "no"}, {"name": NAME, "phone": PHONE})
    assert "by several custodians together" in page
    return browser.post("/report", status=201, **fields_of(page), go="send").text


def test_the_overview_is_red_until_the_ceremony(office: Office) -> None:
    administrator = office.browser("administrator")
    assert "No custodians are appointed" in administrator.get("/")
    assert "No custodians are appointed" not in office.browser("reader").get("/")
    hold_ceremony(office)
    assert "No custodians are appointed" not in administrator.get("/")
    assert "3 of 3 reachable, 2 needed" in administrator.get("/custodians")


def test_a_key_is_printed_once_and_is_not_on_any_later_page(office: Office) -> None:
    browser = office.browser("reader")
    page = become(browser)
    found = re.search(r'id="paper">([A-Z2-7 ]+)<', page)
    assert found is not None
    assert found[1] not in browser.get("/custodians")


@pytest.mark.parametrize(
    ("passphrase", "again", "said"),
    [("short", "short", "12"), (PASSPHRASE, "another", "differ"), ("", "", "12")],
)
def test_a_passphrase_that_is_short_or_mistyped_is_refused(
    office: Office, passphrase: str, again: str, said: str
) -> None:
    browser = office.browser("reader")
    assert said in browser.post("/custodians", status=422, passphrase=passphrase, again=again).text
    assert "Make my key" in browser.get("/custodians")


def test_nobody_tests_or_changes_the_key_of_another(office: Office) -> None:
    become(office.browser("reader"))
    for path in ("/custodians/1/test", "/custodians/1/leave"):
        office.browser("administrator").post(path, status=404, test=PASSPHRASE, is_away="1")
    office.browser("coordinator").post("/custodians/threshold", status=403, threshold="2")


def test_leave_is_shown(office: Office) -> None:
    hold_ceremony(office)
    office.browser("reader").post("/custodians/1/leave", is_away="1")
    assert "2 of 3 reachable, 2 needed" in office.browser("administrator").get("/custodians")


def test_two_custodians_open_a_protected_contact_a_day_later(office: Office) -> None:
    hold_ceremony(office)
    assert "only open them together" in report_bribe(office)
    assert last(office).protection == "protected"
    responder = office.browser("responder")
    place, secret = ask(responder)
    reader = office.browser("reader")
    assert place in reader.get("/identity-requests")
    assert "identity-approval/1" in reader.get(f"{place}/file")
    assert "The passphrase is wrong." in reader.post(f"{place}/approve", status=422, passphrase="x").text
    reader.post(f"{place}/approve", passphrase=PASSPHRASE)
    reader.post(f"{place}/approve", status=409, passphrase=PASSPHRASE)
    assert "Nobody has approved" not in reader.get(place)
    office.browser("coordinator").post(f"{place}/approve", passphrase=PASSPHRASE)
    assert PHONE not in responder.post(place, status=200, secret=secret).text
    office.next_day()
    opened = office.browser("responder").post(place, status=200, secret=secret).text
    assert PHONE in opened
    assert NAME not in opened


def test_shares_that_are_none_are_refused(office: Office) -> None:
    hold_ceremony(office)
    report_bribe(office)
    place, _ = ask(office.browser("responder"))
    for pasted in ("x", "{}", '{"shares": {"name": "AAAA"}}', '{"shares": {"phone": "?"}}'):
        assert "Paste what" in office.browser("reader").post(f"{place}/approve", status=422, shares=pasted).text


def test_a_reporter_asks_for_more_protection(office: Office) -> None:
    hold_ceremony(office)
    browser = office.browser()
    answers: tuple[dict[str, str], ...] = {"emergency": "none"}, {"kind": "question"}, {"text": "Is it?"}
    page = walk(browser, *answers, {"phone": PHONE, "protection": "protected"})
    browser.post("/report", status=201, **fields_of(page), go="send")
    assert last(office).protection == "protected"


def test_a_reason_in_law_needs_a_document_and_its_end(office: Office) -> None:
    hold_ceremony(office)
    report_bribe(office)
    given = {"fields": "phone", "purpose": "x", "legal_reason": "danger to others"}
    page = office.browser("responder").post("/reports/1/identity", status=422, **given).text
    assert page.count("Enter a value.") >= 2
    given |= {"legal_document": "No. 7", "reason_ends_at": "2026-12-30 08:00"}
    office.browser("responder").post("/reports/1/identity", status=201, **given)
