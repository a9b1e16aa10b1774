"""A grade I incident at two at night on a holiday, over HTTP: notified until accepted, with a certificate."""

import datetime as dt
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from incident import channels
from incident.actions.delivery import deliver
from incident.actions.operations import timers
from incident.app import tools_of
from incident.config import SmsSettings
from tests.plugins.app import Api, Hand, made_app, speaking
from tests.receivers import Receiver, receiver

NIGHT = dt.datetime(2026, 9, 30, 18, 0, tzinfo=dt.UTC)
"""02:00 on 1 October 2026 in Shanghai: the National Day."""

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
OK = b'{"errcode":0,"errmsg":"ok"}'
PEOPLE = {"li": "cert", "wang": "cert", "zhao": "cert", "chen": "city"}
PHONES = {"li": "+8613800138001", "wang": "+8613800138002", "zhao": "+8613800138003", "chen": "+8613800138004"}
POLICY = {
    "levels": [
        {
            "wait": "PT30M",
            "waits": [{"grades": [1, 2], "wait": "PT5M"}],
            "notify": ["duty"],
            "channels": ["wecom", "sms"],
        },
        {"wait": "PT10M", "notify": ["deputy"]},
        {"wait": "PT10M", "notify": ["head"]},
        {"wait": "PT15M", "notify": ["parent"]},
    ],
    "repeat": 1,
    "until": "accepted",
    "quiet": {"from": "22:00", "until": "07:00", "grades": [3, 4]},
}
LINK = re.compile(r"http://\S+?/acknowledge/([\w.~-]+)")


class Night:
    """The instance of that night: client programs, receiving sinks, and an adjustable clock."""

    def __init__(self, app: Flask, hand: Hand, chat: Receiver, phones: Receiver) -> None:
        self.app, self.hand, self.chat, self.phones = app, hand, chat, phones
        self.admin = speaking(app)("administrator")
        self.client = app.test_client()

    def pass_time(self, **length: float) -> None:
        """Advance the time, fire due timers, and send pending messages by the real channels."""
        now = self.hand.forward(**length)
        tools = tools_of(self.app)
        registry = channels.registry(tools.means)
        with self.app.app_context():
            while timers.fire_due(now).count:
                continue
            while claimed := deliver.claim_due(now, 32, [], tools.post):
                for sending in claimed:
                    outcome = registry[sending.message.channel].send(sending.message)
                    deliver.record_results([deliver.DeliveryResult(sending.delivery_ids, outcome, 0.0, now)], now)

    def texts(self) -> list[tuple[str, str]]:
        """Return the text messages so far: receiver and text."""
        owners = {number: login for login, number in PHONES.items()}
        return [(owners[one.json["to"]], one.json["text"]) for one in self.phones.requests]

    def notified(self) -> list[str]:
        """Return the receivers of text messages so far."""
        return [login for login, _ in self.texts()]

    def link(self, login: str) -> str:
        """Return the token of the link in the last text message to a person."""
        text = [text for whose, text in self.texts() if whose == login][-1]
        found = LINK.search(text)
        assert found, text
        return found.group(1)

    def duty(self, code: str) -> list[str]:
        return [person["login"] for person in self.admin.seen(f"/departments/{code}/duty")["people"]]

    @property
    def notice(self) -> dict[str, Any]:
        return self.admin.seen("/notices?department=cert")["items"][0]


def put(api: Api, path: str, body: Any) -> Any:
    answer = api.put(path, body)
    assert answer.status_code == 200, answer.text
    return answer.json


def prepare(night: Night) -> None:
    """Set up the office as its administrator would, over the API."""
    api = night.admin
    for code, parent in (("city", None), ("cert", "city")):
        api.made("/departments", {"code": code, "name": f"Department {code}", "parent": parent})
        read = api.get(f"/departments/{code}")
        change = {
            "timezone": "Asia/Shanghai",
            "calendar": "china",
            "working_hours": {"from": "09:00", "until": "17:30"},
        }
        assert api.patch(f"/departments/{code}", change, headers={"If-Match": read.headers["ETag"]}).status_code == 200
    for login, code in PEOPLE.items():
        body = {"login": login, "name": login.title(), "role": "department", "department": code}
        api.made("/people", body)
        phone = {"name": f"{login} phone", "channel": "sms", "address": PHONES[login], "person": login, "level": 20}
        api.made(f"/departments/{code}/contacts", phone)
    robot = f"{night.chat.url}/cgi-bin/webhook/send?key={KEY}"
    chat = {"name": "li chat", "channel": "wecom", "address": robot, "person": "li", "language": "zh_Hans_CN"}
    api.made("/departments/cert/contacts", chat)
    positions = {"li": "member", "wang": "deputy", "zhao": "head"}
    put(api, "/departments/cert/members", {"members": [{"person": p, "position": w} for p, w in positions.items()]})
    put(api, "/departments/city/members", {"members": [{"person": "chen", "position": "member"}]})
    day = {"name": "day", "people": ["zhao"], "starts_on": "2026-01-05", "every": "P1D", "handover": "09:00"}
    by_day = day | {"hours": {"from": "09:00", "until": "17:30"}, "days": "working"}
    by_night = {"name": "night", "people": ["li"], "starts_on": "2026-01-05", "every": "P7D", "handover": "09:00"}
    put(api, "/departments/cert/rota", {"rotations": [by_day, by_night], "overrides": [], "leave": []})
    put(api, "/departments/city/rota", {"rotations": [by_night | {"people": ["chen"]}], "overrides": [], "leave": []})
    put(api, "/departments/cert/policy", POLICY)


@pytest.fixture
def night(tmp_path: Path, hand: Hand) -> Iterator[Night]:
    with ExitStack() as stack:
        chat = stack.enter_context(receiver(body=OK))
        phones = stack.enter_context(receiver(body=b'{"Code":"OK"}'))
        sms = SmsSettings(f"{phones.url}/send", '{"to": "{to}", "text": "{text}"}', {}, '"Code":"OK"')
        at_home = made_app(
            tmp_path,
            public_url="http://incident.test",
            allow_private_targets=True,
            timezone="Asia/Shanghai",
            sms=sms,
        )
        app = stack.enter_context(at_home)
        hand.at = NIGHT
        made = Night(app, hand, chat, phones)
        prepare(made)
        yield made


def test_the_preview_says_beforehand_what_will_happen_that_night(night: Night) -> None:
    assert night.duty("cert") == ["li"]
    preview = night.admin.seen("/departments/cert/preview?grade=1&at=2026-09-30T18:00:00Z")
    steps = [(step["at"][11:16], step["notify"], step["people"]) for step in preview["items"]][:4]
    assert steps == [
        ("18:00", ["duty"], ["Li"]),
        ("18:05", ["deputy"], ["Wang"]),
        ("18:15", ["head"], ["Zhao"]),
        ("18:25", ["parent"], ["Chen"]),
    ]
    held, first = night.admin.seen("/departments/cert/preview?grade=4&at=2026-09-30T18:00:00Z")["items"][:2]
    assert (held["is_held"], held["next_at"][:16], first["at"][:16]) == (True, "2026-09-30T23:00", "2026-09-30T23:00")


def test_from_the_alarm_at_night_to_the_proof_of_notice(night: Night, tmp_path: Path) -> None:
    api = night.admin
    opened = api.made("/incidents", {"title": "Water plant controllers locked", "grade": 1, "departments": ["cert"]})
    number = opened["number"]

    night.pass_time(seconds=1)
    assert night.notified() == ["li"]
    assert len(night.chat.requests) == 1
    assert number in json.dumps(night.chat.requests[0].json, ensure_ascii=False)
    assert "INC-2026" in night.texts()[0][1]

    night.pass_time(minutes=5)
    night.pass_time(minutes=10)
    night.pass_time(minutes=10)
    assert night.notified() == ["li", "wang", "zhao", "chen"]

    first = night.client.get(f"/acknowledge/{night.link('wang')}")
    assert first.status_code == 200
    refused = night.client.post(f"/acknowledge/{night.link('wang')}/decline", data={"reason": ""})
    assert refused.status_code == 422
    reason = "The plant belongs to the water bureau"
    assert night.client.post(f"/acknowledge/{night.link('wang')}/decline", data={"reason": reason}).status_code == 200
    assert (night.notice["state"], night.notice["reason"]) == ("declined", reason)

    night.pass_time(minutes=2)
    assert night.client.post(f"/acknowledge/{night.link('zhao')}/accept").status_code == 200
    assert night.notice["state"] == "accepted"
    before = len(night.texts())
    night.pass_time(hours=5)
    assert len(night.texts()) == before

    ledger = api.seen(f"/incidents/{number}/ledger")
    certificate = api.get(f"/incidents/{number}/certificate")
    assert certificate.status_code == 200
    shown = json.dumps(certificate.json, ensure_ascii=False)
    for words in (number, "li phone", "li chat", "wang phone", "zhao phone", "chen phone", reason, "errcode"):
        assert words in shown, words
    assert reason in json.dumps(ledger, ensure_ascii=False)
    verify(night, tmp_path, certificate.get_data())


def verify(night: Night, folder: Path, certificate: bytes) -> None:
    """Check the certificate by the command, with the key that the instance gave beforehand, far from its database."""
    (folder / "certificate.json").write_bytes(certificate)
    (folder / "altered.json").write_bytes(certificate.replace(b"water bureau", b"water bureaux"))
    key = night.admin.seen("/certificate-key")
    (folder / "key.pem").write_text(key["pem"])
    ends = {}
    for name in ("certificate", "altered"):
        command = [sys.executable, "-m", "incident.cli", "certificate", "verify", str(folder / f"{name}.json")]
        done = subprocess.run([*command, "--key", str(folder / "key.pem")], capture_output=True, timeout=60, cwd=folder)
        ends[name] = done.returncode
    assert ends == {"certificate": 0, "altered": 1}
