"""The meaning of HTTP status and headers in a response, and the part of its text that may be shown."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from incident.core.notifications.message import DeliveryError, Message
from incident.outgoing import HttpResponse

# Request Timeout, Too Early, Too Many Requests: the same request may be taken later.
PASSING = frozenset({408, 425, 429})
ANSWER_LIMIT = 1 << 16
"""How many bytes of a response are read."""

_QUOTED_LIMIT = 400
_LONG_WORD = re.compile(r"[A-Za-z0-9_-]{12,}")
_SEPARATORS = re.compile(r"[/?&=;,]")
_BLANKS = re.compile(r"[\s()-]")
_PART_LEAST = 6
"""Minimum length of a part of an address that may be a secret."""

_PUBLIC = frozenset({"access_token", "incoming", "message", "messages", "services", "webhook", "webhooks"})
"""Well-known parts of addresses, which may be needed to understand a response."""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the delay (s) of the header Retry-After, None without a usable one (RFC 9110 section 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def refusal(answer: HttpResponse, message: Message, gone: Collection[int]) -> DeliveryError:
    """Return what a response other than 2xx means: 3xx, 408, 425, 429 and 5xx may be retried.

    Args:
        answer: the response.
        message: the message.
        gone: statuses by which the receiver says that it is there no longer.
    """
    detail = quoted(answer, message)
    if answer.status in gone:
        return DeliveryError(detail, permanent=True, is_gone=True)
    if 300 <= answer.status < 400:
        return DeliveryError(f"{answer.status}: redirects are not followed", permanent=False)
    if 400 <= answer.status < 500 and answer.status not in PASSING:
        return DeliveryError(detail, permanent=True)
    pause = retry_after(answer.headers, message.sent_at)
    return DeliveryError(detail, permanent=False, retry_after=pause, is_alive=answer.status in PASSING)


def quoted(answer: HttpResponse, message: Message, *hidden: str | None) -> str:
    """Return the status and the text, redacted as in `blotted`.

    Args:
        answer: the response, which may repeat the request.
        message: the message.
        hidden: other texts whose words must not be shown.
    """
    text = blotted(answer.body.decode("utf-8", "replace"), message, *hidden)
    return f"{answer.status} {text[:_QUOTED_LIMIT]}"


def blotted(text: str, message: Message, *hidden: str | None) -> str:
    """Return a text in which the address, the secrets and the links of a message are redacted.

    The acknowledge link opens without signing in, the address of a robot allows writing into its group, and some
    readers of a delivery may not read its address.

    Args:
        text: the text of the other side, or of a library.
        message: the message.
        hidden: other texts whose words must not be shown.
    """
    links = [urlsplit(link.url).path for link in message.links]
    acknowledge = str(message.data.get("acknowledge_url") or "")
    kept = [message.secret, message.old_secret, acknowledge, *links, *hidden]
    words = {word for one in kept if one for word in _LONG_WORD.findall(one)} | set(_parts(message.address or ""))
    words |= {one for one in (message.secret, message.old_secret) if one}
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(re.escape(word), "…", text, flags=re.IGNORECASE)
    return text


def _parts(address: str) -> Iterator[str]:
    """Return the secret part of an address: all but scheme, host and port of a web address, others whole."""
    if "://" not in address:
        bare = _BLANKS.sub("", address)
        yield from (one for one in {address, bare, bare.lstrip("+")} if len(one) >= _PART_LEAST)
        return
    try:
        place = urlsplit(address)
    except ValueError:
        yield address
        return
    for part in (place.path, place.query, place.fragment, place.username, place.password):
        words = {part or "", *_SEPARATORS.split(part or "")}
        yield from (
            word for one in words for word in (one, unquote(one)) if len(word) >= _PART_LEAST and word not in _PUBLIC
        )
