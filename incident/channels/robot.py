"""Common code for robots of chat groups: one JSON request, and a response with its error in a 200."""

import base64
import hashlib
import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal
from urllib.parse import SplitResult, parse_qs, urlsplit

from incident.channels.answer import ANSWER_LIMIT, PASSING, quoted, retry_after
from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.core.notifications.contact import Signing
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.outgoing import HttpResponse, Outgoing, OutgoingError, url_fault

Verdict = Literal["accepted", "busy", "unknown", "refused", "gone"]
"""Accepted; rate-limited; undocumented; permanently refused; the robot is gone."""

BUSY_PAUSE = 60.0
"""Delay (s) after a robot's rate limit: all of them count by the minute."""

# Full-width forms: no robot documents a way to write these letters themselves in its Markdown.
_FULL_WIDTH = str.maketrans("<>[]*#`~|\\@!", "＜＞［］＊＃｀～｜＼＠！")


class Robot(ABC):
    """Posts a message into the group whose robot has this address."""

    name: ClassVar[str]
    signing: Signing = "none"
    delivery_profile: DeliveryProfile
    is_leaving = True
    is_address_secret = True

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    @abstractmethod
    def is_own(self, address: SplitResult) -> bool:
        """Return whether an address has the form of this chat's robots."""

    @abstractmethod
    def request_of(self, message: Message) -> tuple[str, Mapping[str, Any]]:
        """Return the request's address and document."""

    @abstractmethod
    def verdict(self, answer: HttpResponse) -> Verdict:
        """Interpret a response that is neither a redirect nor a server error."""

    def check_address(self, address: str | None) -> str | None:
        """The codes of `incident.outgoing.url_fault`, or `address.not_` and the name of the channel."""
        if (fault := url_fault(address or "")) is not None:
            return fault
        return None if self.is_own(urlsplit(address or "")) else f"address.not_{self.name}"

    def send(self, message: Message) -> Accepted:
        """Post once; a robot that is busy, silent or sends an unknown response may be retried."""
        url, document = self.request_of(message)
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            answer = self._outgoing.request("POST", url, headers, body, body_limit=ANSWER_LIMIT)
        except OutgoingError as error:
            raise DeliveryError(error.detail, permanent=error.permanent) from None
        if (verdict := self._judge(answer)) != "accepted":
            raise _refusal(answer, verdict, message)
        return Accepted(quoted(answer, message))

    def _judge(self, answer: HttpResponse) -> Verdict:
        if answer.status == 429:
            return "busy"
        if answer.status in PASSING or 300 <= answer.status < 400 or answer.status >= 500:
            return "unknown"
        verdict = self.verdict(answer)
        if answer.status < 300 or verdict not in {"accepted", "unknown"}:
            return verdict
        return "gone" if answer.status == 410 else "refused"


def _refusal(answer: HttpResponse, verdict: Verdict, message: Message) -> DeliveryError:
    if 300 <= answer.status < 400:
        return DeliveryError(f"{answer.status}: redirects are not followed", permanent=False)
    detail = quoted(answer, message)
    if verdict in {"refused", "gone"}:
        return DeliveryError(detail, permanent=True, is_gone=verdict == "gone")
    pause = retry_after(answer.headers, message.sent_at)
    if verdict == "busy":
        return DeliveryError(detail, permanent=False, retry_after=pause or BUSY_PAUSE, is_alive=True)
    return DeliveryError(detail, permanent=False, retry_after=pause)


def said(answer: HttpResponse) -> Mapping[str, Any]:
    """Return the JSON object of the response, empty when there is none."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def by_code(code: object, meanings: Mapping[int, Verdict]) -> Verdict:
    """Interpret the number in the body of a robot's response."""
    if isinstance(code, bool) or not isinstance(code, int):
        return "unknown"
    return "accepted" if code == 0 else meanings.get(code, "unknown")


def has_in_query(address: SplitResult, name: str) -> bool:
    """Return whether the query of an address contains a value of this name."""
    return bool(parse_qs(address.query).get(name, [""])[0])


def literal(text: str) -> str:
    """Return the text with every character of Markdown replaced that could create a link, a mention or a heading."""
    return text.translate(_FULL_WIDTH)


def hmac_base64(key: str, signed: str) -> str:
    """HMAC-SHA256 in Base64."""
    return base64.b64encode(hmac.digest(key.encode(), signed.encode(), hashlib.sha256)).decode("ascii")


def secret_of(message: Message) -> str:
    """Return the signing secret; raises DeliveryError without one."""
    if not message.secret:
        raise DeliveryError("the contact has no secret to sign with", permanent=True)
    return message.secret
