"""Contact details over the API: sealed at intake, opened through an approved request."""

from functools import partial
from typing import Any

import pytest
from flask import Flask

from incident import custodian_key
from incident.actions.reports.custodians import open_test_seal
from incident.store.db.database import db
from incident.store.reports.reports import Report
from tests.plugins.app import Api, Speaker
from tests.web.office import BY, Office

CONTACT = {"name": "欧阳明月", "phone": "13987654321"}


def report_with_contact(office: Office, **more: Any) -> Api:
    public = Api(office.app.test_client())
    made = public.made("/reports", {"text": "A strange mail", "contact": CONTACT, **more})
    assert made["protection"] == "sealed"
    return public


def person(office: Office, role: str) -> Api:
    made = Api(office.browser(role).client)
    made.headers["Sec-Fetch-Site"] = "same-origin"
    return made


def test_a_second_person_lets_the_requester_read_one_detail(office: Office) -> None:
    public = Api(office.app.test_client())
    receipt = public.made("/reports", {"text": "A strange mail", "contact": CONTACT})["receipt"]
    responder, coordinator = person(office, "responder"), person(office, "coordinator")
    seen = responder.seen("/reports/1")
    assert (seen["protection"], seen["contact_fields"]) == ("sealed", ["name", "phone"])
    asked = responder.made("/reports/1/identity-requests", {"purpose": "to call back", "fields": ["phone"]})
    with_secret = {"headers": {"Identity-Secret": asked["secret"]}}
    place = f"/identity-requests/{asked['id']}"
    waiting = responder.seen(place, **with_secret)
    assert (waiting["state"], waiting["fields"]) == ("requested", None)
    assert responder.post(f"{place}/approve").status_code == 403
    assert coordinator.done(f"{place}/approve")["state"] == "open"
    assert coordinator.post(f"{place}/approve").status_code == 409
    opened = responder.seen(place, **with_secret)
    assert (opened["state"], opened["fields"]) == ("open", {"phone": CONTACT["phone"]})
    assert responder.get(place).status_code == 403
    assert coordinator.get(place, **with_secret).status_code == 404
    told = public.done("/receipts/open", {"receipt": receipt})["messages"]
    assert "电话" in told[0]["text"]
    for text in (*CONTACT.values(), asked["secret"]):
        assert text not in responder.get("/reports/1").text + responder.get("/journal").text


def test_an_approver_refuses_and_a_requester_withdraws(office: Office) -> None:
    report_with_contact(office)
    responder, coordinator = person(office, "responder"), person(office, "coordinator")
    places = []
    for _ in range(2):
        asked = responder.made("/reports/1/identity-requests", {"purpose": "x", "fields": ["phone"]})
        places.append(f"/identity-requests/{asked['id']}")
    assert coordinator.post(f"{places[0]}/refuse", {}).status_code == 422
    assert coordinator.done(f"{places[0]}/refuse", {"reason": "no need"})["state"] == "refused"
    assert coordinator.post(f"{places[1]}/withdraw").status_code == 403
    assert responder.done(f"{places[1]}/withdraw")["state"] == "withdrawn"
    assert responder.post("/identity-requests/999/withdraw").status_code == 404


def test_a_requester_does_not_approve_the_own_request(office: Office) -> None:
    report_with_contact(office)
    coordinator = person(office, "coordinator")
    asked = coordinator.made("/reports/1/identity-requests", {"purpose": "x", "fields": ["phone"]})
    answer = coordinator.post(f"/identity-requests/{asked['id']}/approve")
    assert (answer.status_code, answer.json["code"]) == (403, "identity_request.own")  # type: ignore[index]


def test_what_must_be_protected_is_refused_with_a_contact_and_taken_without(furnished_sqlite: Speaker) -> None:
    public = furnished_sqlite()
    for more in ({"category": "official_misconduct"}, {"protection": "protected"}):
        answer = public.post("/reports", {"text": "x", "contact": CONTACT, **more})
        assert (answer.status_code, answer.json["code"]) == (422, "custody.not_set_up")  # type: ignore[index]
        assert CONTACT["name"] not in answer.text
        assert public.made("/reports", {"text": "x", **more})["protection"] == "anonymous"


@pytest.mark.parametrize("contact", [None, {}, {"name": " \u200b "}, {"phone": None}])
def test_a_contact_that_says_nothing_leaves_the_report_anonymous(
    furnished_sqlite: Speaker, contact: dict[str, str] | None
) -> None:
    answer = furnished_sqlite().post("/reports", {"text": "x", "contact": contact})
    if answer.status_code == 201:
        assert answer.json["protection"] == "anonymous"  # type: ignore[index]
    else:
        assert answer.json["errors"][0]["pointer"] == "/contact/name"  # type: ignore[index]


def test_faults_of_a_contact_are_named_by_place_and_not_repeated(furnished_sqlite: Speaker) -> None:
    given = {"text": "x", "contact": {"name": "a\x00b", "phone": "1" * 61, "fax": "12345"}}
    answer = furnished_sqlite().post("/reports", given)
    assert answer.status_code == 422
    assert sorted(one["pointer"] for one in answer.json["errors"]) == [  # type: ignore[index]
        "/contact/fax",
        "/contact/name",
        "/contact/phone",
    ]
    assert "1111" not in answer.text


def test_the_same_key_with_another_contact_is_one_report(sqlite_app: Flask, speak_sqlite: Speaker) -> None:
    public, once = speak_sqlite(), {"headers": {"Idempotency-Key": "k" * 22}}
    first = public.made("/reports", {"text": "x", "contact": CONTACT}, **once)
    again = public.post("/reports", {"text": "x", "contact": {"name": "Another"}}, **once)
    assert again.json == first
    with sqlite_app.app_context():
        assert db.session.query(Report).count() == 1


PASSPHRASE = "seven lamps keep burning"


def test_custodians_together_open_a_protected_detail(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custodian_key, "MEMORY_KIB", 64)
    monkeypatch.setattr(custodian_key, "PASSES", 1)
    boss, holders = person(office, "administrator"), [person(office, role) for role in ("reader", "coordinator")]
    for holder in holders:
        made = holder.made("/custodians", {"passphrase": PASSPHRASE})
        assert len(made["paper"].split()) == 14
        office.do(partial(open_test_seal, made["id"], PASSPHRASE, BY, office.hand.at))
    assert boss.seen("/custodians/threshold")["threshold"] is None
    named = boss.put("/custodians/threshold", {"threshold": 2, "custodians": [1, 2]}).json
    assert (named["threshold"], named["custodians"], named["reachable"]) == (2, [1, 2], 2)  # type: ignore[index]
    assert [one["login"] for one in boss.seen("/custodians")["items"]] == ["reader", "coordinator"]
    given = {"text": "A bribe", "contact": CONTACT, "protection": "protected"}
    assert Api(office.app.test_client()).made("/reports", given)["protection"] == "protected"
    responder = person(office, "responder")
    asked = responder.made("/reports/1/identity-requests", {"purpose": "to call back", "fields": ["phone"]})
    place, with_secret = f"/identity-requests/{asked['id']}", {"headers": {"Identity-Secret": asked["secret"]}}
    assert boss.post(f"{place}/approve", {}).status_code == 404
    assert holders[0].post(f"{place}/approve").status_code == 422
    for holder, state in zip(holders, ("requested", "waiting"), strict=True):
        assert holder.done(f"{place}/approve", {"passphrase": PASSPHRASE})["state"] == state
    assert responder.seen(place, **with_secret)["fields"] is None
    office.next_day()
    opened = person(office, "responder").seen(place, **with_secret)
    assert (opened["state"], opened["fields"]) == ("open", {"phone": CONTACT["phone"]})


def test_a_program_is_no_custodian(furnished_sqlite: Speaker) -> None:
    answer = furnished_sqlite("administrator").post("/custodians", {"passphrase": PASSPHRASE})
    assert (answer.status_code, answer.json["code"]) == (403, "approval.not_by_person")  # type: ignore[index]
