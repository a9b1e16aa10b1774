"""Web Push to a push service of the tests, which decrypts what it gets."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from incident.channels import MAKERS, Means, registry, send
from incident.channels.push import Push, encoded, encrypt, make, new_signing_key, public_key_of
from incident.core.notifications.message import DeliveryError, Link, Message
from incident.outgoing import Outgoing
from tests.device import Device
from tests.receivers import receiver

MakeMessage = Callable[..., Message]

# RFC 8291 appendix A
PLAIN = b"When I grow up, I want to be a watermelon"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQp"
    "u6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def push() -> Push:
    return Push(Outgoing(allow_private=True, connect_limit=5.0, whole_limit=1.0), "https://incident.example")


@pytest.fixture
def to(make_message: MakeMessage, device: Device) -> MakeMessage:
    """A message to the device at an address."""

    def made(url: str, **more: Any) -> Message:
        keys = {"point": device.point, "auth": device.auth, "signing": new_signing_key()[1]}
        link = Link("Open", "https://incident.example/inbox")
        usual: dict[str, Any] = {"channel": "push", "address": f"{url}/push/secret-part-of-it", "links": (link,)}
        return make_message(**{**usual, "secret": json.dumps(keys), "subject": "您有新的通知", **more})

    return made


def test_the_encryption_is_that_of_the_standards_own_example() -> None:
    own = ec.derive_private_key(int.from_bytes(raw(SENDER), "big"), ec.SECP256R1())
    assert encoded(encrypt(PLAIN, POINT, AUTH, raw(SALT), own)) == SEALED


def test_the_device_reads_words_and_address_and_the_service_reads_neither(
    push: Push, to: MakeMessage, device: Device
) -> None:
    with receiver(status=201, body=b"") as service:
        assert send(push, to(service.url)).detail == "201"
    came = service.requests[0]
    assert (came.method, came.path) == ("POST", "/push/secret-part-of-it")
    assert (came.headers["ttl"], came.headers["urgency"]) == ("86400", "high")
    assert came.headers["content-encoding"] == "aes128gcm"
    shown = json.loads(device.read(came.body))
    assert (shown["title"], shown["url"]) == ("您有新的通知", "https://incident.example/inbox")
    assert set(shown) == {"id", "title", "url", "language"}
    assert b"inbox" not in came.body


def test_a_retry_has_the_same_topic_so_that_the_service_keeps_one(push: Push, to: MakeMessage) -> None:
    with receiver(status=201, body=b"") as service:
        for _ in range(2):
            push.send(to(service.url))
    first, second = (one.headers["topic"] for one in service.requests)
    assert (first, len(first)) == (second, 32)


def test_the_service_can_verify_who_sent_it(push: Push, to: MakeMessage) -> None:
    with receiver(status=201, body=b"") as service:
        push.send(to(service.url))
        url = service.url
    scheme, token, key = service.requests[0].headers["authorization"].replace(",", "").split()
    assert scheme == "vapid"
    head, claims, signature = token.removeprefix("t=").split(".")
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(key.removeprefix("k=")))
    r, s = (int.from_bytes(raw(signature)[part], "big") for part in (slice(32), slice(32, 64)))
    point.verify(encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    said = json.loads(raw(claims))
    assert (said["aud"], said["sub"]) == (url, "https://incident.example")
    assert 0 < said["exp"] - datetime(2026, 11, 21, 3, tzinfo=UTC).timestamp() < 24 * 3600


@pytest.mark.parametrize(
    ("status", "is_permanent", "is_gone"),
    [
        (404, True, True),
        (410, True, True),
        (400, True, False),
        (403, True, False),
        (413, True, False),
        (302, False, False),
        (429, False, False),
        (503, False, False),
    ],
)
def test_each_refusal_has_its_meaning(
    push: Push, to: MakeMessage, status: int, is_permanent: bool, is_gone: bool
) -> None:
    headers = {"Retry-After": "120"}
    with receiver(status=status, body=b"no", headers=headers) as service, pytest.raises(DeliveryError) as caught:
        send(push, to(service.url))
    assert (caught.value.permanent, caught.value.is_gone) == (is_permanent, is_gone)
    assert caught.value.retry_after == (120.0 if status in (429, 503) else None)
    assert "secret-part" not in caught.value.detail


def test_a_service_that_never_answers_is_tried_again(push: Push, to: MakeMessage) -> None:
    with receiver(behave=lambda handler: handler.receiver.ended.wait(3)) as service:
        with pytest.raises(DeliveryError) as caught:
            push.send(to(service.url))
        service.ended.set()
    assert not caught.value.permanent


def test_an_inward_address_is_not_asked(to: MakeMessage) -> None:
    with receiver() as service, pytest.raises(DeliveryError):
        Push(Outgoing(), "https://incident.example").send(to(service.url))
    assert service.requests == []


@pytest.mark.parametrize("secret", ["", "{}", '{"point": "x", "auth": "y", "signing": "z"}', "[]"])
def test_broken_keys_are_a_permanent_fault(push: Push, to: MakeMessage, secret: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        push.send(to("https://push.example", secret=secret))
    assert caught.value.permanent


def test_nothing_longer_than_services_take_is_sent(push: Push, to: MakeMessage) -> None:
    with pytest.raises(DeliveryError) as caught:
        push.send(to("https://push.example", subject="x" * 4_000))
    assert caught.value.permanent
    assert len(encrypt(b"x" * 3_900, POINT, AUTH)) <= 4096


def test_a_new_key_has_both_parts() -> None:
    public, private = new_signing_key()
    assert public == public_key_of(private)
    assert len(raw(public)) == 65


def test_the_sender_is_the_public_address_or_the_mail_address() -> None:
    means = Means(outgoing=Outgoing(), mail_from="Incident <duty@example.org>", public_url="http://127.0.0.1:8000")
    assert make(means)._sender == "mailto:duty@example.org"
    assert registry(Means(outgoing=Outgoing()))["push"].check_address("https://fcm.googleapis.com/x") is not None
    assert "push" not in MAKERS


def test_the_public_key_is_an_uncompressed_point() -> None:
    public, _ = new_signing_key()
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(public))
    form = serialization.PublicFormat.UncompressedPoint
    assert point.public_bytes(serialization.Encoding.X962, form) == raw(public)
