"""Public reports over the API."""

import re
from typing import Any

import pytest

from tests.plugins.app import Api, Speaker

PHISHING = {"text": "我收到一条假冒银行的短信", "url": "http://bank.example/x", "category": "PHISH", "channel": "web"}


def test_a_report_without_a_token_gives_a_receipt_that_opens_it(furnished: Speaker) -> None:
    public = furnished()
    receipt = public.made("/reports", PHISHING)["receipt"]
    assert re.fullmatch(r"[0-9]{16}", receipt)
    opened = {"state": "received", "is_withdrawn": False, "is_waiting_for_reader": False, "messages": []}
    assert public.done("/receipts/open", {"receipt": receipt}) == opened
    typed = "-".join(receipt[start : start + 4] for start in range(0, 16, 4))
    assert public.done("/receipts/open", {"receipt": f" {typed} "}) == opened


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
    assert public.done("/receipts/open", {"receipt": receipt})["state"] == "accepted"
    assert [one["id"] for one in boss.seen(f"/incidents/{number}")["reports"]] == [report["id"]]
    assert boss.seen(f"/reports/{report['id']}")["incidents"] == [number]
    boss.done(f"/incidents/{number}/close")
    assert public.done("/receipts/open", {"receipt": receipt})["state"] == "handled"
    assert boss.delete(f"/incidents/{number}/reports/{report['id']}").status_code == 204
    assert public.done("/receipts/open", {"receipt": receipt})["state"] == "received"
    assert boss.delete(f"/incidents/{number}/reports/{report['id']}").status_code == 404


def test_an_incident_is_opened_from_a_report(furnished: Speaker, boss: Api) -> None:
    furnished().made("/reports", PHISHING)
    number = boss.made("/incidents", {"title": "Phishing", "reports": [1]})["number"]
    assert boss.seen(f"/incidents/{number}")["reports"][0]["state"] == "accepted"
    answer = boss.post("/incidents", {"title": "Phishing", "reports": [1, 77]})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"] == "/reports/1"


def test_reports_are_filtered_and_searched(furnished: Speaker, boss: Api) -> None:
    furnished().made("/reports", PHISHING)
    furnished("responder").made("/reports", {"text": "Someone broke the door", "channel": "phone", "kind": "help"})
    for query, count in (
        ("", 2),
        ("?state=received", 2),
        ("?state=accepted", 0),
        ("?q=银行", 1),
        ("?q=door", 1),
        ("?q=zzz", 0),
        ("?kind=help", 1),
        ("?category=PHISH", 1),
    ):
        assert len(boss.seen(f"/reports{query}")["items"]) == count, query


@pytest.mark.parametrize("name", ["contact_details", "email", "phone", "name"])
def test_contact_details_outside_of_the_contact_are_refused(furnished_sqlite: Speaker, name: str) -> None:
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


def test_receipts_are_not_to_be_guessed_quickly_and_the_holder_is_not_locked_out(furnished_sqlite: Speaker) -> None:
    public = furnished_sqlite()
    receipt = public.made("/reports", PHISHING)["receipt"]
    for _ in range(30):
        assert public.post("/receipts/open", {"receipt": "AAAAA-AAAAA-AAAAA-AAAAA"}).status_code == 404
    assert public.post("/receipts/open", {"receipt": "AAAAA-AAAAA-AAAAA-AAAAA"}).status_code == 429
    assert public.post("/receipts/open", {"receipt": receipt}).status_code == 200


def test_a_report_says_how_its_reporter_is_protected_and_has_a_proof_that_verifies(furnished: Speaker) -> None:
    public = furnished()
    made = public.made("/reports", PHISHING | {"protection": "sealed"})
    assert made["protection"] == "anonymous"
    proof = made["proof"]
    assert set(proof["certificate"]) == {"type", "sha256", "salt", "instance", "minute"}
    assert made["receipt"] not in str(proof)
    sent = PHISHING | {"kind": "tip"}
    assert public.done("/receipts/verify", {"proof": proof, "report": sent})["is_genuine"] is True
    assert public.done("/receipts/verify", {"proof": proof})["minute"] == proof["certificate"]["minute"]
    forgeries: tuple[dict[str, Any], ...] = (
        {"proof": proof, "report": sent | {"text": "another"}},
        {"proof": proof | {"certificate": proof["certificate"] | {"minute": "2020-01-01T00:00:00Z"}}},
        {"proof": {}},
        {"proof": {"certificate": [], "signature": 1}},
    )
    for wrong in forgeries:
        found = public.done("/receipts/verify", wrong)
        assert found == {"is_genuine": False, "minute": None, "instance": None}


def test_a_report_says_when_it_happened_and_is_answered_once_under_its_key(furnished_sqlite: Speaker) -> None:
    body = {"text": "A strange mail", "occurred_at": "2026-11-20T23:00:00Z"}
    key = {"headers": {"Idempotency-Key": "the-same"}}
    first, again = (furnished_sqlite().post("/reports", body, **key) for _ in range(2))
    assert (first.status_code, again.text) == (201, first.text)
    changed = furnished_sqlite().post("/reports", body | {"occurred_at": "2026-11-20T22:00:00Z"}, **key)
    assert changed.status_code == 422
    reports = furnished_sqlite("coordinator").seen("/reports")["items"]
    assert [one["occurred_at"] for one in reports] == ["2026-11-20T23:00:00.000000Z"]


def test_a_lost_answer_is_repeated_under_its_key(furnished: Speaker) -> None:
    public, key = furnished(), {"Idempotency-Key": "0123456789abcdef"}
    first, second = (public.post("/reports", PHISHING, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert second.headers["Idempotency-Replayed"] == "true"
    assert public.post("/reports", PHISHING | {"text": "other"}, headers=key).status_code == 422
    assert len(furnished("responder").seen("/reports")["items"]) == 1


def test_desk_and_reporter_write_to_each_other_and_the_receipt_shows_only_the_desk(furnished: Speaker) -> None:
    public, desk = furnished(), furnished("responder")
    receipt = public.made("/reports", PHISHING)["receipt"]
    [report] = desk.seen("/reports")["items"]
    desk.made(f"/reports/{report['id']}/messages", {"text": "Which bank?"})
    public.made("/receipts/messages", {"receipt": receipt, "text": "The green one", "kind": "addition"})
    seen = public.done("/receipts/open", {"receipt": receipt})["messages"]
    assert [(one["sender"], one["kind"], one["text"]) for one in seen] == [
        ("desk", "message", "Which bank?"),
        ("reporter", "addition", None),
    ]
    assert [one["text"] for one in desk.seen(f"/reports/{report['id']}")["messages"]] == [
        "Which bank?",
        "The green one",
    ]
    assert public.done("/receipts/withdraw", {"receipt": receipt})["is_withdrawn"] is True
    assert public.post("/receipts/messages", {"receipt": receipt, "text": "but"}).status_code == 409


def test_kind_and_category_of_both_lists_are_taken_and_corrected(furnished: Speaker) -> None:
    public, desk = furnished(), furnished("responder")
    public.made("/reports", {"text": "My account is gone", "category": "theft"})
    public.made("/reports", {"text": "A virus", "category": "MPRANS"})
    newest, first = desk.seen("/reports")["items"]
    assert (first["kind"], first["category"]) == ("help", "theft")
    assert (newest["kind"], newest["category"]) == ("tip", "MPRANS")
    path = f"/reports/{first['id']}"
    assert desk.patch(path, {"kind": "tip"}).status_code == 428
    tag = desk.get(path).headers["ETag"]
    changed = desk.patch(path, {"kind": "tip", "category": "fraud"}, headers={"If-Match": tag})
    assert changed.status_code == 200
    assert changed.json is not None
    assert (changed.json["kind"], changed.json["category"]) == ("tip", "fraud")
    assert desk.patch(path, {"kind": "help"}, headers={"If-Match": tag}).status_code == 412


@pytest.mark.parametrize("channel", ["phone", "email", "letter", "visit", "api"])
def test_other_ways_in_need_somebody_who_enters_the_report(furnished_sqlite: Speaker, channel: str) -> None:
    given = {"text": "By the desk", "channel": channel}
    assert furnished_sqlite().post("/reports", given).status_code == 401
    assert furnished_sqlite("reader").post("/reports", given).status_code == 403
    furnished_sqlite("responder").made("/reports", given)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", "a\x00b"),
        ("text", "\u202e"),
        ("url", "a\x00b"),
        ("kind", "complaint"),
        ("loss", -1),
        ("loss", "3"),
        ("emergency", "yes"),
        ("protection", "none"),
        ("evidence", "\x1b"),
        ("about_units", ["x"]),
    ],
)
def test_what_cannot_be_kept_is_refused(furnished_sqlite: Speaker, name: str, value: object) -> None:
    assert furnished_sqlite().post("/reports", {"text": "x", name: value}).status_code == 422
    assert furnished_sqlite("responder").seen("/reports")["items"] == []


def test_the_notice_of_an_urgent_report_is_listed_for_those_who_may_read_the_report(
    furnished: Speaker, boss: Api
) -> None:
    boss.put("/rules", {"rules": [], "default": {"departments": ["CERT"]}})
    furnished().made("/reports", PHISHING | {"emergency": "money"})
    [seen] = boss.seen("/notices")["items"]
    assert (seen["subject"], seen["purpose"], seen["incident"]) == ({"type": "report", "id": 1}, "urgent", None)
    assert furnished("responder").done(f"/notices/{seen['id']}/acknowledge")["state"] == "acknowledged"
    assert furnished("reader").seen("/notices")["items"] == []
    assert furnished("reader").get(f"/notices/{seen['id']}").status_code == 404


def test_a_report_about_a_unit_says_to_its_reporter_that_it_waits_and_to_others_nothing(
    furnished: Speaker, boss: Api
) -> None:
    receipt = furnished().made("/reports", PHISHING | {"about_units": ["CERT"]})["receipt"]
    assert furnished().done("/receipts/open", {"receipt": receipt})["is_waiting_for_reader"]
    for role in ("administrator", "coordinator", "responder"):
        asking = furnished(role)
        assert asking.seen("/reports")["items"] == []
        assert asking.get("/reports/1").status_code == 404
        assert asking.post("/reports/1/messages", {"text": "Hello"}).status_code == 404
        assert asking.post("/reports/1/units", {"unit": "CERT"}).status_code == 404
    number = boss.made("/incidents", {"title": "Phishing"})["number"]
    answer = boss.post(f"/incidents/{number}/reports", {"report": 1})
    assert answer.json is not None
    assert answer.json["code"] in ("report.unknown", "rejected")


def test_an_unknown_unit_is_named_and_the_desk_can_only_add_one(furnished: Speaker, boss: Api) -> None:
    answer = furnished().post("/reports", PHISHING | {"about_units": ["MOON"]})
    assert (answer.status_code, answer.json["code"]) == (422, "department.unknown")  # type: ignore[index]
    furnished().made("/reports", PHISHING)
    assert boss.post("/reports/1/units", {"unit": "CERT"}).status_code == 204
    assert boss.get("/reports/1").status_code == 404
