"""Amazon SNS for tests: messages that are really signed, and the certificate of their key."""

import base64
import datetime as dt
from functools import cache
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

AT = dt.datetime(2026, 11, 21, 8, 30, tzinfo=dt.UTC)
HOST = "https://sns.us-east-1.amazonaws.com"
CERTIFICATE_URL = f"{HOST}/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.pem"
TOPIC = "arn:aws:sns:us-east-1:111122223333:security"
TOKEN = "2336412f37fb687f5d51e6e2425c464ae1c6d7d2c2f1e0"  # the form of one, of no use


@cache
def key(size: int) -> rsa.RSAPrivateKey:
    """The key of SNS; made once, as that takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


@cache
def certificate(
    name: str = "sns.amazonaws.com", days: int = 30, has_alternative: bool = True, size: int = 2048
) -> bytes:
    """A certificate for a host name in PEM, valid for some days from a day before `AT` on."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = AT - dt.timedelta(days=abs(days))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key(size).public_key())
        .serial_number(7)
        .not_valid_before(begin)
        .not_valid_after(AT + dt.timedelta(days=days) if days > 0 else begin + dt.timedelta(hours=1))
    )
    if has_alternative:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return made.sign(key(size), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def notification(message: str, at: dt.datetime = AT, **changed: Any) -> dict[str, Any]:
    """A notification of a topic, signed."""
    return signed({"Type": "Notification", "Message": message, "Subject": "Finding"} | changed, at)


def subscription(at: dt.datetime = AT, kind: str = "SubscriptionConfirmation", **changed: Any) -> dict[str, Any]:
    """The message that asks for, or ends, a subscription, signed."""
    topic = changed.get("TopicArn", TOPIC)
    url = f"{HOST}/?Action=ConfirmSubscription&TopicArn={quote(topic, safe='')}&Token={TOKEN}"
    facts = {"Type": kind, "Message": "You have chosen to subscribe.", "Token": TOKEN, "SubscribeURL": url}
    return signed(facts | changed, at)


def signed(facts: dict[str, Any], at: dt.datetime = AT, version: str = "2") -> dict[str, Any]:
    """A message with the signature over its members, as the documentation of SNS describes it."""
    message = {
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": f"{HOST}/?Action=Unsubscribe",
    } | facts
    names = (
        ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
        if message["Type"] == "Notification"
        else ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    )
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    algorithm = hashes.SHA1() if message["SignatureVersion"] == "1" else hashes.SHA256()
    mark = key(2048).sign(text.encode(), padding.PKCS1v15(), algorithm)
    return message | {"Signature": base64.b64encode(mark).decode()}
