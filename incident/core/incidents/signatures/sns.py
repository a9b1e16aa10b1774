"""Messages of Amazon SNS: what they sign, from where a certificate may come, and whether a signature is right."""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from incident.core.values.faults import RuleError

NOTIFICATION: Final = "Notification"
SUBSCRIPTION: Final = "SubscriptionConfirmation"
END_OF_SUBSCRIPTION: Final = "UnsubscribeConfirmation"
MAX_AGE: Final = timedelta(hours=1)
MAX_AHEAD: Final = timedelta(minutes=5)
ARN_LIMIT: Final = 350
KEY_LEAST: Final = 2048
"""Bits of an RSA key."""

_HOST: Final = r"sns\.[a-z0-9-]{3,40}\.amazonaws\.com(?:\.cn)?"
_CERTIFICATE_URL = re.compile(rf"https://{_HOST}/[A-Za-z0-9._-]{{1,200}}\.pem", re.ASCII)
_SUBSCRIBE_URL = re.compile(rf"https://{_HOST}/\?[!-~]{{1,2000}}", re.ASCII)
_ARN = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]{3,40}:[0-9]{12}:[A-Za-z0-9_.-]{1,256}", re.ASCII)
_NAME = re.compile(r"sns(?:\.[a-z0-9-]{3,40})?\.amazonaws\.com(?:\.cn)?", re.ASCII)
_HASHES: Final = {"1": hashes.SHA1, "2": hashes.SHA256}
_SIGNED: Final = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIPTION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    END_OF_SUBSCRIPTION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_NEEDED: Final = ("MessageId", "Message", "Timestamp", "TopicArn", "Signature", "SignatureVersion", "SigningCertURL")


@dataclass(frozen=True, slots=True)
class SnsMessage:
    """What decides whether a message is accepted; `signed` is the text that its signature covers."""

    type: str
    message_id: str
    topic: str
    version: str
    signature: bytes
    signed: bytes
    certificate_url: str
    subscribe_url: str | None = None


def read_sns_message(payload: object, now: datetime) -> SnsMessage:
    """Return the parts of a message that decide about it; nothing is believed yet.

    Args:
        payload: the values of its JSON.
        now: when it was received (UTC).

    Raises:
        RuleError: `sns.no_message`, `sns.version`, `signature.missing`, `sns.certificate_address`,
            `sns.out_of_time`, `sns.subscribe_address` (forbidden).
    """
    if not isinstance(payload, dict) or payload.get("Type") not in tuple(_SIGNED):
        raise RuleError("sns.no_message", {"types": ", ".join(_SIGNED)})
    kind = str(payload["Type"])
    found = {name: _text(payload, name) for name in (*_NEEDED, *_SIGNED[kind]) if name != "Subject"}
    if payload.get("Subject") is not None:
        found["Subject"] = _text(payload, "Subject")
    if found["SignatureVersion"] not in _HASHES:
        raise _refused("sns.version", versions=", ".join(_HASHES))
    if not _CERTIFICATE_URL.fullmatch(found["SigningCertURL"]):
        raise _refused("sns.certificate_address")
    _require_recent(found["Timestamp"], now)
    return SnsMessage(
        type=kind,
        message_id=found["MessageId"],
        topic=require_topic(found["TopicArn"], "/TopicArn"),
        version=found["SignatureVersion"],
        signature=_signature(found["Signature"]),
        signed="".join(f"{name}\n{found[name]}\n" for name in _SIGNED[kind] if name in found).encode(),
        certificate_url=found["SigningCertURL"],
        subscribe_url=_subscribe_url(found) if kind == SUBSCRIPTION else None,
    )


def _refused(code: str, **arguments: object) -> RuleError:
    return RuleError(code, arguments, kind="forbidden")


def _text(payload: dict[str, Any], name: str) -> str:
    value = payload.get(name)
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise RuleError("document.not_a_text", pointer=f"/{name}") from None
        return value
    if name == "Signature":
        raise _refused("signature.missing", header=name)
    raise RuleError("document.not_a_text" if name in payload else "document.missing", pointer=f"/{name}")


def require_topic(arn: str, pointer: str = "") -> str:
    """Return the name of a topic; raises RuleError `sns.malformed_topic`."""
    if len(arn) <= ARN_LIMIT and _ARN.fullmatch(arn):
        return arn
    raise RuleError("sns.malformed_topic", {"example": "arn:aws:sns:us-east-1:111122223333:alerts"}, pointer=pointer)


def _signature(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise _refused("signature.wrong") from None


def _require_recent(text: str, now: datetime) -> None:
    try:
        at = datetime.fromisoformat(text)
        age = now - (at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise RuleError("moment.malformed", {"example": "2026-11-21T08:30:00.000Z"}, pointer="/Timestamp") from None
    if not -MAX_AHEAD <= age <= MAX_AGE:
        raise _refused("sns.out_of_time", minutes=int(MAX_AGE.total_seconds() // 60))


def _subscribe_url(found: dict[str, str]) -> str:
    """Return the address that confirms a subscription; it must be one of SNS and confirm this very one."""
    url = found["SubscribeURL"]
    if not is_subscribe_url(url, found["TopicArn"]) or parse_qs(urlsplit(url).query).get("Token") != [found["Token"]]:
        raise _refused("sns.subscribe_address")
    return url


def is_subscribe_url(url: str, topic: str) -> bool:
    """Whether an address is one of SNS that confirms a subscription of a topic, and nothing else."""
    query = parse_qs(urlsplit(url).query) if _SUBSCRIBE_URL.fullmatch(url) else {}
    return query.get("Action") == ["ConfirmSubscription"] and query.get("TopicArn") == [topic]


def verify_sns_message(message: SnsMessage, certificate: bytes, now: datetime) -> None:
    """Raise RuleError unless the key of a certificate has signed a message.

    Args:
        message: the message.
        certificate: in PEM, from the address that the message names.
        now: when the message was received (UTC).

    Raises:
        RuleError: `sns.certificate`, `signature.wrong` (forbidden).
    """
    key = _trusted_key(certificate, now)
    try:
        key.verify(message.signature, message.signed, PKCS1v15(), _HASHES[message.version]())
    except InvalidSignature:
        raise _refused("signature.wrong") from None


def _trusted_key(pem: bytes, now: datetime) -> RSAPublicKey:
    """Return the key of a certificate that is of SNS and valid now; raises RuleError `sns.certificate`."""
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
        is_named = any(_NAME.fullmatch(name) for name in _names(certificate))
    except (ValueError, TypeError):
        raise _refused("sns.certificate") from None
    is_valid = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    if not (isinstance(key, RSAPublicKey) and key.key_size >= KEY_LEAST and is_named and is_valid):
        raise _refused("sns.certificate")
    return key


def _names(certificate: x509.Certificate) -> list[str]:
    """Return the host names that a certificate is for; without any, its common name."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return found.value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        return [str(one.value) for one in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
