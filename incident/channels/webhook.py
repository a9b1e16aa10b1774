"""Signed webhooks after Standard Webhooks (https://www.standardwebhooks.com), one request per message."""

import base64
import hashlib
import hmac
import json
from datetime import UTC

from incident.channels.answer import quoted, refusal
from incident.channels.channel import Means
from incident.core.delivery.delivery_profile import MACHINE
from incident.core.notifications.contact import Signing
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.outgoing import Outgoing, OutgoingError, url_fault

SECRET_PREFIX = "whsec_"  # noqa: S105 -- the prefix is no secret
_SECRET_BYTES = (24, 64)
_ANSWER_LIMIT = 1 << 16
_GONE = frozenset({410})
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Webhook:
    """Posts the message as JSON to the contact's address, signed with the contact's secret."""

    name = "webhook"
    is_leaving = True
    signing: Signing = "made"
    is_address_secret = False
    delivery_profile = MACHINE

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    def check_address(self, address: str | None) -> str | None:
        """The codes of `incident.outgoing.url_fault`."""
        return url_fault(address or "")

    def send(self, message: Message) -> Accepted:
        """Post once; 2xx is accepted, 410 means that the receiver is gone; 3xx, 408, 425, 429, 5xx may be retried."""
        body = body_of(message)
        try:
            answer = self._outgoing.request(
                "POST", message.address or "", _headers(message, body), body, body_limit=_ANSWER_LIMIT
            )
        except OutgoingError as error:
            raise DeliveryError(error.detail, permanent=error.permanent) from None
        if not 200 <= answer.status < 300:
            raise refusal(answer, message, _GONE)
        return Accepted(quoted(answer, message), is_delivered=True)


def make(means: Means) -> Webhook:
    """Return the webhook channel with the hardened HTTP client."""
    return Webhook(means.outgoing)


def new_webhook_secret(random_bytes: bytes) -> str:
    """A secret `whsec_...` from 24 to 64 random bytes, 32 being usual; raises ValueError for another number."""
    return SECRET_PREFIX + base64.b64encode(_of_right_length(random_bytes)).decode("ascii")


def sign(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """One signature of the header `webhook-signature`: `v1,` and the HMAC-SHA256 over `id.timestamp.body`, in Base64.

    `timestamp` is in whole seconds since 1970. Raises ValueError if the secret is not one of ours.
    """
    key = _key(secret)
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode("ascii")


def body_of(message: Message) -> bytes:
    """The JSON body; the same bytes on every try."""
    timestamp = message.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    content = {"type": message.type, "timestamp": timestamp, "data": dict(message.data)}
    return _WRITER.encode(content).encode("utf-8", "replace")


def _key(secret: str) -> bytes:
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError("a webhook secret begins with whsec_")
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        raise ValueError("a webhook secret is Base64 after whsec_") from None
    return _of_right_length(key)


def _of_right_length(key: bytes) -> bytes:
    if not _SECRET_BYTES[0] <= len(key) <= _SECRET_BYTES[1]:
        raise ValueError("a webhook secret has 24 to 64 bytes")
    return key


def _headers(message: Message, body: bytes) -> dict[str, str]:
    timestamp = int(message.sent_at.timestamp())
    # While a secret is being changed both count: the receiver accepts the message when either signature fits.
    valid = [message.secret or "", *filter(None, [message.old_secret])]
    try:
        signature = " ".join(sign(secret, message.webhook_id, timestamp, body) for secret in valid)
    except ValueError:
        raise DeliveryError("the contact has no usable secret to sign with", permanent=True) from None
    return {
        "Content-Type": "application/json",
        "webhook-id": message.webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
