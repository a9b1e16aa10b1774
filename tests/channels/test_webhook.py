"""Signed webhooks to real servers."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.channels import Channel, send
from incident.channels.answer import retry_after
from incident.channels.webhook import Webhook, body_of, new_webhook_secret, sign
from incident.core.notifications.message import DeliveryError, Message
from incident.outgoing import Outgoing
from tests import receivers
from tests.channels.conftest import SECRET
from tests.receivers import receiver

MakeMessage = Callable[..., Message]
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture
def webhook() -> Webhook:
    return Webhook(Outgoing(allow_private=True, connect_limit=5.0, whole_limit=5.0))


def refusal(webhook: Webhook, message: Message) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        webhook.send(message)
    for secret in (SECRET.removeprefix("whsec_"), "hushhush", "Q0ZCSk9QUVJTVFVWV1hZ"):
        assert secret not in caught.value.detail
    return caught.value


def test_the_body_has_type_timestamp_and_data_and_nothing_else(webhook: Webhook, make_message: MakeMessage) -> None:
    with receiver(status=204, body=b"") as server:
        assert webhook.send(make_message(address=server.url + "/hook?key=hushhush")).detail == "204"
    came = server.requests[0]
    assert (came.method, came.path, came.headers["content-type"]) == ("POST", "/hook?key=hushhush", "application/json")
    assert came.json == {
        "type": "notice.created",
        "timestamp": "2026-11-21T03:00:00Z",
        "data": dict(make_message().data),
    }


def test_a_receiver_can_verify_the_signature_from_what_it_gets(webhook: Webhook, make_message: MakeMessage) -> None:
    with receiver() as server:
        webhook.send(make_message(address=server.url))
    came = server.requests[0]
    signed = f"{came.headers['webhook-id']}.{came.headers['webhook-timestamp']}.".encode() + came.body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert came.headers["webhook-signature"] == f"v1,{expected}"
    assert came.headers["webhook-timestamp"] == "1795230007"


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_retry_has_the_same_id_and_body_and_its_own_timestamp(webhook: Webhook, make_message: MakeMessage) -> None:
    with receiver() as server:
        webhook.send(make_message(address=server.url))
        webhook.send(make_message(address=server.url, sent_at=datetime(2026, 11, 21, 4, 0, tzinfo=UTC)))
    first, second = server.requests
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_accepted_with_what_the_receiver_said(
    webhook: Webhook, make_message: MakeMessage, status: int
) -> None:
    with receiver(status=status, body=b"" if status == 204 else b"taken\r\nas T-1") as server:
        detail = webhook.send(make_message(address=server.url)).detail
    assert detail == ("204" if status == 204 else f"{status} taken as T-1")


@pytest.mark.parametrize(
    ("status", "permanent", "is_gone"),
    [
        (301, False, False),
        (302, False, False),
        (307, False, False),
        (400, True, False),
        (401, True, False),
        (404, True, False),
        (408, False, False),
        (410, True, True),
        (422, True, False),
        (425, False, False),
        (429, False, False),
        (500, False, False),
        (502, False, False),
        (503, False, False),
        (599, False, False),
    ],
)
def test_what_a_status_means(
    webhook: Webhook, make_message: MakeMessage, status: int, permanent: bool, is_gone: bool
) -> None:
    with receiver() as inner, receiver(status=status, headers={"Location": inner.url}) as server:
        error = refusal(webhook, make_message(address=server.url + "/?key=hushhush"))
    assert (error.permanent, error.is_gone) == (permanent, is_gone)
    assert error.is_alive is (400 <= status < 500)
    assert error.detail.startswith(str(status))
    assert inner.requests == []
    if 300 <= status < 400:
        assert error.detail == f"{status}: redirects are not followed"


@pytest.mark.parametrize("status", [408, 425, 429, 503])
def test_retry_after_is_honoured_in_seconds_and_as_a_date(
    webhook: Webhook, make_message: MakeMessage, status: int
) -> None:
    with receiver(status=status, headers={"Retry-After": "120"}) as server:
        assert refusal(webhook, make_message(address=server.url)).retry_after == 120
        server.headers = {"Retry-After": format_datetime(datetime(2026, 11, 21, 3, 1, tzinfo=UTC), usegmt=True)}
        assert refusal(webhook, make_message(address=server.url)).retry_after == pytest.approx(52.1)
        server.headers = {}
        assert refusal(webhook, make_message(address=server.url)).retry_after is None


@given(st.text() | st.integers().map(str))
def test_a_retry_after_that_is_nonsense_is_none(value: str) -> None:
    wished = retry_after({"retry-after": value}, NOW)
    assert wished is None or 0 <= wished < 1e10


def test_a_date_in_the_past_asks_for_no_pause() -> None:
    assert retry_after({"retry-after": "Fri, 20 Nov 2026 00:00:00 GMT"}, NOW) == 0


@pytest.mark.parametrize("behave", [receivers.hang, receivers.drip_body, receivers.drip_headers])
def test_a_receiver_that_never_finishes_is_tried_again(make_message: MakeMessage, behave: Any) -> None:
    hasty = Webhook(Outgoing(allow_private=True, connect_limit=0.5, whole_limit=0.5))
    with receiver(behave=behave) as server:
        error = refusal(hasty, make_message(address=server.url + "/?key=hushhush"))
    assert not error.permanent
    assert "within 0.5 s" in error.detail


def test_a_receiver_that_pours_100_megabytes_has_accepted_and_is_cut_off(make_message: MakeMessage) -> None:
    with receiver(behave=receivers.pour) as server:
        detail = Webhook(Outgoing(allow_private=True)).send(make_message(address=server.url)).detail
    assert detail.startswith("200 xxx")
    assert len(detail) < 500


def test_a_refused_connection_is_tried_again(webhook: Webhook, make_message: MakeMessage) -> None:
    address = f"http://127.0.0.1:{receivers.closed_port()}/?key=hushhush"
    assert not refusal(webhook, make_message(address=address)).permanent


def test_a_bad_certificate_is_tried_again_and_said(webhook: Webhook, make_message: MakeMessage, tmp_path: Path) -> None:
    with receiver(tls=receivers.authority(tmp_path).server_context) as server:
        error = refusal(webhook, make_message(address=server.url))
    assert not error.permanent
    assert "certificate" in error.detail


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_private_address_is_never_tried_again_while_private_is_off(make_message: MakeMessage, host: str) -> None:
    with receiver(host=host) as server:
        error = refusal(Webhook(Outgoing()), make_message(address=server.url))
    assert error.permanent
    assert "loopback" in error.detail
    assert server.requests == []


def test_what_a_receiver_sends_back_of_the_message_is_not_quoted(webhook: Webhook, make_message: MakeMessage) -> None:
    def mirror(handler: receivers.Handler) -> None:
        content = handler.receiver.requests[-1].body.replace(b"/", b"\\/")
        handler.send_response(400)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    with receiver(behave=mirror) as server:
        message = make_message(address=server.url)
        detail = refusal(webhook, message).detail
        token = str(message.data["acknowledge_url"]).rpartition("/")[2]
        assert detail.startswith("400 {")
        assert token not in detail
    with receiver(status=400, body=f"bad signature with {SECRET}".encode()) as server:
        assert refusal(webhook, make_message(address=server.url)).detail == "400 bad signature with …"


def test_nothing_of_an_address_but_its_host_stands_in_what_came_of_a_message(
    webhook: Webhook, make_message: MakeMessage
) -> None:
    def tell(handler: receivers.Handler) -> None:
        path = handler.receiver.requests[-1].path
        content = f"Cannot POST {path} of {path.upper()}: quokka wombat%2Fbilby wombat/bilby".encode()
        handler.send_response(404)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    with receiver(behave=tell) as server:
        message = make_message(address=f"{server.url}/quokka?key=wombat%2Fbilby")
        with pytest.raises(DeliveryError) as caught:
            send(webhook, message)
    shown = str(caught.value) + caught.value.detail
    assert not [word for word in ("quokka", "wombat", "bilby") if word in shown.lower()], shown


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("duty@cert.example", "550 5.1.1 <Duty@CERT.example>: Recipient address rejected"),
        ("+86 138-0000-0000", "400 unknown number 8613800000000"),
        ("https://robot.example/send?key=abcdef-123456", "fault in abcdef-123456"),
    ],
)
def test_what_a_channel_says_is_shown_without_the_address(make_message: MakeMessage, address: str, said: str) -> None:
    class Refusing:
        def send(self, _message: Message) -> None:
            raise DeliveryError(said, permanent=True)

    with pytest.raises(DeliveryError) as caught:
        send(cast(Channel, Refusing()), make_message(address=address))
    assert "…" in caught.value.detail
    assert not re.search("duty|8613800000000|abcdef", str(caught.value), re.IGNORECASE)


@pytest.mark.parametrize("secret", [None, "", "hushhush", "whsec_", "whsec_?hushhush"])
def test_without_a_usable_secret_nothing_is_sent(
    webhook: Webhook, make_message: MakeMessage, secret: str | None
) -> None:
    with receiver() as server:
        error = refusal(webhook, make_message(address=server.url, secret=secret))
    assert error.permanent
    assert server.requests == []


def test_a_new_secret_is_base64_after_its_prefix() -> None:
    secret = new_webhook_secret(bytes(range(32)))
    assert secret.startswith("whsec_")
    assert base64.b64decode(secret.removeprefix("whsec_")) == bytes(range(32))
    for length in (0, 23, 65):
        with pytest.raises(ValueError, match="24 to 64"):
            new_webhook_secret(bytes(length))


def test_the_body_can_be_encoded_whatever_is_in_it(make_message: MakeMessage) -> None:
    assert json.loads(body_of(make_message(data={"title": "\ud800\x00<>&"})))["data"]["title"] == "?\x00<>&"


def test_an_address_is_checked_when_a_contact_is_made(webhook: Webhook) -> None:
    assert webhook.check_address("https://a.example/hook") is None
    assert webhook.check_address("http://10.0.0.1:8080/hook") is None
    assert webhook.check_address(None) == "address.missing"
    assert webhook.check_address("duty@a.example") == "address.not_http"
    assert webhook.check_address("https://user:secret@a.example") == "address.has_userinfo"


def test_while_a_secret_is_changed_the_message_is_signed_with_both(webhook: Webhook, make_message: MakeMessage) -> None:
    old = new_webhook_secret(bytes(32))
    with receiver(status=400, body=f"{old}".encode()) as server:
        assert refusal(webhook, make_message(address=server.url, old_secret=old)).detail == "400 …"
    came = server.requests[0].headers
    timestamp, body = int(came["webhook-timestamp"]), server.requests[0].body
    expected = [sign(secret, came["webhook-id"], timestamp, body) for secret in (SECRET, old)]
    assert came["webhook-signature"].split(" ") == expected
