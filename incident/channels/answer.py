"""What HTTP itself says in an answer, and as much of its text as may be shown."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from incident.core.notifications.message import Message
from incident.outgoing import HttpResponse

# Request Timeout, Too Early, Too Many Requests: the same request may be taken later.
PASSING = frozenset({408, 425, 429})
ANSWER_LIMIT = 1 << 16
"""Bytes of an answer that are read."""

_QUOTED_LIMIT = 400
_LONG_WORD = re.compile(r"[A-Za-z0-9_-]{12,}")
_SEPARATORS = re.compile(r"[/?&=;,]")
_BLANKS = re.compile(r"[\s()-]")
_PART_LEAST = 6
"""Letters of a part of an address from which it may be a secret."""

_PUBLIC = frozenset({"access_token", "incoming", "message", "messages", "services", "webhook", "webhooks"})
"""What such parts are that everybody knows, and that an answer may need to be understood."""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that the header Retry-After asks for, None without a usable one (RFC 9110 section 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def quoted(answer: HttpResponse, message: Message, *hidden: str | None) -> str:
    """The status and the text, as `blotted`.

    Args:
        answer: what came back, which may hold what was sent.
        message: what was sent.
        hidden: other texts whose words may not be shown.
    """
    text = blotted(answer.body.decode("utf-8", "replace"), message, *hidden)
    return f"{answer.status} {text[:_QUOTED_LIMIT]}"


def blotted(text: str, message: Message, *hidden: str | None) -> str:
    """A text in which the address, the secrets and the links of a message are blotted out.

    The acknowledge link opens without signing in, who knows the address of a robot can write into its group, and not
    everybody who reads of a delivery may read where it went.

    Args:
        text: what the other side, or a library, says.
        message: what was sent.
        hidden: other texts whose words may not be shown.
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
    """What of an address may not be shown: of a web address all but scheme, host and port, of others the whole."""
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
