"""Amazon SNS over the API: topics that people allow, their subscriptions, and messages that are really signed."""

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from incident.actions.operations.housekeeping import set_demonstration
from incident.outgoing import Unreachable
from incident.store.db.database import db
from incident.store.journal.journal import Entry
from incident.web.security.sns_messages import EXTENSION, Certificates
from tests import sns
from tests.plugins.app import Api, Hand, Speaker
from tests.web.api.incidents.test_own_sources import token_of
from tests.web.api.incidents.test_sources import cases

FINDING = cases("sns")[0]["opens"]["Message"]


class Amazon:
    """A double of the servers of Amazon: which certificates were asked for, and whether they answer."""

    def __init__(self, boss: Api) -> None:
        self.asked: list[str] = []
        self.certificate = sns.certificate()
        self.is_away = False
        self.boss = boss
        self.address = f"/api/v1/alerts/sns/{token_of(boss, 'sns')['token']}"
        boss.client.application.extensions[EXTENSION] = Certificates(self.fetch)

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if self.is_away:
            raise Unreachable("away")
        return self.certificate

    def post(self, message: object) -> TestResponse:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return self.boss.client.post(self.address, data=body, content_type="text/plain; charset=UTF-8")

    def code(self, message: object, status: int) -> str:
        answer = self.post(message)
        assert answer.status_code == status, answer.text
        assert answer.json is not None
        if status == 202:
            return str(answer.json["items"][0]["code"])
        assert answer.content_type == "application/problem+json"
        return str(answer.json["code"])

    def allow(self, topic: str = sns.TOPIC) -> dict[str, Any]:
        answer = self.boss.post("/sources/sns/topics", {"arn": topic})
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def states(self) -> dict[str, str]:
        return {one["arn"]: one["state"] for one in self.boss.seen("/sources/sns/topics")["items"]}


@pytest.fixture
def amazon(boss: Api) -> Amazon:
    """Amazon, which knows the address with the token of the source `sns`."""
    return Amazon(boss)


def finding(name: str = "m1", **changed: Any) -> dict[str, Any]:
    return sns.notification(FINDING, MessageId=name, **changed)


def test_a_signed_finding_of_an_allowed_topic_opens_an_incident(amazon: Amazon) -> None:
    amazon.allow()
    assert amazon.code(finding(), 202) == "new"
    assert amazon.code(finding("m2", SignatureVersion="1"), 202) == "repeated"
    [incident] = amazon.boss.seen("/incidents")["items"]
    assert incident["source"] == "guardduty"
    assert amazon.asked == [sns.CERTIFICATE_URL], "the certificate is fetched once"


def test_a_topic_that_nobody_allowed_is_shown_and_its_alerts_are_refused(amazon: Amazon) -> None:
    assert amazon.code(finding(), 403) == "sns.topic_waits"
    assert amazon.states() == {sns.TOPIC: "waiting"}
    assert amazon.allow()["state"] == "allowed"
    assert amazon.code(finding(), 202) == "new", "what was refused may come again"


def test_a_subscription_waits_until_its_topic_is_allowed(amazon: Amazon) -> None:
    assert amazon.code(sns.subscription(), 202) == "subscription_waits"
    assert amazon.states() == {sns.TOPIC: "waiting"}
    assert amazon.allow()["state"] == "confirming"
    assert amazon.code(sns.subscription(MessageId="m2"), 202) == "subscription_confirmed"
    assert amazon.boss.seen("/incidents")["items"] == []


def test_the_end_of_a_subscription_is_noted(amazon: Amazon) -> None:
    amazon.allow()
    assert amazon.code(sns.subscription(kind="UnsubscribeConfirmation"), 202) == "subscription_ended"
    assert amazon.states() == {sns.TOPIC: "ended"}
    with amazon.boss.client.application.app_context():
        entries = [entry.event_type for entry in db.session.query(Entry).order_by(Entry.seq)]
        db.session.remove()
    assert entries[-2:] == ["topic.allowed", "topic.ended"]


@pytest.mark.parametrize(
    ("message", "status", "code"),
    [
        (finding() | {"Message": "changed"}, 403, "signature.wrong"),
        (finding() | {"TopicArn": f"{sns.TOPIC}2"}, 403, "signature.wrong"),
        (
            finding(SigningCertURL="https://sns.us-east-1.amazonaws.com.evil.example/x.pem"),
            403,
            "sns.certificate_address",
        ),
        (
            sns.subscription(SubscribeURL="https://evil.example/?Action=ConfirmSubscription"),
            403,
            "sns.subscribe_address",
        ),
        ({**finding(), "Signature": None}, 403, "signature.missing"),
        ([finding()], 422, "sns.no_message"),
        ({"title": "x", "status": "firing"}, 422, "sns.no_message"),
        (b'{"Type": "Notification", "Type": "Notification"}', 400, "payload.doubled_member"),
        (b"\xff", 400, "payload.not_utf8"),
    ],
)
def test_a_forged_or_changed_message_is_refused(boss_sqlite: Api, message: object, status: int, code: str) -> None:
    amazon = Amazon(boss_sqlite)
    amazon.allow()
    assert amazon.code(message, status) == code
    assert amazon.boss.seen("/incidents")["items"] == []
    assert all(url == sns.CERTIFICATE_URL for url in amazon.asked)


def test_nothing_is_fetched_for_somebody_without_a_token(amazon: Amazon) -> None:
    answer = amazon.boss.client.post("/api/v1/alerts/sns", json=finding())
    assert (answer.status_code, amazon.asked) == (401, [])


def test_a_message_is_taken_once_and_for_an_hour(amazon: Amazon, hand: Hand) -> None:
    amazon.allow()
    assert amazon.code(finding(), 202) == "new"
    assert amazon.code(finding(), 409) == "signature.replayed"
    hand.forward(minutes=61)
    assert amazon.code(finding("m2"), 403) == "sns.out_of_time"


def test_while_a_certificate_cannot_be_had_amazon_is_asked_to_send_again(amazon: Amazon) -> None:
    amazon.allow()
    amazon.is_away = True
    answer = amazon.post(finding())
    assert (answer.status_code, answer.json["code"]) == (503, "sns.certificate_unreachable")  # type: ignore[index]
    assert "Retry-After" in answer.headers
    amazon.is_away = False
    assert amazon.code(finding(), 202) == "new"


def test_a_certificate_is_fetched_again_after_a_day_and_when_it_was_wrong(amazon: Amazon, hand: Hand) -> None:
    amazon.allow()
    amazon.certificate = sns.certificate("evil.example")
    assert amazon.code(finding(), 403) == "sns.certificate"
    amazon.certificate = sns.certificate()
    assert amazon.code(finding(), 202) == "new"
    at = hand.forward(hours=25)
    assert (
        amazon.code(sns.signed({"Type": "Notification", "Message": FINDING, "MessageId": "m9"}, at), 202) == "repeated"
    )
    assert len(amazon.asked) == 3


def test_a_demonstration_fetches_nothing(boss_sqlite: Api, hand: Hand) -> None:
    amazon = Amazon(boss_sqlite)
    amazon.allow()
    with boss_sqlite.client.application.app_context():
        set_demonstration(hand.at)
        db.session.remove()
    assert amazon.code(finding(), 503) == "sns.certificate_unreachable"
    assert amazon.asked == []


def test_a_removed_topic_is_refused_again(amazon: Amazon) -> None:
    topic = amazon.allow()
    assert amazon.boss.delete(f"/sources/sns/topics/{topic['id']}").status_code == 204
    assert amazon.code(finding(), 403) == "sns.topic_waits"
    assert amazon.boss.delete("/sources/sns/topics/999").status_code == 404
    wrong = amazon.boss.post("/sources/sns/topics", {"arn": "security"})
    assert (wrong.status_code, wrong.json["code"]) == (422, "sns.malformed_topic")  # type: ignore[index]


def test_only_those_who_write_sources_allow_topics(boss_sqlite: Api, speak_sqlite: Speaker) -> None:
    amazon, reader = Amazon(boss_sqlite), speak_sqlite("reader")
    topic = amazon.allow()
    assert [one["arn"] for one in reader.seen("/sources/sns/topics")["items"]] == [sns.TOPIC]
    assert reader.post("/sources/sns/topics", {"arn": sns.TOPIC}).status_code == 403
    assert reader.delete(f"/sources/sns/topics/{topic['id']}").status_code == 403
