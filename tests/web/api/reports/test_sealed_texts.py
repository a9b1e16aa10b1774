"""Reports that ask for protection: shown where they are read, and nowhere else."""

from tests.plugins.app import Speaker
from tests.web.office import Office

TEXT = "The deputy took an envelope at zqharbour"
GIVEN = {"text": TEXT, "category": "official_misconduct", "url": "https://zqharbour.example/gate"}


def test_a_list_and_an_incident_do_without_the_text_of_a_sealed_report(furnished: Speaker) -> None:
    responder = furnished("responder")
    furnished().made("/reports", GIVEN)
    [listed] = responder.seen("/reports")["items"]
    assert (listed["text"], listed["url"], listed["is_text_sealed"]) == (None, None, True)
    read = responder.seen("/reports/1")
    assert (read["text"], read["url"], read["is_text_sealed"]) == (TEXT, GIVEN["url"], True)
    assert responder.seen("/reports?q=zqharbour")["items"] == []
    made = responder.made("/incidents", {"title": "Bribery", "reports": [1]})
    [linked] = responder.seen(f"/incidents/{made['number']}")["reports"]
    assert linked["text"] is None


def test_a_message_is_read_by_the_desk_and_by_the_reporter_from_whom_it_is_kept_if_it_is_theirs(
    furnished: Speaker,
) -> None:
    public, responder = furnished(), furnished("responder")
    receipt = public.made("/reports", GIVEN)["receipt"]
    public.made("/receipts/messages", {"receipt": receipt, "text": "meet me at zqpier"})
    assert responder.made("/reports/1/messages", {"text": "at which pier?"})["text"] == "at which pier?"
    assert [one["text"] for one in responder.seen("/reports/1")["messages"]] == ["meet me at zqpier", "at which pier?"]
    told = public.done("/receipts/open", {"receipt": receipt})
    assert [one["text"] for one in told["messages"]] == [None, "at which pier?"]


def test_only_the_page_of_a_sealed_report_shows_its_text(office: Office) -> None:
    public, browser = office.browser(), office.browser("coordinator")
    public.client.post("/api/v1/reports", json=GIVEN)
    assert TEXT in browser.get("/reports/1")
    for path in ("/reports", "/incidents/new?report=1"):
        assert "zqharbour" not in browser.get(path)
    assert "Sealed text: open the report to read it." in browser.get("/reports")
