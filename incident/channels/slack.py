"""Slack: an incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult

from incident.channels.channel import Means
from incident.channels.robot import Robot, Verdict, said
from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.core.delivery.rate_limit import Limit
from incident.core.notifications.message import Message
from incident.core.values.text import one_line
from incident.outgoing import HttpResponse

_HEADER_LIMIT = 150
_MEANINGS: Mapping[str, Verdict] = {
    "rate_limited": "busy",
    "ratelimited": "busy",
    "no_service": "gone",
    "no_active_hooks": "gone",
    "channel_is_archived": "gone",
    "no_team": "refused",
    "team_disabled": "refused",
    "channel_not_found": "refused",
    "action_prohibited": "refused",
    "posting_to_general_channel_denied": "refused",
    "invalid_payload": "refused",
    "invalid_token": "refused",
    "no_text": "refused",
    "user_not_found": "refused",
}


class Slack(Robot):
    """Sends blocks of plain text and a link; the part shown in a notification is escaped."""

    name = "slack"
    delivery_profile = DeliveryProfile(
        is_read=True, limit=Limit(60, 3), max_named=10
    )  # one message a second, a few more for a moment

    def is_own(self, address: SplitResult) -> bool:
        """`.../services/T.../B.../...`, or a workflow's `.../triggers/...`."""
        begins, *rest = address.path.strip("/").split("/")
        is_hook = begins in {"services", "triggers", "workflows"} and len(rest) >= 2 and all(rest)
        return is_hook and not address.query

    def request_of(self, message: Message) -> tuple[str, Mapping[str, Any]]:
        """Return blocks, and a text for notifications."""
        blocks: list[Mapping[str, Any]] = [
            {"type": "header", "text": _plain(one_line(message.subject, _HEADER_LIMIT))},
            {"type": "section", "text": _plain(message.asked or message.subject)},
        ]
        if message.links:
            links = "   ".join(f"<{_escaped(link.url)}|{_escaped(link.words)}>" for link in message.links)
            blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": links, "verbatim": True}})
        text = _escaped(f"{message.subject} {message.asked}".strip())
        return message.address or "", {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}

    def verdict(self, answer: HttpResponse) -> Verdict:
        """Interpret the word that is the whole body; `ok` is success, a workflow says it in JSON."""
        word = answer.body.decode("utf-8", "replace").strip()
        if word == "ok" or said(answer).get("ok") is True:
            return "accepted"
        return _MEANINGS.get(word, "unknown")


def _plain(text: str) -> Mapping[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "｜")


def make(means: Means) -> Slack:
    """Return the channel with the hardened HTTP client."""
    return Slack(means.outgoing)
