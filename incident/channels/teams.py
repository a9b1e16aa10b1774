"""Microsoft Teams: the webhook of a workflow, which posts an adaptive card into a chat or a channel."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult

from incident.channels.channel import Means
from incident.channels.robot import Robot, Verdict, has_in_query, said
from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.core.delivery.rate_limit import Limit
from incident.core.notifications.message import Message
from incident.outgoing import HttpResponse

_CARD = "application/vnd.microsoft.card.adaptive"
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"


class Teams(Robot):
    """Sends an adaptive card of text runs, which have no Markdown; without entities nobody is mentioned."""

    name = "teams"
    delivery_profile = DeliveryProfile(is_read=True, limit=Limit(240, 4), max_named=10)  # 4 requests a second

    def is_own(self, address: SplitResult) -> bool:
        """`.../workflows/...?sig=...`, or the older `.../webhookb2/...`."""
        is_flow = "/workflows/" in address.path and has_in_query(address, "sig")
        return is_flow or address.path.startswith("/webhookb2/")

    def request_of(self, message: Message) -> tuple[str, Mapping[str, Any]]:
        """Return a message with one card."""
        body = [_text(message.subject, weight="Bolder", size="Medium")]
        if message.asked:
            body.append(_text(message.asked))
        actions = [{"type": "Action.OpenUrl", "title": link.words, "url": link.url} for link in message.links]
        content = {"$schema": _SCHEMA, "type": "AdaptiveCard", "version": "1.4", "body": body, "actions": actions}
        card = {"contentType": _CARD, "contentUrl": None, "content": content}
        return message.address or "", {"type": "message", "attachments": [card]}

    def verdict(self, answer: HttpResponse) -> Verdict:
        """A workflow responds 202 without content; the older webhook hides the status of Teams in a 200."""
        text = answer.body.decode("utf-8", "replace")
        if answer.status < 300:
            is_passed_on = "delivery failed" not in text and "HTTP error" not in text
            return "accepted" if is_passed_on else "busy" if "429" in text else "unknown"
        error = said(answer).get("error")
        code = error.get("code") if isinstance(error, dict) else None
        return "gone" if code == "WorkflowNotFound" or "state 'Deleted'" in text else "unknown"


def _text(text: str, **look: str) -> Mapping[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **look}]}


def make(means: Means) -> Teams:
    """Return the channel with the hardened HTTP client."""
    return Teams(means.outgoing)
