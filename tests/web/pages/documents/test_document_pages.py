"""Pages of official documents: draft, complete, sign in order, print, find."""

import html
import re
from functools import partial

from incident.actions.documents.document_files import make_next_file
from incident.actions.documents.drafting import NewDocument, draft_document
from incident.actions.documents.series_settings import put_series
from incident.core.documents.numbering import NumberSeries
from incident.web.instance import KEY
from incident.web.pages.documents.documents import DOCUMENTS_SHOWN
from tests.web.api.deadlines.test_decisions import person
from tests.web.api.documents.test_documents import WORDS
from tests.web.office import BY, Browser, Office, incident_named


def words(page: str) -> str:
    """The text of a page, without its markup."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def number_requests(office: Office) -> None:
    """Give requests and reports an issuer word."""
    office.do(lambda: put_series([NumberSeries("report", "X网信")], BY, office.hand.at))


def draft(office: Office, browser: Browser, kind: str = "request-for-instructions", **more: str) -> str:
    """Draft a document about a new incident, and return its address."""
    number = more.pop("number", None) or office.open("CERT")
    answer = browser.post(f"/incidents/{number}/documents", kind=kind, **more)
    return str(answer.location).partition("?")[0]


def save(browser: Browser, place: str, version: int = 1, **more: str) -> None:
    """Type the words of a request for instructions."""
    fields = {f"words:{key}": value for key, value in WORDS.items()}
    given = {"title": "关于流量清洗的请示", "marking": "none", "urgency": "urgent", "version": str(version)}
    browser.post(f"{place}/change", form="words", **given | fields | more)


def test_a_document_goes_from_the_incident_through_the_hands_of_three_people_to_paper(office: Office) -> None:
    number_requests(office)
    drafter, reviewer, signer = (office.browser(one) for one in ("responder", "coordinator", "administrator"))
    place = draft(office, drafter)
    page = words(drafter.get(place))
    assert "Missing before it can be submitted:" in page
    assert "Ransomware in accounting" in page
    save(drafter, place)
    assert "Missing before it can be submitted:" not in words(drafter.get(place))
    drafter.post(f"{place}/submit", version="2")
    assert "Pass the review" not in drafter.get(place)
    assert "关于流量清洗的请示" in words(reviewer.get("/inbox"))
    reviewer.post(f"{place}/review", version="3")
    assert "关于流量清洗的请示" not in words(reviewer.get("/inbox"))
    assert "Sign and number" in signer.get(place)
    signer.post(f"{place}/sign", version="4")
    paper = words(signer.get(f"{place}/print"))
    assert "X网信〔2026〕1号" in paper
    assert "签发人： Person administrator" in paper
    assert "草稿" not in paper
    assert "X网信〔2026〕1号" in words(signer.get("/documents?q=〔2026〕1"))
    assert "No results found." in words(signer.get("/documents?state=void"))
    assert "Document signed and numbered: X网信〔2026〕1号" in words(signer.get("/journal"))


def test_what_is_missing_and_who_may_not_is_said_beside_nothing_lost(office: Office) -> None:
    drafter = office.browser("responder")
    place = draft(office, drafter)
    refused = words(drafter.post(f"{place}/submit", 409, version="1").text)
    assert "Fill in “请示缘由” before you submit the document." in refused
    given = {"form": "words", "title": "T", "marking": "none", "version": "1", "words:contact": "x" * 501}
    long = drafter.post(f"{place}/change", 422, **given)
    assert "x" * 501 in long.text
    assert 'id="words-contact-fault"' in long.text
    save(drafter, place)
    stale = drafter.post(f"{place}/change", 412, form="words", title="My own title", marking="none", version="1")
    assert "My own title" in stale.text
    drafter.post(f"{place}/submit", version="2")
    page = words(drafter.post(f"{place}/review", 409, version="3").text)
    assert "You wrote or changed this document. Someone else must take this step." in page


def test_a_reader_sees_the_document_and_no_button(office: Office) -> None:
    place = draft(office, office.browser("responder"))
    page = office.browser("reader").get(place)
    assert "Save" not in words(page)
    assert "/submit" not in page
    assert "Draft a document" not in office.browser("reader").get(place.replace(place, "/documents"))


def test_a_file_is_asked_for_on_the_page_seen_being_made_and_downloaded(office: Office) -> None:
    drafter = office.browser("responder")
    place = draft(office, drafter)
    assert "Make PDF" in words(drafter.get(place))
    refused = drafter.post(f"{place}/files", 422, format="exe")
    assert "Make PDF" in words(refused.text)
    assert drafter.client.get(f"{place}/files/pdf").status_code == 404
    drafter.post(f"{place}/files", format="pdf")
    assert "PDF is being made." in words(drafter.get(f"{place}/files"))
    assert office.do(lambda: make_next_file(office.hand.at))
    part = drafter.get(f"{place}/files")
    assert f'{place}/files/pdf"' in part
    assert "Make Word (.docx)" in words(part)
    assert drafter.client.get(f"{place}/files/pdf").data.startswith(b"%PDF-")


def test_the_form_of_a_number_is_written_in_plain_words(office: Office) -> None:
    administrator = office.browser("administrator")
    page = administrator.get("/documents/series")
    assert "[issuer word]〔[year]〕[number]号 gives X网信〔2026〕1号." in words(page)
    assert "{word}" not in page
    refused = administrator.post(
        "/documents/series", 422, **{"word-brief": "X", "form-brief": "第[number]期", "version": "0"}
    )
    assert "第[number]期" in refused.text
    assert "The form needs the place of the year" in words(refused.text)
    form = "第[number]期（[year]）"
    administrator.post("/documents/series", **{"word-brief": "X", "form-brief": form, "version": "0"})
    assert form in administrator.get("/documents/series")
    assert "第[序号]期（[年份]）" in office.browser("administrator", "zh_Hans_CN").get("/documents/series")


def test_a_draft_sent_twice_is_one_and_leads_to_it_even_when_a_newer_one_was_drafted_between(office: Office) -> None:
    duty, number = office.browser("responder"), office.open("CERT")
    sent = {"kind": "circular", "once": "token"}
    first = duty.post(f"/incidents/{number}/documents", **sent).location
    duty.post(f"/incidents/{number}/documents", kind="circular", once="other")
    assert duty.post(f"/incidents/{number}/documents", **sent).location == first


def test_the_documents_of_a_merged_duplicate_are_seen_from_the_original_and_many_are_paged(office: Office) -> None:
    duty, boss = office.browser("responder"), person(office, "coordinator")
    original, duplicate = office.open("CERT"), office.open("CERT")
    draft(office, duty, number=duplicate, kind="circular")
    boss.made(f"/incidents/{duplicate}/merge", {"into": original, "reason": "the same"})
    page = words(duty.get(f"/incidents/{original}/documents"))
    assert page.count(duplicate) == 1
    for index in range(DOCUMENTS_SHOWN):
        office.do(partial(draft_at, office, original, f"Paper {index}"))
    page = duty.get(f"/incidents/{original}/documents")
    assert page.count("Paper ") == DOCUMENTS_SHOWN
    older = re.search(r'href="([^"]*cursor=[^"]*)"', page)
    assert older is not None
    assert duplicate in words(duty.get(html.unescape(older[1])))


def draft_at(office: Office, number: str, title: str) -> None:
    """Draft a document about an incident."""
    zone = office.app.extensions[KEY].settings.zone
    draft_document(incident_named(number).id, NewDocument("circular", title=title), zone, BY, office.hand.at)


def test_documents_that_wait_for_me_are_counted_at_the_inbox(office: Office) -> None:
    drafter, reviewer = office.browser("responder"), office.browser("coordinator")
    before = inbox_count(reviewer.get("/documents"))
    place = draft(office, drafter)
    save(drafter, place)
    drafter.post(f"{place}/submit", version="2")
    assert inbox_count(reviewer.get("/documents")) == before + 1
    assert inbox_count(office.browser("reader").get("/documents")) == 0


def inbox_count(page: str) -> int:
    """The number beside the inbox in the menu, 0 without one."""
    found = re.search(r'href="/inbox"[^>]*>.*?</a>', page, re.DOTALL)
    assert found is not None
    number = re.search(r">\s*(\d+)\s*<", found[0])
    return int(number[1]) if number else 0


def test_a_draft_is_saved_and_submitted_with_one_button_or_says_what_is_missing(office: Office) -> None:
    drafter = office.browser("responder")
    place = draft(office, drafter)
    page = drafter.get(place)
    assert f'action="{place}/submit"' not in page
    assert "Save and submit for review" in words(page)
    given = {"title": "T", "marking": "none", "version": "1"} | {f"words:{key}": value for key, value in WORDS.items()}
    drafter.post(f"{place}/change", form="words", then="submit", **given | {"words:matters": ""})
    page = drafter.get(place)
    assert 'href="#words-matters"' in page
    assert 'href="#words-reasons"' not in page
    save(drafter, place, version=2, then="submit")
    assert "in review" in words(drafter.get(place))


def test_a_document_without_an_issuer_word_says_so_before_anybody_wants_to_sign(office: Office) -> None:
    place = draft(office, office.browser("responder"))
    assert "An administrator enters it under the numbers of documents." in words(office.browser("responder").get(place))
    assert 'href="/documents/series">Enter the issuer word' in office.browser("administrator").get(place)
    number_requests(office)
    assert "issuer word" not in office.browser("responder").get(place)


def test_the_report_form_is_drafted_from_the_clock_with_the_facts_that_started_it(office: Office) -> None:
    duty = office.browser("responder")
    office.browser("administrator").post("/organization", operator_class="cii", regions="330000")
    number = office.open("CERT")
    place = f"/incidents/{number}"
    duty.post(f"{place}/awareness", form="aware", who="Li Wei", how="an alarm", at="2026-11-21 00:00")
    page = duty.get(f"{place}/clocks")
    assert page.count('name="kind" value="incident-report-form"') == 1
    assert 'name="kind"' not in office.browser("reader").get(f"{place}/clocks")
    drafted = draft(office, duty, kind="incident-report-form", number=number)
    assert re.search(r"Found at from the incident 2026年11月21日", words(duty.get(drafted)))
