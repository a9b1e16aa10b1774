"""DingTalk (钉钉): the signed robot of a group (https://open.dingtalk.com/document/robots/custom-robot-access)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlencode

from incident.channels.channel import Means
from incident.channels.robot import Robot, Verdict, by_code, has_in_query, hmac_base64, literal, said, secret_of
from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.core.delivery.rate_limit import Limit
from incident.core.notifications.contact import Signing
from incident.core.notifications.message import Message
from incident.outgoing import HttpResponse

_MEANINGS: Mapping[int, Verdict] = {
    130101: "busy",  # more than 20 in a minute
    410100: "busy",
    40035: "refused",
    43004: "refused",
    300001: "refused",
    300005: "refused",
    310000: "refused",  # signature, time, keyword or address not accepted
    400013: "gone",  # the group is dissolved
    400101: "refused",
    400102: "refused",  # the robot is stopped
    400105: "refused",
    400106: "gone",  # there is no such robot any more
    430101: "refused",
    430102: "refused",
    430103: "refused",
    430104: "refused",
}


class DingTalk(Robot):
    """Sends a card with buttons; a card mentions nobody, whatever its text contains."""

    name = "dingtalk"
    delivery_profile = DeliveryProfile(is_read=True, limit=Limit(20, 5), max_named=10)  # 20 messages a minute
    signing: Signing = "given"

    def is_own(self, address: SplitResult) -> bool:
        """`.../robot/send?access_token=...`."""
        return address.path.endswith("/robot/send") and has_in_query(address, "access_token")

    def request_of(self, message: Message) -> tuple[str, Mapping[str, Any]]:
        """Return the address with time and signature, and a card."""
        timestamp = int(message.sent_at.timestamp() * 1000)
        secret = secret_of(message)
        signed = urlencode({"timestamp": timestamp, "sign": hmac_base64(secret, f"{timestamp}\n{secret}")})
        return f"{message.address}&{signed}", _document(message)

    def verdict(self, answer: HttpResponse) -> Verdict:
        """Interpret `errcode`."""
        return by_code(said(answer).get("errcode"), _MEANINGS)


def _document(message: Message) -> Mapping[str, Any]:
    title = literal(message.subject)
    shown = {"title": title, "text": f"### {title}\n\n{literal(message.asked)}"}
    if not message.links:
        return {"msgtype": "markdown", "markdown": shown, "at": {"isAtAll": False}}
    buttons = [{"title": link.words, "actionURL": link.url} for link in message.links]
    return {"msgtype": "actionCard", "actionCard": {**shown, "btnOrientation": "0", "btns": buttons}}


def make(means: Means) -> DingTalk:
    """Return the channel with the hardened HTTP client."""
    return DingTalk(means.outgoing)
