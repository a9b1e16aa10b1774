"""Amazon SNS as a server with TLS, asked by the hardened client: from a subscription to the incident.

Only two things are not those of production: names lead to this machine, and port 443 to the port of the test.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from incident.jobs.scheduling.sns_confirmations import confirm_topics
from incident.outgoing import Outgoing
from incident.outgoing.sockets import LimitedSocket
from incident.web.security import sns_messages
from tests import sns
from tests.plugins.app import Api, Hand
from tests.receivers import Handler, Receiver, authority, receiver
from tests.web.api.incidents.test_own_sources import token_of
from tests.web.api.incidents.test_sources import cases

NAME = urlsplit(sns.HOST).hostname or ""
CERTIFICATE_PATH = urlsplit(sns.CERTIFICATE_URL).path


class LocalOutgoing(Outgoing):
    """The hardened client on a machine where every name is this machine, and 443 another port."""

    def __init__(self, port: int, ca_file: str | None) -> None:
        super().__init__(allow_private=True, ca_file=ca_file, resolve=lambda _host, _port: ["127.0.0.1"])
        self._port = port

    def _open(self, host: str, port: int) -> LimitedSocket:
        assert port == 443
        return super()._open(host, self._port)


def answer(handler: Handler) -> None:
    """Answer as SNS does: with the certificate, or that the subscription is confirmed."""
    if handler.path == CERTIFICATE_PATH:
        handler.receiver.body = sns.certificate()
    else:
        assert handler.path.startswith("/?Action=ConfirmSubscription&")
        handler.receiver.body = b"<ConfirmSubscriptionResponse/>"
    handler.respond()


@contextmanager
def amazon(folder: Path, name: str = NAME) -> Iterator[tuple[Receiver, str]]:
    """SNS behind TLS, and the file of the authority that issued its certificate."""
    own = authority(folder, name)
    with receiver(tls=own.server_context, behave=answer) as server:
        yield server, own.ca_file


def test_a_topic_is_subscribed_confirmed_and_its_finding_opens_an_incident(
    boss: Api, hand: Hand, tmp_path: Path
) -> None:
    app, address = boss.client.application, f"/api/v1/alerts/sns/{token_of(boss, 'sns')['token']}"

    def code(message: object) -> str:
        answered = boss.client.post(address, data=json.dumps(message), content_type="text/plain; charset=UTF-8")
        assert answered.json is not None
        return str(answered.json["items"][0]["code"] if answered.status_code == 202 else answered.json["code"])

    def states() -> list[str]:
        return [one["state"] for one in boss.seen("/sources/sns/topics")["items"]]

    with amazon(tmp_path) as (server, ca_file):
        sns_messages.register(app, LocalOutgoing(server.port, None))
        assert code(sns.subscription()) == "sns.certificate_unreachable", "an authority that nobody trusts"
        assert (server.requests, states()) == ([], [])
        with amazon(tmp_path / "other", "sns.us-east-1.amazonaws.com.evil.example") as (other, other_ca_file):
            sns_messages.register(app, LocalOutgoing(other.port, other_ca_file))
            assert code(sns.subscription()) == "sns.certificate_unreachable", "a certificate for another name"
            assert other.requests == []
        outgoing = LocalOutgoing(server.port, ca_file)
        sns_messages.register(app, outgoing)
        assert code(sns.subscription()) == "subscription_waits"
        assert boss.post("/sources/sns/topics", {"arn": sns.TOPIC}).status_code == 200
        assert states() == ["confirming"]
        confirm_topics(app, outgoing, lambda: hand.at)
        assert states() == ["confirmed"]
        assert code(sns.notification(cases("sns")[0]["opens"]["Message"], MessageId="m2")) == "new"
        outgoing.close()
    [incident] = boss.seen("/incidents")["items"]
    assert incident["source"] == "guardduty"
    fetched, confirmed = server.requests
    assert (fetched.method, fetched.path, fetched.headers["host"]) == ("GET", CERTIFICATE_PATH, NAME)
    assert (confirmed.method, confirmed.headers["host"]) == ("GET", NAME)
    assert sns.TOKEN in confirmed.path
