"""All channels by name, and their replacement in a demonstration."""

from collections.abc import Callable

import pytest

from incident.channels import MAKERS, OWN_MAKERS, Channel, Means, registry
from incident.core.notifications.message import Accepted, Message
from incident.outgoing import Outgoing
from tests.receivers import receiver

MakeMessage = Callable[..., Message]


def means() -> Means:
    return Means(outgoing=Outgoing(allow_private=True), smtp_url="smtp://127.0.0.1:9", mail_from="incident@i.example")


def test_every_channel_is_found_by_its_name() -> None:
    channels = registry(means())
    assert {name: channel.is_leaving for name, channel in channels.items()} == {
        "email": True,
        "webhook": True,
        "inbox": False,
        "wecom": True,
        "dingtalk": True,
        "feishu": True,
        "slack": True,
        "teams": True,
        "sms": True,
        "push": True,
    }
    assert list(channels) == [*MAKERS, *OWN_MAKERS]
    assert all(channel.name == name for name, channel in channels.items())


def test_the_inbox_accepts_at_once_and_has_no_address(make_message: MakeMessage) -> None:
    inbox = registry(means())["inbox"]
    assert inbox.send(make_message(address=None)) == Accepted("shown in the inbox", is_delivered=True)
    assert inbox.check_address(None) is None
    assert inbox.check_address("somewhere") == "address.not_wanted"


@pytest.mark.parametrize("name", sorted(set(MAKERS) - {"inbox"}))
def test_a_demonstration_checks_addresses_and_sends_nothing(name: str, make_message: MakeMessage) -> None:
    shown: Channel = registry(means(), is_demonstration=True)[name]
    with receiver() as server:
        assert shown.send(make_message(address=server.url)) == Accepted("not sent: demonstration")
    assert server.requests == []
    assert (shown.name, shown.is_leaving) == (name, False)
    assert shown.check_address("") == "address.missing"


def test_what_channels_are_made_from_does_not_show_the_password_of_the_mail_server() -> None:
    shown = repr(Means(outgoing=Outgoing(), smtp_url="smtp://me:hushhush@mail.example"))
    assert "hushhush" not in shown
