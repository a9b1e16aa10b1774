"""Text messages to telephones through the HTTP gateway of the settings."""

import json
import re
from typing import Any
from urllib.parse import quote_plus

from incident.channels.answer import ANSWER_LIMIT, PASSING, quoted, retry_after
from incident.channels.channel import Means, SmsGateway
from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.core.delivery.rate_limit import Limit
from incident.core.delivery.sms import fitted
from incident.core.notifications.contact import Signing
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.outgoing import HttpResponse, Outgoing, OutgoingError

PARTS_LIMIT = 4
"""Limit of parts per message: the link alone takes two in Chinese."""

_NUMBER = re.compile(r"\+?[0-9]{5,15}")  # ITU-T E.164 has 15 digits at most
_BLANKS = re.compile(r"[ ().-]")


class Sms:
    """Sends each message to the gateway.

    Args:
        gateway: the gateway and its format, None when none is set: every message then waits.
        outgoing: the HTTP client; the gateway comes from the settings, so it may have a private address.
    """

    name = "sms"
    signing: Signing = "none"
    is_leaving = True
    is_address_secret = False
    delivery_profile = DeliveryProfile(is_read=True, limit=Limit(6, 3))

    def __init__(self, gateway: SmsGateway | None, outgoing: Outgoing) -> None:
        self._gateway = gateway
        self._outgoing = outgoing

    def check_address(self, address: str | None) -> str | None:
        """The codes: `address.missing`, `address.not_phone`."""
        if not address:
            return "address.missing"
        return None if _NUMBER.fullmatch(_BLANKS.sub("", address)) else "address.not_phone"

    def send(self, message: Message) -> Accepted:
        """Post once; 408, 425, 429, 5xx and a response without the words of acceptance may be retried."""
        if self._gateway is None:
            raise DeliveryError("no SMS gateway is set (INCIDENT_SMS_URL)", permanent=False)
        if self.check_address(message.address) is not None:
            raise DeliveryError("not a telephone number", permanent=True)
        answer = self._ask(self._gateway, message)
        detail = quoted(answer, message, self._gateway.url, self._gateway.body, *self._gateway.headers.values())
        _require_taken(answer, self._gateway, message, detail)
        return Accepted(detail)

    def _ask(self, gateway: SmsGateway, message: Message) -> HttpResponse:
        kind, body = _filled(gateway.body, _BLANKS.sub("", message.address or ""), text_of(message), message.webhook_id)
        headers = {"Content-Type": kind, **gateway.headers}
        try:
            return self._outgoing.request("POST", gateway.url, headers, body, body_limit=ANSWER_LIMIT)
        except OutgoingError as error:
            # The gateway is the instance's, not the contact's: any fault of it can be corrected.
            raise DeliveryError(f"SMS gateway: {error.detail}", permanent=False) from None


def make(means: Means) -> Sms:
    """The channel for the gateway of the settings."""
    return Sms(means.sms, means.own_outgoing)


def text_of(message: Message) -> str:
    """Return the whole text: subject, action, and the first link, shortened to the limit of parts."""
    link = message.links[0].url if message.links else ""
    stop = "。" if message.language.startswith("zh") else ". "
    return fitted(f"{message.subject}{stop}{message.asked}", link, PARTS_LIMIT)


def _filled(template: str, to: str, text: str, webhook_id: str) -> tuple[str, bytes]:
    """Return the content type and the body: JSON when the template is JSON, else form fields."""
    values = {"{to}": to, "{text}": text, "{id}": webhook_id}
    if template.lstrip().startswith(("{", "[")):
        document = _in_json(json.loads(template), values)
        return "application/json; charset=utf-8", json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    encoded = {name: quote_plus(value, errors="replace") for name, value in values.items()}
    return "application/x-www-form-urlencoded", _in_text(template, encoded).encode("utf-8", "replace")


def _in_json(node: Any, values: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {name: _in_json(value, values) for name, value in node.items()}
    if isinstance(node, list):
        return [_in_json(value, values) for value in node]
    return _in_text(node, values) if isinstance(node, str) else node


def _in_text(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(?:to|text|id)\}", lambda found: values[found[0]], text)


def _require_taken(answer: HttpResponse, gateway: SmsGateway, message: Message, detail: str) -> None:
    if 300 <= answer.status < 400:
        raise DeliveryError(f"{answer.status}: redirects are not followed", permanent=False)
    if 400 <= answer.status < 500 and answer.status not in PASSING | {401, 403}:
        raise DeliveryError(detail, permanent=True)
    is_taken = not gateway.accepted or gateway.accepted in answer.body.decode("utf-8", "replace")
    if not 200 <= answer.status < 300 or not is_taken:
        pause = retry_after(answer.headers, message.sent_at)
        raise DeliveryError(detail, permanent=False, retry_after=pause, is_alive=answer.status in PASSING)
