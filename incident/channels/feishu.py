"""Feishu and Lark (飞书): the signed robot of a group.

https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult

from incident.channels.channel import Means
from incident.channels.robot import Robot, Verdict, by_code, hmac_base64, said, secret_of
from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.core.delivery.rate_limit import Limit
from incident.core.notifications.contact import Signing
from incident.core.notifications.message import Message
from incident.outgoing import HttpResponse

_TOO_MANY = "too many"
_BAD_REQUEST = 9499
_MEANINGS: Mapping[int, Verdict] = {
    11232: "busy",  # more than 100 in a minute, or 5 in a second
    _BAD_REQUEST: "refused",
    19001: "refused",  # no robot has this address
    19002: "refused",
    19007: "refused",  # the robot is stopped
    19021: "refused",  # the signature, or the time, is not accepted
    19022: "refused",
    19024: "refused",
}


class Feishu(Robot):
    """Sends a card of plain text, in which only the buttons can be mentions or links."""

    name = "feishu"
    delivery_profile = DeliveryProfile(
        is_read=True, limit=Limit(100, 5), max_named=10
    )  # 100 messages a minute, 5 a second
    signing: Signing = "given"

    def is_own(self, address: SplitResult) -> bool:
        """`.../open-apis/bot/v2/hook/...`."""
        return bool(address.path.partition("/open-apis/bot/v2/hook/")[2])

    def request_of(self, message: Message) -> tuple[str, Mapping[str, Any]]:
        """Return a card, with time and signature."""
        timestamp = str(int(message.sent_at.timestamp()))
        signature = hmac_base64(f"{timestamp}\n{secret_of(message)}", "")
        signed = {"timestamp": timestamp, "sign": signature}
        return message.address or "", {**signed, "msg_type": "interactive", "card": _card(message)}

    def verdict(self, answer: HttpResponse) -> Verdict:
        """Interpret `code`, which older servers call `StatusCode`; 9499 means a bad request or too many."""
        document = said(answer)
        code = document.get("code", document.get("StatusCode"))
        if code == _BAD_REQUEST and _TOO_MANY in str(document.get("msg")).lower():
            return "busy"
        return by_code(code, _MEANINGS)


def _card(message: Message) -> Mapping[str, Any]:
    elements: list[Mapping[str, Any]] = [{"tag": "div", "text": _plain(message.asked)}] if message.asked else []
    buttons = [
        {"tag": "button", "type": "default" if place else "primary", "text": _plain(link.words), "url": link.url}
        for place, link in enumerate(message.links)
    ]
    if buttons:
        elements.append({"tag": "action", "actions": buttons})
    header = {"title": _plain(message.subject), "template": "red"}
    return {"config": {"wide_screen_mode": True}, "header": header, "elements": elements}


def _plain(text: str) -> Mapping[str, str]:
    return {"tag": "plain_text", "content": text}


def make(means: Means) -> Feishu:
    """Return the channel with the hardened HTTP client."""
    return Feishu(means.outgoing)
