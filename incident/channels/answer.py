"""What HTTP itself says in an answer, and as much of its text as may be shown."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from incident.core.message import Message
from incident.outgoing import Answer

# Request Timeout, Too Early, Too Many Requests: the same request may be taken later.
PASSING = frozenset({408, 425, 429})
ANSWER_LIMIT = 1 << 16
"""Bytes of an answer that are read."""

_QUOTED_LIMIT = 400
_LONG_WORD = re.compile(r"[A-Za-z0-9_-]{12,}")


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


def quoted(answer: Answer, message: Message, *hidden: str | None) -> str:
    """The status and the text, in which the address, the secrets and the links of the message are blotted out.

    The acknowledge link opens without signing in, and who knows the address of a robot can write into its group.

    Args:
        answer: what came back, which may hold what was sent.
        message: what was sent.
        hidden: other texts whose words may not be shown.
    """
    address = urlsplit(message.address or "")
    links = [urlsplit(link.url).path for link in message.links]
    kept = [address.path, address.query, message.secret, message.old_secret, *links, *hidden]
    text = answer.body.decode("utf-8", "replace")
    for word in sorted({word for one in kept if one for word in _LONG_WORD.findall(one)}, key=len, reverse=True):
        text = text.replace(word, "…")
    return f"{answer.status} {text[:_QUOTED_LIMIT]}"
