"""Sends anchors of the journal: a signed head, once a day, to every destination of the settings."""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from cryptography.x509 import Certificate
from flask import Flask

from incident.actions.journal import anchors
from incident.actions.journal.anchors import MAX_TIME_STAMP, AnchorOutcome
from incident.certifying import BadKey, CertificateKey, anchor_of
from incident.channels import Channel
from incident.channels.webhook import body_of, sign
from incident.core.journal.anchor import Place
from incident.core.journal.chain import Head
from incident.core.notifications.message import DeliveryError, Message
from incident.formats.anchors import attachments_of, data_of, write_anchor
from incident.formats.messages import Catalogues
from incident.formats.time_stamps import QUERY_TYPE, REPLY_TYPE, BadTimeStamp, accept, load_roots, request_of
from incident.node import NODE
from incident.outgoing import Outgoing, OutgoingError
from incident.store.db.database import db
from incident.store.operations import instance

log = structlog.get_logger()

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class AnchorSender:
    """Sends one head to destinations; stateless.

    Args:
        where: the address of this instance.
        mail: the channel for mails.
        outgoing: the HTTP client for webhooks and time stamps.
        key_path: the file of the signing key.
        catalogues: the translations of each language.
        secret: signs webhooks, None leaves them unsigned.
        roots_file: certificates of time-stamp authorities; without it their signatures are not verified.
    """

    where: str
    mail: Channel
    outgoing: Outgoing
    key_path: Path
    catalogues: Catalogues
    secret: str | None = field(default=None, repr=False)
    roots_file: Path | None = None

    def sign(self, head: Head, node: str, now: datetime) -> Json:
        """Return the signed head; raises OSError, ValueError or BadKey when the key cannot be read."""
        return anchor_of(CertificateKey.load(self.key_path), head, self.where, node, now)

    def stamp(self, place: Place, head: Head) -> AnchorOutcome:
        """Request a time stamp of a head from an authority."""
        try:
            return AnchorOutcome(place, True, "stamped", self._stamp(place, head))
        except (OutgoingError, BadTimeStamp, OSError, ValueError) as error:
            return AnchorOutcome(place, False, str(error) or type(error).__name__)

    def send(self, place: Place, document: Json, head: Head, time_stamp: bytes | None, now: datetime) -> AnchorOutcome:
        """Send a signed head by mail or to a webhook.

        Args:
            place: the destination.
            document: the signed head.
            head: the same head.
            time_stamp: the response of an authority for this head.
            now: the current moment (UTC).
        """
        try:
            return AnchorOutcome(place, True, self._tell(place, self._message(document, head, time_stamp, now)))
        except (OutgoingError, DeliveryError, OSError, ValueError) as error:
            return AnchorOutcome(place, False, str(error) or type(error).__name__)

    def _stamp(self, place: Place, head: Head) -> bytes:
        request = request_of(head)
        headers = {"Content-Type": QUERY_TYPE, "Accept": REPLY_TYPE}
        answer = self.outgoing.request("POST", place.address, headers, request.as_bytes(), body_limit=MAX_TIME_STAMP)
        if not 200 <= answer.status < 300:
            raise BadTimeStamp(f"the authority answered {answer.status}")
        accept(answer.body, request, head, self._roots())
        return answer.body

    def _roots(self) -> list[Certificate]:
        return [] if self.roots_file is None else load_roots(self.roots_file.read_bytes())

    def _tell(self, place: Place, message: Message) -> str:
        if place.kind == "mail":
            return self.mail.send(_to(message, place)).detail
        body, timestamp = body_of(message), int(message.sent_at.timestamp())
        headers = {"Content-Type": "application/json", "webhook-id": message.webhook_id}
        headers["webhook-timestamp"] = str(timestamp)
        if self.secret:
            headers["webhook-signature"] = sign(self.secret, message.webhook_id, timestamp, body)
        answer = self.outgoing.request("POST", place.address, headers, body, body_limit=1 << 12)
        if not 200 <= answer.status < 300:
            raise DeliveryError(str(answer.status), permanent=False)
        return str(answer.status)

    def _message(self, document: Json, head: Head, stamp: bytes | None, now: datetime) -> Message:
        written = write_anchor(document, head, self.where, self.catalogues)
        return Message(
            webhook_id=f"msg_anchor_{head.count}_{secrets.token_hex(4)}",
            type="journal.anchored",
            at=now,
            sent_at=now,
            contact="",
            channel="email",
            address=None,
            subject=written.subject,
            text=written.text,
            attachments=attachments_of(document, head, stamp),
            data=data_of(document, stamp),
        )


def _to(message: Message, place: Place) -> Message:
    return replace(message, address=place.address, contact=place.address)


@dataclass(frozen=True)
class Anchoring:
    """The destinations of anchors, and their sender."""

    places: tuple[Place, ...]
    sender: AnchorSender


def send_anchors(app: Flask, anchoring: Anchoring, now: Callable[[], datetime]) -> bool:
    """Send an anchor to the destinations that are due; in a demonstration nothing is sent.

    Args:
        app: the application.
        anchoring: the destinations and the sender.
        now: reads the moment (UTC).

    Returns:
        Whether anything was sent.
    """
    places, node = anchoring.places, app.extensions[NODE]
    with app.app_context():
        try:
            stays = not places or bool(instance.instance_setting("is_demonstration"))
            if stays or anchors.present_head() is None or not anchors.is_any_due(places, now()):
                return False
            due = anchors.begin_sending(places, node.process(os.getpid()), now())
            head = anchors.present_head()
        finally:
            db.session.remove()
    if not due or head is None:
        return False
    outcomes = send_head(anchoring, due, head, node.host, now())[1]
    with app.app_context():
        anchors.enter_outcomes(head, outcomes, places, now())
        db.session.remove()
    for one in outcomes:
        if not one.is_taken:
            log.error("a destination did not accept an anchor of the journal", place=one.place.name, detail=one.detail)
    return True


def send_head(
    anchoring: Anchoring, due: Sequence[Place], head: Head, host: str, now: datetime
) -> tuple[Json | None, list[AnchorOutcome]]:
    """Sign a head and send it; return the signed head, None when signing fails, and the answers.

    When an authority has stamped the head, every other destination gets it at once, due or not: a time stamp that is
    stored only here proves nothing.

    Args:
        anchoring: all destinations, and the sender.
        due: the destinations of this head.
        head: the head.
        host: the name of the machine.
        now: the current moment (UTC).
    """
    try:
        document = anchoring.sender.sign(head, host, now)
    except (BadKey, OSError, ValueError) as error:
        return None, [AnchorOutcome(one, False, f"the key that signs cannot be read: {error}") for one in due]
    return document, list(_send(anchoring, due, document, head, now))


def _send(
    anchoring: Anchoring, due: Sequence[Place], document: Json, head: Head, now: datetime
) -> Iterator[AnchorOutcome]:
    sender, stamp = anchoring.sender, None
    for place in due:
        if place.kind == "time_stamp":
            outcome = sender.stamp(place, head)
            stamp = outcome.time_stamp or stamp
            yield outcome
    for place in anchoring.places:
        if place.kind != "time_stamp" and (place in due or stamp is not None):
            yield sender.send(place, document, head, stamp, now)
