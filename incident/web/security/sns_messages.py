"""Messages of Amazon SNS: verified by the key of their certificate before anything else reads them."""

import datetime as dt
from collections.abc import Callable
from typing import Final

import flask

from incident.actions.incidents.signed_messages import new_message
from incident.actions.incidents.sns_topics import accept_message
from incident.core.incidents.alert import Ignored
from incident.core.incidents.signatures.sns import SnsMessage, read_sns_message, verify_sns_message
from incident.core.values.faults import RuleError
from incident.outgoing import Outgoing, OutgoingError
from incident.sources.payload import decode_json
from incident.web.instance import is_demonstration, now
from incident.web.security.auth import require_caller
from incident.web.security.sender_signatures import count_refused, remember_later

SNS: Final = "sns"
EXTENSION: Final = "incident_sns_certificates"
KEPT_FOR: Final = dt.timedelta(hours=24)
MAX_KEPT: Final = 20
FETCH_LIMIT: Final = 5.0
"""Seconds for a certificate: SNS waits 15 for an answer."""
SIZE_LIMIT: Final = 1 << 16

Fetch = Callable[[str], bytes]


class Certificates:
    """The certificates of SNS by address, each fetched once a day; one that could not be fetched is asked again."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._kept: dict[str, tuple[bytes, dt.datetime]] = {}

    def certificate(self, url: str, at: dt.datetime) -> bytes:
        """Return a certificate in PEM; raises OutgoingError."""
        kept = self._kept.get(url)
        if kept is not None and at - kept[1] < KEPT_FOR:
            return kept[0]
        found = self._fetch(url)
        if len(self._kept) >= MAX_KEPT:
            self._kept = {}
        self._kept[url] = (found, at)
        return found

    def forget(self, url: str) -> None:
        """Have a certificate fetched again that was not right."""
        self._kept.pop(url, None)


def register(app: flask.Flask, outgoing: Outgoing) -> None:
    """Fetch certificates by the hardened client of an app."""

    def fetch(url: str) -> bytes:
        answer = outgoing.request("GET", url, body_limit=SIZE_LIMIT, within=FETCH_LIMIT)
        if answer.status != 200:
            raise RuleError("sns.certificate_unreachable", kind="unavailable")
        return answer.body

    app.extensions[EXTENSION] = Certificates(fetch)


def accept_sns_message(body: bytes) -> Ignored | None:
    """Verify the message of this request, and return why it is no alert, None for one with an alert.

    Raises:
        RuleError: as `read_sns_message`, `verify_sns_message` and `accept_message`; `signature.replayed` (conflict),
            `sns.certificate_unreachable` (unavailable), or that the body is not JSON.
    """
    try:
        message = read_sns_message(decode_json(body), now())
        _verify(message)
    except RuleError as fault:
        count_refused(SNS, fault)
        raise
    remember_later(SNS, new_message(SNS, message.message_id))
    return accept_message(message, require_caller().actor, now())


def _verify(message: SnsMessage) -> None:
    certificates: Certificates = flask.current_app.extensions[EXTENSION]
    if is_demonstration():  # nothing leaves it
        raise RuleError("sns.certificate_unreachable", kind="unavailable")
    try:
        certificate = certificates.certificate(message.certificate_url, now())
    except OutgoingError:
        raise RuleError("sns.certificate_unreachable", kind="unavailable") from None
    try:
        verify_sns_message(message, certificate, now())
    except RuleError as fault:
        if fault.code == "sns.certificate":
            certificates.forget(message.certificate_url)
        raise
