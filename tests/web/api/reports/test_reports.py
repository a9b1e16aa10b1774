"""Public reports over the API."""

import re

import pytest

from tests.plugins.app import Api, Speaker

PHISHING = {"text": "我收到一条假冒银行的短信", "url": "http://bank.example/x", "category": "PHISH", "channel": "web"}


def test_a_report_without_a_token_gives_a_receipt_that_opens_it(furnished: Speaker) -> None:
    public = furnished()
    receipt = public.made("/reports", PHISHING)["receipt"]
    assert re.fullmatch(r"([A-Z2-7]{5}-){3}[A-Z2-7]{5}", receipt)
    assert public.done("/receipts/open", {"receipt": receipt}) == {"state": "received"}
    assert public.done("/receipts/open", {"receipt": receipt.lower().replace("-", " ")}) == {"state": "received"}


def test_the_receipt_is_not_in_what_those_see_who_handle_it(furnished: Speaker) -> None:
    receipt = furnished().made("/reports", PHISHING)["receipt"]
    responder = furnished("responder")
    [seen] = responder.seen("/reports")["items"]
    assert (seen["text"], seen["url"], seen["state"]) == (PHISHING["text"], PHISHING["url"], "received")
    assert receipt not in responder.get(f"/reports/{seen['id']}").text


def test_a_receipt_that_was_never_given_opens_nothing(furnished: Speaker) -> None:
    answer = furnished().post("/receipts/open", {"receipt": "AAAAA-AAAAA-AAAAA-AAAAA"})
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["code"] == "receipt.unknown"


def test_a_report_is_linked_and_handled_with_its_incident(furnished: Speaker, boss: Api) -> None:
    public = furnished()
    receipt = public.made("/reports", PHISHING)["receipt"]
    [report] = boss.seen("/reports")["items"]
    number = boss.made("/incidents", {"title": "Phishing"})["number"]
    linked = boss.made(f"/incidents/{number}/reports", {"report": report["id"]})
    assert linked["number"] == number
    assert public.done("/receipts/open", {"receipt": receipt}) == {"state": "linked"}
    assert [one["id"] for one in boss.seen(f"/incidents/{number}")["reports"]] == [report["id"]]
    assert boss.seen(f"/reports/{report['id']}")["incidents"] == [number]
    boss.done(f"/incidents/{number}/close")
    assert public.done("/receipts/open", {"receipt": receipt}) == {"state": "handled"}
    assert boss.delete(f"/incidents/{number}/reports/{report['id']}").status_code == 204
    assert public.done("/receipts/open", {"receipt": receipt}) == {"state": "received"}
    assert boss.delete(f"/incidents/{number}/reports/{report['id']}").status_code == 404


def test_an_incident_is_opened_from_a_report(furnished: Speaker, boss: Api) -> None:
    furnished().made("/reports", PHISHING)
    number = boss.made("/incidents", {"title": "Phishing", "reports": [1]})["number"]
    assert boss.seen(f"/incidents/{number}")["reports"][0]["state"] == "linked"
    answer = boss.post("/incidents", {"title": "Phishing", "reports": [1, 77]})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"] == "/reports/1"


def test_reports_are_filtered_and_searched(furnished: Speaker, boss: Api) -> None:
    furnished().made("/reports", PHISHING)
    furnished().made("/reports", {"text": "Someone broke the door", "channel": "phone"})
    for query, count in (
        ("", 2),
        ("?state=received", 2),
        ("?state=linked", 0),
        ("?q=银行", 1),
        ("?q=door", 1),
        ("?q=zzz", 0),
    ):
        assert len(boss.seen(f"/reports{query}")["items"]) == count, query


@pytest.mark.parametrize("name", ["contact", "email", "phone", "name"])
def test_contact_details_are_refused_for_now(furnished_sqlite: Speaker, name: str) -> None:
    answer = furnished_sqlite().post("/reports", {"text": "x", name: "li.wei@example.org"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "report.contact_details"
    assert furnished_sqlite("responder").seen("/reports")["items"] == []


def test_who_only_reads_sees_no_reports(furnished_sqlite: Speaker) -> None:
    furnished_sqlite().made("/reports", PHISHING)
    number = furnished_sqlite("coordinator").made("/incidents", {"title": "Phishing", "reports": [1]})["number"]
    for role, department in (("reader", None), ("department", "CERT")):
        speaker = furnished_sqlite(role, department)
        assert speaker.get("/reports").status_code == 403
        assert speaker.get("/reports/1").status_code == 403
    assert "reports" not in furnished_sqlite("reader").seen(f"/incidents/{number}")


def test_an_address_reports_so_often_and_no_more_and_is_not_stored(furnished: Speaker) -> None:
    public = furnished()
    answers = [public.post("/reports", PHISHING, environ_base={"REMOTE_ADDR": "198.51.100.7"}) for _ in range(31)]
    assert {answer.status_code for answer in answers[:30]} == {201}
    assert answers[30].status_code == 429
    assert int(answers[30].headers["Retry-After"]) > 0
    assert public.post("/reports", PHISHING, environ_base={"REMOTE_ADDR": "198.51.100.8"}).status_code == 201


def test_receipts_are_not_to_be_guessed_quickly(furnished_sqlite: Speaker) -> None:
    public = furnished_sqlite()
    for _ in range(30):
        assert public.post("/receipts/open", {"receipt": "AAAAA-AAAAA-AAAAA-AAAAA"}).status_code == 404
    assert public.post("/receipts/open", {"receipt": "AAAAA-AAAAA-AAAAA-AAAAA"}).status_code == 429
