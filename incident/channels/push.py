"""Notifications on the devices of a person by Web Push (RFC 8030), encrypted (RFC 8291) and signed (RFC 8292).

The push service of a browser learns that a message came, when and how long it is; it cannot read it.
"""

import base64
import hashlib
import json
import os
from email.utils import parseaddr

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from incident.channels.answer import ANSWER_LIMIT, quoted, refusal
from incident.channels.channel import Means
from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.core.delivery.rate_limit import Limit
from incident.core.notifications.contact import Signing
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.outgoing import Outgoing, OutgoingError, origin_of

TIME_TO_LIVE = 24 * 3600
"""How long (s) a push service keeps a message for a device that is off."""

TOKEN_LIVES = 12 * 3600
"""How long (s) a signature is valid; RFC 8292 section 2 allows 24 hours."""

RECORD_SIZE = 4096
"""Bytes that every push service accepts (RFC 8030 section 7.2)."""

_SALT_SIZE, _TAG_SIZE, _KEY_SIZE, _NONCE_SIZE = 16, 16, 16, 12
_COORDINATE = 32
_GONE = frozenset({404, 410})
_CURVE = ec.SECP256R1()


class Push:
    """Posts that there is a message, and its address, to the push service of a device.

    Args:
        outgoing: the HTTP client.
        sender: whom a push service may contact, as `mailto:` or `https:` (RFC 8292 section 2.1).
    """

    name = "push"
    is_leaving = True
    signing: Signing = "none"
    is_address_secret = True
    delivery_profile = DeliveryProfile(is_read=True, limit=Limit(12, 4))

    def __init__(self, outgoing: Outgoing, sender: str) -> None:
        self._outgoing = outgoing
        self._sender = sender

    def check_address(self, address: str | None) -> str | None:
        """The code `address.of_device`: only the browser of a device knows its address."""
        return "address.of_device"

    def send(self, message: Message) -> Accepted:
        """Post once; 404 and 410 mean that the device is gone, 3xx, 408, 425, 429 and 5xx may be retried."""
        endpoint = message.address or ""
        try:
            keys = json.loads(message.secret or "")
            body = encrypt(content_of(message), keys["point"], keys["auth"])
            headers = self._headers(message, endpoint, keys["signing"])
            answer = self._outgoing.request("POST", endpoint, headers, body, body_limit=ANSWER_LIMIT)
        except OutgoingError as error:
            raise DeliveryError(error.detail, permanent=error.permanent) from None
        except (ValueError, KeyError, TypeError):
            raise DeliveryError("the keys of the device cannot be used", permanent=True) from None
        if not 200 <= answer.status < 300:
            raise refusal(answer, message, _GONE)
        return Accepted(quoted(answer, message))

    def _headers(self, message: Message, endpoint: str, key: str) -> dict[str, str]:
        claims: dict[str, str | int] = {
            "aud": origin_of(endpoint),
            "exp": int(message.sent_at.timestamp()) + TOKEN_LIVES,
            "sub": self._sender,
        }
        # Of one message that is sent twice, a service that still keeps the first replaces it.
        topic = encoded(hashlib.sha256(message.webhook_id.encode()).digest())[:32]
        return {
            "Authorization": f"vapid t={signed_token(claims, key)}, k={public_key_of(key)}",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(TIME_TO_LIVE),
            "Topic": topic,
            "Urgency": "high",
        }


def make(means: Means) -> Push:
    """Return the channel; the public address names the sender where it is one of HTTPS, else the mail address."""
    is_public = means.public_url.startswith("https://")
    return Push(means.outgoing, means.public_url if is_public else f"mailto:{parseaddr(means.mail_from)[1]}")


def content_of(message: Message) -> bytes:
    """Return what the device shows: the words, and the address that a touch opens."""
    url = message.links[0].url if message.links else ""
    content = {"id": message.webhook_id, "title": message.subject, "url": url, "language": message.language}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def new_signing_key() -> tuple[str, str]:
    """Return a new key that signs for this instance: its public and its private part."""
    number = ec.generate_private_key(_CURVE).private_numbers().private_value
    private = encoded(number.to_bytes(_COORDINATE, "big"))
    return public_key_of(private), private


def public_key_of(private: str) -> str:
    """Return the public part of a signing key, as browsers take it; raises ValueError."""
    return encoded(_point(_private_key(private)))


def signed_token(claims: dict[str, str | int], private: str) -> str:
    """Return claims signed with ES256 (RFC 7515, RFC 7518 section 3.4)."""
    parts = [{"typ": "JWT", "alg": "ES256"}, claims]
    text = ".".join(encoded(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    r, s = decode_dss_signature(_private_key(private).sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{text}.{encoded(r.to_bytes(_COORDINATE, 'big') + s.to_bytes(_COORDINATE, 'big'))}"


def encrypt(
    content: bytes,
    point: str,
    auth: str,
    salt: bytes | None = None,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Encrypt for one device (RFC 8291 section 3.4, in one record of RFC 8188).

    Args:
        content: what only the device may read.
        point: the public key of its subscription.
        auth: the shared secret of its subscription.
        salt: 16 bytes, random unless given.
        own: the key of the sender for this message alone, new unless given.

    Raises:
        ValueError: when a key is malformed, or the content too long.
    """
    salt, own = salt or os.urandom(_SALT_SIZE), own or ec.generate_private_key(_CURVE)
    theirs, ours = decoded(point), _point(own)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, theirs))
    secret = _derive(shared, decoded(auth), b"WebPush: info\0" + theirs + ours, 32)
    key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", _KEY_SIZE)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", _NONCE_SIZE)
    head = salt + RECORD_SIZE.to_bytes(4, "big") + bytes([len(ours)]) + ours
    sealed = AESGCM(key).encrypt(nonce, content + b"\2", None)  # 2 ends the last record
    if len(head) + len(sealed) > RECORD_SIZE:
        raise ValueError("too long for a push service")
    return head + sealed


def encoded(content: bytes) -> str:
    """Return bytes in unpadded Base64 for addresses."""
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")


def decoded(text: str) -> bytes:
    """Return the bytes of unpadded Base64 for addresses; raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _private_key(private: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decoded(private), "big"), _CURVE)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PublicFormat.UncompressedPoint
    return key.public_key().public_bytes(serialization.Encoding.X962, form)
