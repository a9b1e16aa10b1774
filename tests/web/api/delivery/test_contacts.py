"""Contacts in the API: address and secret of every channel, a new secret, a test message."""

from typing import Any

import pytest

from incident.actions.operations.housekeeping import set_demonstration
from incident.store.db.database import db
from tests.channels.robots import KEY, KINDS, SECRET
from tests.plugins.app import Api, Hand, Speaker
from tests.receivers import receiver
from tests.web.office import reach_loopback


@pytest.fixture
def administrator(furnished_sqlite: Speaker) -> Api:
    speaking = furnished_sqlite("administrator")
    reach_loopback(speaking.client.application)
    return speaking


def added(administrator: Api, channel: str, address: str | None, **more: Any) -> Any:
    given = {"name": "Group", "channel": channel, "address": address} | more
    return administrator.made("/departments/CERT/contacts", given)


def journal(administrator: Api) -> str:
    from incident.store.journal.journal import Entry

    with administrator.client.application.app_context():
        return "\n".join(f"{entry.event_type} {entry.detail}" for entry in db.session.query(Entry))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_robot_is_added_and_neither_its_key_nor_its_secret_is_told_again(kind: Any, administrator: Api) -> None:
    given = {"secret": SECRET} if kind.name in {"dingtalk", "feishu"} else {}
    made = added(administrator, kind.name, f"https://chat.example{kind.path}", **given)
    assert made["channel"] == kind.name
    assert made["address"] == f"https://chat.example/…{kind.path[-4:]}"
    assert "secret" not in made
    shown = administrator.get("/departments/CERT").text + journal(administrator)
    assert not [one for one in (KEY, SECRET, "XXXXXXXX") if one in shown]


@pytest.mark.parametrize(
    ("channel", "address", "secret", "code", "pointer"),
    [
        ("wecom", "https://chat.example/", None, "address.not_wecom", "/address"),
        ("slack", None, None, "address.missing", "/address"),
        ("sms", "duty", None, "address.not_phone", "/address"),
        ("dingtalk", "https://d.example/robot/send?access_token=x", None, "secret.missing", "/secret"),
        ("feishu", "https://f.example/open-apis/bot/v2/hook/x", None, "secret.missing", "/secret"),
        ("webhook", "https://h.example", "whsec_mine", "secret.not_wanted", "/secret"),
    ],
)
def test_what_is_wrong_with_a_contact_is_told_at_its_field(
    administrator: Api, channel: str, address: str | None, secret: str | None, code: str, pointer: str
) -> None:
    given = {"name": "x", "channel": channel, "address": address, "secret": secret}
    answer = administrator.post("/departments/CERT/contacts", given)
    assert answer.status_code == 422
    assert answer.json is not None
    [error] = answer.json["errors"]
    assert (error["code"], error["pointer"]) == (code, pointer)
    assert error["detail"] not in ("", code)


def test_a_test_message_is_sent_at_once_and_its_answer_is_told(administrator: Api, boss_sqlite: Api) -> None:
    wecom = KINDS[0]
    with receiver(body=b'{"errcode":0,"errmsg":"ok"}') as server:
        contact = added(administrator, "wecom", server.url + wecom.path)["id"]
        assert boss_sqlite.done(f"/contacts/{contact}/test") == {
            "outcome": "accepted",
            "is_sent": True,
            "answer": '200 {"errcode":0,"errmsg":"ok"}',
        }
        server.body = b'{"errcode":45009,"errmsg":"api freq out of limit"}'
        assert boss_sqlite.done(f"/contacts/{contact}/test")["outcome"] == "failed"
        server.body = b'{"errcode":93000,"errmsg":"invalid webhook url"}'
        assert boss_sqlite.done(f"/contacts/{contact}/test")["outcome"] == "refused"
        server.body = b'{"errcode":93008,"errmsg":"robot not in chat"}'
        assert boss_sqlite.done(f"/contacts/{contact}/test")["outcome"] == "gone"
        assert boss_sqlite.post(f"/contacts/{contact}/test").status_code == 409
    assert len(server.requests) == 4
    assert "Test message for Emergency response" in server.requests[0].body.decode()
    assert journal(administrator).count("contact.tested") == 4


def test_an_inbox_and_a_channel_without_settings_say_so(administrator: Api) -> None:
    screen = added(administrator, "inbox", None)
    tested = administrator.done(f"/contacts/{screen['id']}/test")
    assert tested == {"outcome": "accepted", "is_sent": False, "answer": "shown in the inbox"}
    number = added(administrator, "sms", "+8613800138000")
    assert number["address"] == "+8613800138000"
    tested = administrator.done(f"/contacts/{number['id']}/test")
    assert (tested["outcome"], "INCIDENT_SMS_URL" in tested["answer"]) == ("failed", True)


def test_in_a_demonstration_no_test_message_is_sent(administrator: Api, hand: Hand) -> None:
    with receiver() as server:
        contact = added(administrator, "webhook", server.url)["id"]
        with administrator.client.application.app_context():
            set_demonstration(hand.at)
        tested = administrator.done(f"/contacts/{contact}/test")
    assert tested == {"outcome": "accepted", "is_sent": False, "answer": "not sent: demonstration"}
    assert server.requests == []
    assert '"is_sent":false' in journal(administrator).replace(" ", "")


def test_a_webhook_gets_a_new_secret_that_is_told_once_and_signs_beside_the_old_one(administrator: Api) -> None:
    with receiver() as server:
        made = added(administrator, "webhook", server.url)
        headers = {"Idempotency-Key": "again"}
        changed = administrator.made(f"/contacts/{made['id']}/secret", None, headers=headers)
        assert administrator.made(f"/contacts/{made['id']}/secret", None, headers=headers) == changed
        assert changed["secret"].startswith("whsec_")
        assert changed["secret"] != made["secret"]
        administrator.done(f"/contacts/{made['id']}/test")
    assert len(server.requests[0].headers["webhook-signature"].split(" ")) == 2
    [kept] = [one for one in administrator.seen("/departments/CERT")["contacts"] if one["id"] == made["id"]]
    assert kept["old_secret_ends_at"] == changed["old_secret_ends_at"]
    assert changed["secret"] not in administrator.get("/departments/CERT").text


def test_a_secret_that_is_not_made_here_is_not_changed_here(administrator: Api) -> None:
    made = added(administrator, "feishu", f"https://chat.example{KINDS[2].path}", secret=SECRET)
    answer = administrator.post(f"/contacts/{made['id']}/secret")
    assert (answer.status_code, "contact.has_no_secret" in answer.text) == (409, True)
    assert administrator.post("/contacts/999/secret").status_code == 404
