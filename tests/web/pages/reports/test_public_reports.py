"""The public report form, asked one question at a time, and the page of a receipt."""

import html
import ipaddress
import json
import re
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from incident.actions.reports import mailbox, reports
from incident.core.reports.limits import ReportLimits
from incident.core.values.access import Viewer
from incident.receipt_hashing import ReceiptHasher
from incident.store.db.database import db
from incident.store.queries.report_list import EVERY, list_reports
from incident.store.reports.reports import Report
from incident.web.security import report_guard
from tests.core.reports.test_proof_of_work import solved
from tests.web.office import BY, Browser, Office

OLD = "AAAAA-BBBBB-CCCCC-DDDDD"


def receipt_of(page: str) -> str:
    found = re.search(r'id="receipt">([0-9 ]+)<', page)
    assert found is not None
    return found[1]


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a page, as a browser sends them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def key_of(browser: Browser) -> str:
    return fields_of(browser.get("/report"))["key"]


def count(office: Office) -> int:
    return office.do(lambda: len(list_reports(Viewer("administrator"), EVERY, None, 100)))


def last(office: Office) -> Report:
    return office.do(lambda: list_reports(Viewer("administrator"), EVERY, None, 1)[0])


def walk(browser: Browser, *answers: dict[str, str]) -> str:
    """Answer one question after the other; return the page after the last answer."""
    page = browser.get("/report")
    for answer in answers:
        page = browser.post("/report", status=200, **fields_of(page), go="next", **answer).text
    return page


def test_nobody_is_asked_who_they_are(office: Office) -> None:
    page = office.browser().get("/report")
    names = re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', page)
    assert sorted(set(names)) == ["emergency", "key", "step"]


def test_a_fraud_is_reported_by_answering_one_question_after_the_other(office: Office) -> None:
    browser = office.browser()
    page = walk(browser, {"emergency": "money"})
    assert 'href="tel:96110"' in page
    assert 'href="tel:110"' in page
    page = browser.post("/report", status=200, **fields_of(page), go="next").text
    answers: tuple[dict[str, str], ...] = (
        {"kind": "tip"},
        {"category": "fraud"},
        {"text": "They said\r\nthey were the bank"},
        {"url": "http://evil.example/", "occurred_at": "2026-11-21T08:00"},
        {"about_us": "no"},
        {"loss": "3000"},
        {},
    )
    for answer in answers:
        page = browser.post("/report", status=200, **fields_of(page), go="next", **answer).text
    assert "Check what you wrote" in page
    page = browser.post("/report", status=201, **fields_of(page), go="send").text
    receipt = receipt_of(page)
    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", receipt)
    found = last(office)
    assert (found.kind, found.category, found.loss, found.emergency) == ("tip", "fraud", 3000, "money")
    assert found.text == "They said\nthey were the bank"
    page = browser.post("/receipt", status=200, receipt=receipt.replace(" ", "")).text
    assert "We have received your report." in page
    assert "the bank" not in page


@pytest.mark.parametrize(
    ("kind", "said"), [("question", "We answer your question"), ("suggestion", "We read your suggestion")]
)
def test_a_question_and_a_suggestion_need_few_words(office: Office, kind: str, said: str) -> None:
    browser = office.browser()
    page = walk(browser, {"emergency": "none"}, {"kind": kind}, {"text": "Is this page yours?"}, {})
    assert said in browser.post("/report", status=201, **fields_of(page), go="send").text
    assert last(office).kind == kind


def test_a_claim_needs_the_statement_that_it_is_true(office: Office) -> None:
    browser = office.browser()
    kind, category = {"kind": "claim"}, {"category": "intellectual_property"}
    page = walk(browser, {"emergency": "none"}, kind, category, {"text": "My song"}, {}, {"about_us": "no"})
    refused = browser.post("/report", status=422, **fields_of(page), go="next", evidence="the score").text
    assert "Confirm that what you write is true." in refused
    assert "the score</textarea>" in refused
    page = browser.post("/report", status=200, **fields_of(refused), go="next", is_stated_true="1", evidence="s").text
    page = browser.post("/report", status=200, **fields_of(page), go="next").text
    browser.post("/report", status=201, **fields_of(page), go="send")
    assert (last(office).is_stated_true, last(office).evidence) == (True, "s")


def test_one_can_go_back_and_change_an_answer_and_loses_nothing(office: Office) -> None:
    browser = office.browser()
    page = walk(browser, {"emergency": "none"}, {"kind": "tip"}, {"category": "rumour"})
    back = browser.post("/report", status=200, **fields_of(page), go="back", text="half a sen").text
    assert 'value="rumour" required checked' in back
    assert fields_of(back)["text"] == "half a sen"
    page = browser.post("/report", status=200, **fields_of(back), go="next", category="gambling").text
    assert "half a sen</textarea>" in page
    assert fields_of(page)["category"] == "gambling"


def test_a_question_without_an_answer_is_asked_again(office: Office) -> None:
    page = walk(office.browser(), {"emergency": "none"})
    answer = office.browser().post("/report", status=422, **fields_of(page), go="next")
    assert "Enter a value." in answer.text


def test_the_form_works_in_chinese_and_its_addresses_carry_the_language(office: Office) -> None:
    page = office.browser().get("/report?lang=zh")
    assert 'action="/report?lang=zh"' in page
    assert 'lang="zh' in page


def test_the_receipts_page_follows_the_report(office: Office) -> None:
    report, number = office.report(), office.open("NOC")
    identity = office.incident(number).id
    office.do(lambda: reports.link_report(identity, report, BY, office.hand.at))
    assert "We have accepted your report" in office.browser().post("/receipt", status=200, receipt=OLD).text


def test_the_desk_answers_in_the_mailbox_and_the_reporter_writes_back_once(office: Office) -> None:
    report = office.report()
    office.do(lambda: mailbox.write_as_desk(report, "Which <b>bank</b>?", BY, office.hand.at))
    browser = office.browser()
    page = browser.post("/receipt", status=200, receipt=OLD).text
    assert "Which &lt;b&gt;bank&lt;/b&gt;?" in page
    form = fields_of(page) | {"kind": "addition", "text": "The green one"}
    for _ in range(2):
        page = browser.post("/receipt/message", status=200, **form).text
        assert "Your message has been received." in page
    assert "The green one" not in page
    desk = office.browser("responder").get(f"/reports/{report}")
    assert desk.count("The green one") == 1


def test_an_objection_that_is_empty_is_refused_and_a_withdrawal_ends_the_mailbox(office: Office) -> None:
    office.report()
    browser = office.browser()
    answer = browser.post("/receipt/message", status=422, receipt=OLD, kind="objection", text=" ")
    assert "Enter a value." in answer.text
    page = browser.post("/receipt/withdraw", status=200, receipt=OLD, reason="my mistake").text
    assert "Your report is withdrawn." in page
    assert "/receipt/message" not in page
    assert browser.post("/receipt/message", status=409, receipt=OLD, text="but").status_code == 409


def test_the_button_pressed_twice_or_after_going_back_makes_one_report_with_one_receipt(office: Office) -> None:
    browser = office.browser()
    form = {"text": "A strange mail", "key": key_of(browser)}
    first, second = (browser.post("/report", status=201, **form).text for _ in range(2))
    assert receipt_of(first) == receipt_of(second)
    assert count(office) == 1
    browser.post("/report", status=201, **form | {"text": "Something else"})
    assert count(office) == 2


def test_a_form_that_was_open_too_long_is_shown_again_with_what_was_typed_and_another_key(office: Office) -> None:
    browser = office.browser()
    old = key_of(browser)
    office.hand.forward(hours=13)
    typed = {"text": "typed with care", "key": old, "kind": "tip", "emergency": "none", "about_us": "no"}
    page = browser.post("/report", status=422, **typed).text
    assert "This form was open for a long time." in page
    again = fields_of(page)
    assert again["text"] == "typed with care"
    assert again["step"] == "check"
    browser.post("/report", status=201, **again, go="send")
    for forged in ("x", "a.1.1~b", f"{old}x"):
        browser.post("/report", status=422, text="x", key=forged)


def test_an_empty_report_is_refused_and_the_rest_is_kept(office: Office) -> None:
    answer = office.browser().post("/report", status=422, text=" ", url="http://evil.example/", kind="tip")
    assert "Enter a value." in answer.text
    assert 'value="http://evil.example/"' in answer.text


@pytest.mark.parametrize(
    "form",
    [
        {"text": "a\x00b"},
        {"text": "x" * 20_001},
        {"text": "\u202e\u2066"},
        {"text": "x", "kind": "tip", "url": "a\x00b"},
        {"text": "x", "kind": "tip", "category": "a\x1bb"},
        {"text": "x", "kind": "tip", "occurred_at": "9999-12-31T23:59"},
        {"text": "x", "kind": "tip", "category": "fraud", "loss": "-1"},
        {"text": "x", "kind": "claim", "evidence": "a\x00b", "is_stated_true": "1"},
    ],
)
def test_what_cannot_be_kept_is_refused(office: Office, form: dict[str, str]) -> None:
    office.browser().post("/report", status=422, **form)
    assert count(office) == 0


def test_a_script_in_a_field_is_shown_as_text(office: Office) -> None:
    evil = '"><script>alert(1)</script>'
    form = {"text": evil, "url": evil, "kind": "tip", "category": evil}
    page = office.browser().post("/report", status=200, **form, step="where", go="next").text
    assert "<script>alert" not in page
    office.browser().post("/report", status=201, **form)
    assert "<script>alert" not in office.browser("responder").get(f"/reports/{last(office).id}")


@pytest.mark.parametrize("typed", ["AAAAA-AAAAA-AAAAA-AAAAA", "1234 5678 9012 3456", "'; DROP TABLE reports"])
def test_a_receipt_that_was_never_given_opens_nothing(office: Office, typed: str) -> None:
    answer = office.browser().post("/receipt", status=404, receipt=typed)
    assert "No report has this receipt" in answer.text


def test_receipts_cannot_be_tried_out_for_long_and_their_holder_is_not_locked_out(office: Office) -> None:
    office.report()
    for _ in range(30):
        office.browser().post("/receipt", status=404, receipt="AAAAA")
    office.browser().post("/receipt", status=429, receipt="AAAAA")
    office.browser().post("/receipt", status=200, receipt=OLD)


def test_a_flood_is_told_to_come_again_and_nothing_typed_is_lost(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard: report_guard.ReportGuard = office.app.extensions[report_guard.EXTENSION]
    monkeypatch.setattr(guard, "hasher", ReceiptHasher(wait_limit=0))
    with guard.hasher.place(), guard.hasher.place():
        answer = office.browser().post("/report", status=503, text="typed with care")
        assert fields_of(answer.text)["text"] == "typed with care"
    office.browser().post("/report", status=201, text="typed with care")


def test_reports_from_one_address_are_limited_in_memory_only(office: Office) -> None:
    for count_of_it in range(30):
        office.browser().post("/report", status=201, text=f"report {count_of_it}")
    answer = office.browser().post("/report", status=429, text="typed with care")
    assert fields_of(answer.text)["text"] == "typed with care"
    assert (
        office.do(lambda: db.session.connection().exec_driver_sql("SELECT count(*) FROM sign_in_tries").scalar()) == 0
    )


def test_an_office_behind_one_address_may_send_more(office: Office) -> None:
    limits = ReportLimits(1, 3, (ipaddress.ip_network("198.51.100.0/24"),))
    office.app.extensions[report_guard.EXTENSION] = report_guard.ReportGuard(limits)

    def send(address: str) -> int:
        place = {"REMOTE_ADDR": address}
        return office.app.test_client().post("/report", data={"text": "A mail"}, environ_base=place).status_code

    assert [send("203.0.113.5") for _ in range(2)] == [201, 429]
    assert [send("198.51.100.7") for _ in range(4)] == [201, 201, 201, 429]
    assert send("198.51.100.8") == 201


def test_a_proof_of_work_lets_one_more_report_through_for_the_address_that_computed_it(office: Office) -> None:
    office.app.extensions[report_guard.EXTENSION] = report_guard.ReportGuard(ReportLimits(1))

    def send(address: str = "203.0.113.5", **more: str) -> TestResponse:
        data = {"text": "A mail", "step": "check", "emergency": "none", "kind": "question", **more}
        return office.app.test_client().post("/report", data=data, environ_base={"REMOTE_ADDR": address})

    assert send().status_code == 201
    busy = send()
    assert busy.status_code == 429
    assert "A mail" in busy.text
    found = re.search(r'data-challenge="([^"]+)"', busy.text)
    assert found is not None
    proof = {"challenge": found[1], "solutions": solved(found[1])}
    refused = send(**proof | {"solutions": "1," * 15 + "1"})
    assert (refused.status_code, "data-challenge" in refused.text) == (429, False)
    assert send("203.0.113.9").status_code == 201
    assert send("203.0.113.9", **proof).status_code == 429
    assert send(**proof).status_code == 201
    assert send(**proof).status_code == 429
    assert send(**proof | {"challenge": "made.7.up"}).status_code == 429


def test_while_many_report_the_browser_is_asked_to_send_again_by_itself_but_not_for_ever(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard: report_guard.ReportGuard = office.app.extensions[report_guard.EXTENSION]
    monkeypatch.setattr(guard, "hasher", ReceiptHasher(wait_limit=0))
    with guard.hasher.place(), guard.hasher.place():
        given = {"text": "A strange mail", "step": "check", "emergency": "none", "kind": "question"}
        page = office.browser().post("/report", status=503, **given).text
        assert 'id="again" hidden' in page
        assert fields_of(page)["again"] == "1"
        page = office.browser().post("/report", status=503, **given, again="20").text
        assert 'id="again"' not in page
        assert "A strange mail" in page


def test_a_flood_of_guesses_does_not_stop_reports(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    guard: report_guard.ReportGuard = office.app.extensions[report_guard.EXTENSION]
    monkeypatch.setattr(guard, "hasher", ReceiptHasher(wait_limit=0))
    with guard.hasher.place(is_look_up=True):
        office.browser().post("/receipt", status=503, receipt="4071 2233 9815 0042")
        office.browser().post("/report", status=201, text="A strange mail")


@pytest.mark.parametrize("path", ["/report", "/receipt", "/report/elsewhere", "/report?lang=zh"])
def test_pages_for_reporters_set_no_cookie_read_no_session_and_leave_no_trace(office: Office, path: str) -> None:
    answer = office.browser("coordinator").client.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    assert "Coordinator" not in answer.text
    assert "drafts.js" not in answer.text


def test_the_page_with_the_receipt_is_not_kept_and_has_a_proof(office: Office) -> None:
    answer = office.browser().post("/report", status=201, text="A strange mail")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    proof = re.search(r'<textarea[^>]* id="proof"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL)
    assert proof is not None
    assert json.loads(html.unescape(proof[1]))["certificate"]["type"] == "report-proof/1"


def test_nothing_on_disk_contains_the_receipt_or_the_caller(office: Office, tmp_path: Path) -> None:
    browser = office.browser()
    headers = {"User-Agent": "Netscape 4.7 of Zhang San"}
    place = {"REMOTE_ADDR": "198.51.100.77"}
    answer = browser.client.post("/report", data={"text": "A strange mail"}, headers=headers, environ_base=place)
    receipt = receipt_of(answer.text)
    browser.client.post("/receipt", data={"receipt": receipt}, headers=headers, environ_base=place)
    home = office.app.extensions["incident"].settings.home
    everything = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert b"A strange mail" in everything
    for secret in (receipt, receipt.replace(" ", ""), "198.51.100.77", "Netscape", "Zhang San"):
        assert secret.encode() not in everything


def test_the_directory_says_who_else_can_help(office: Office) -> None:
    page = office.browser().get("/report/elsewhere")
    for number in ("12315", "12388", "12345", "96110"):
        assert f'href="tel:{number}"' in page


def test_a_report_about_the_office_waits_for_somebody_from_outside_and_says_so(office: Office) -> None:
    browser = office.browser()
    page = walk(
        browser, {"emergency": "none"}, {"kind": "tip"}, {"category": "official"}, {"text": "The head sells data"}, {}
    )
    assert "Is it about us?" in page
    assert "No one from outside has been named yet" in page
    page = browser.post("/report", status=200, **fields_of(page), go="next", about_us="yes").text
    page = browser.post("/report", status=200, **fields_of(page), go="next").text
    answer = browser.post("/report", status=201, **fields_of(page), go="send").text
    opened = browser.post("/receipt", status=200, receipt=receipt_of(answer)).text
    assert "so it waits" in opened
    for role in ("administrator", "coordinator", "responder"):
        assert "The head sells data" not in office.browser(role).get("/reports")
