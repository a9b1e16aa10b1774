"""Alarms about system faults, to the addresses of the settings: the first that accepts is enough."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from incident.channels import Channel
from incident.channels.webhook import body_of, sign
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.core.operations.alarm import AlarmNews
from incident.core.operations.watchdog import TROUBLE_WORDS
from incident.core.values.error_messages import fill
from incident.core.values.moment import format_moment
from incident.formats.alarm import write_alarm
from incident.formats.messages import Catalogues, load_catalogues
from incident.outgoing import Outgoing, OutgoingError

SCHEMES: Mapping[str, str] = {"mailto": "email", "http": "webhook", "https": "webhook"}
"""The channel of an address of the settings by its prefix; others begin with the channel's own name."""

_LONG_WORD = re.compile(r"[A-Za-z0-9_-]{8,}")


@dataclass(frozen=True, slots=True)
class AlarmAttempt:
    """The answer of one address; `kind` is its prefix, as the address itself may be a secret."""

    kind: str
    is_taken: bool
    detail: str


class AlarmSender:
    """Sends alarms.

    Args:
        to: addresses in their order: `mailto:...`, `https://...`, or a channel's name, a colon and its address.
        secret: signs requests to `https://...`, as our webhooks are signed; None leaves them unsigned.
        channels: every channel by name, with ways out to addresses of the settings.
        outgoing: the HTTP client for `https://...`.
        where: the address of this instance.
    """

    def __init__(
        self,
        to: Sequence[str],
        secret: str | None,
        channels: Mapping[str, Channel],
        outgoing: Outgoing,
        where: str,
        catalogues: Catalogues | None = None,
    ) -> None:
        self._to = to
        self._secret = secret
        self._channels = channels
        self._outgoing = outgoing
        self._where = where
        self._catalogues = catalogues

    @property
    def has_addresses(self) -> bool:
        """Whether there is an address for alarms."""
        return bool(self._to)

    def send(self, what: AlarmNews, now: dt.datetime) -> list[AlarmAttempt]:
        """Try the addresses in order until one accepts; the last of the list says whether one did."""
        return list(self._tell(self._message(what, now), self._to))

    def test(self, what: AlarmNews, now: dt.datetime) -> list[AlarmAttempt]:
        """Try every address, even after one has accepted."""
        message = self._message(what, now)
        return [tried for one in self._to for tried in self._tell(message, [one])]

    def _tell(self, message: Message, to: Sequence[str]) -> Iterator[AlarmAttempt]:
        for address in to:
            kind, _, rest = address.partition(":")
            try:
                accepted = self._send(message, kind.lower(), address, rest)
                yield AlarmAttempt(kind.lower(), True, _without_secrets(accepted.detail, address))
                return
            except DeliveryError as error:
                yield AlarmAttempt(kind.lower(), False, _without_secrets(error.detail, address))

    def _send(self, message: Message, kind: str, whole: str, rest: str) -> Accepted:
        name = SCHEMES.get(kind, kind)
        if name == "webhook":
            return self._post(message, whole)
        channel = self._channels.get(name)
        if channel is None or not channel.is_leaving:
            raise DeliveryError(f"there is no way out named {kind}", permanent=True)
        return channel.send(_to(message, name, rest))

    def _post(self, message: Message, url: str) -> Accepted:
        body = body_of(message)
        headers = {"Content-Type": "application/json", "webhook-id": message.webhook_id}
        timestamp = int(message.sent_at.timestamp())
        headers["webhook-timestamp"] = str(timestamp)
        try:
            if self._secret:
                headers["webhook-signature"] = sign(self._secret, message.webhook_id, timestamp, body)
            answer = self._outgoing.request("POST", url, headers, body, body_limit=1 << 12)
        except (OutgoingError, ValueError) as error:
            raise DeliveryError(str(error), permanent=False) from None
        if not 200 <= answer.status < 300:
            raise DeliveryError(str(answer.status), permanent=False)
        return Accepted(str(answer.status))

    def _message(self, what: AlarmNews, now: dt.datetime) -> Message:
        if self._catalogues is None:
            self._catalogues = load_catalogues()
        written = write_alarm(what, self._where, self._catalogues)
        return Message(
            webhook_id=f"msg_machinery_{now.strftime('%Y%m%dT%H%M%S%f')}",
            type="machinery.alarm" if what.standing else "machinery.recovered",
            at=now,
            sent_at=now,
            contact="",
            channel="",
            address=None,
            subject=written.subject,
            text=written.text,
            asked=written.asked,
            links=written.links,
            data=_data(what, self._where),
        )


def _to(message: Message, channel: str, address: str) -> Message:
    return replace(message, channel=channel, address=address, contact=address if channel == "email" else "")


def _data(what: AlarmNews, where: str) -> dict[str, Any]:
    def shown(one: Any) -> dict[str, Any]:
        said = fill(TROUBLE_WORDS.get(one.trouble.code, one.trouble.code), one.trouble.arguments)
        return {"code": one.trouble.code, "said": said, "since": format_moment(one.since)}

    data = {"instance": where, "standing": [shown(one) for one in what.standing]}
    return data | {"ended": [shown(one) for one in what.ended]}


def _without_secrets(detail: str, address: str) -> str:
    """Remove the long words of an address from the detail: the address of a robot allows writing into its group."""
    try:
        parts = urlsplit(address)
        hidden = " ".join(filter(None, (parts.path, parts.query, parts.username, parts.password)))
    except ValueError:
        hidden = address
    for word in sorted(set(_LONG_WORD.findall(hidden)), key=len, reverse=True):
        detail = detail.replace(word, "…")
    return detail[:200]
