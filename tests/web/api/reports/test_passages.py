"""Passages that are sealed after a report was stored: over the API and on the page of the report."""

from incident.actions.reports.passages import clear_passages
from tests.plugins.app import Speaker
from tests.web.office import Office

SECRET = "Zqouyang"
TEXT = f"My deputy took money, ask {SECRET} of the night shift"


def test_a_passage_is_sealed_by_its_words_or_by_its_place_and_named_on_the_report(furnished: Speaker) -> None:
    public, responder = furnished(), furnished("responder")
    receipt = public.made("/reports", {"text": TEXT})["receipt"]
    public.made("/receipts/messages", {"receipt": receipt, "text": f"{SECRET} is afraid"})
    first = responder.made("/reports/1/passages", {"text": SECRET})
    assert (first["field"], first["erased_at"], first["backups"], first["incidents"]) == ("passage_1", None, [], [])
    at = responder.seen("/reports/1")["text"].index("night")
    responder.made("/reports/1/passages", {"start": at, "end": at + len("night shift")})
    seen = responder.seen("/reports/1")
    assert seen["text"] == "My deputy took money, ask 〔已封存 1〕 of the 〔已封存 2〕"
    assert (seen["protection"], seen["contact_fields"]) == ("sealed", ["passage_1", "passage_2"])
    assert [one["field"] for one in seen["passages"]] == ["passage_1", "passage_2"]
    assert seen["messages"][0]["text"] == "〔已封存 1〕 is afraid"


def test_a_passage_that_is_not_there_is_refused(furnished_sqlite: Speaker) -> None:
    furnished_sqlite().made("/reports", {"text": TEXT})
    answer = furnished_sqlite("responder").post("/reports/1/passages", {"text": "somebody else"})
    assert (answer.status_code, answer.json["code"]) == (422, "passage.not_found")  # type: ignore[index]
    empty = furnished_sqlite("responder").post("/reports/1/passages", {})
    assert (empty.status_code, empty.json["code"]) == (422, "document.missing")  # type: ignore[index]


def test_on_the_page_a_passage_is_sealed_and_the_disk_is_said_to_be_cleared_later(office: Office) -> None:
    report, browser = office.report(TEXT), office.browser("responder")
    page = browser.post(f"/reports/{report}/passages", status=422, passage="somebody else").text
    assert "The report does not say this." in page
    browser.post(f"/reports/{report}/passages", passage=SECRET)
    page = browser.get(f"/reports/{report}")
    assert "〔已封存 1〕" in page
    assert SECRET not in page
    assert "The disk of the database still holds it." in page
    assert office.do(lambda: clear_passages(office.hand.at))
    assert "The disk of the database was cleared of it" in browser.get(f"/reports/{report}")


def test_two_forms_at_once_do_not_rewrite_each_others_text(office: Office) -> None:
    report, browser = office.report(TEXT), office.browser("responder")
    browser.post(f"/reports/{report}/passages", passage=SECRET, version="1")
    page = browser.post(f"/reports/{report}/passages", status=412, passage="night shift", version="1").text
    assert "night shift" in page
