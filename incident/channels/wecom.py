"""WeCom (企业微信): the robot of a group (https://developer.work.weixin.qq.com/document/path/91770)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult

from incident.channels.channel import Means
from incident.channels.robot import Robot, Verdict, by_code, has_in_query, literal, said
from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.core.delivery.rate_limit import Limit
from incident.core.notifications.message import Message
from incident.outgoing import HttpResponse

_MEANINGS: Mapping[int, Verdict] = {
    45009: "busy",  # more than 20 in a minute
    45033: "busy",  # too many at the same time
    40008: "refused",
    40058: "refused",
    44004: "refused",
    45002: "refused",
    # "Not valid, or removed from the group": it comes for a mistyped key and for a robot made a moment ago as well, so
    # it does not switch the contact off.
    93000: "refused",
    93004: "refused",  # the robot is stopped
    93008: "gone",  # the robot is no longer in the group
}


class WeCom(Robot):
    """Sends Markdown, in which only `<@...>` mentions anybody, and a link has its words in square brackets."""

    name = "wecom"
    delivery_profile = DeliveryProfile(is_read=True, limit=Limit(20, 5), max_named=10)  # 20 messages a minute

    def is_own(self, address: SplitResult) -> bool:
        """`.../cgi-bin/webhook/send?key=...`."""
        return address.path.endswith("/webhook/send") and has_in_query(address, "key")

    def request_of(self, message: Message) -> tuple[str, Mapping[str, Any]]:
        """A Markdown message."""
        links = "　".join(f"[{literal(link.words)}]({link.url})" for link in message.links)
        lines = [f"**{literal(message.subject)}**", literal(message.asked), links]
        return message.address or "", {
            "msgtype": "markdown",
            "markdown": {"content": "\n".join(filter(None, lines))},
        }

    def verdict(self, answer: HttpResponse) -> Verdict:
        """Interpret `errcode`."""
        return by_code(said(answer).get("errcode"), _MEANINGS)


def make(means: Means) -> WeCom:
    """Return the channel with the hardened HTTP client."""
    return WeCom(means.outgoing)
