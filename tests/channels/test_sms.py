"""Text messages to gateways that respond correctly and incorrectly."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from incident.channels.channel import Means, SmsGateway
from incident.channels.sms import PARTS_LIMIT, Sms, make, text_of
from incident.core.delivery.sms import length_of
from incident.core.notifications.message import DeliveryError, Link, Message
from incident.outgoing import Outgoing
from tests import receivers
from tests.receivers import receiver

MakeMessage = Callable[..., Message]
LINK = "https://i.example/acknowledge/msg_2Lh9KRb0pzN4.Q0ZCSk9QUVJTVFVWV1hZ"
TOKEN = "hushhushhushhush"
JSON_BODY = '{"messages": [{"to": "{to}", "body": "{text}", "id": "{id}"}], "from": "Incident"}'


@pytest.fixture
def make_sms(make_message: MakeMessage) -> MakeMessage:
    def make(**changes: Any) -> Message:
        usual = {"address": "+86 138-0013 8000", "asked": "请签收。", "links": (Link("签收", LINK),)}
        return make_message(**usual | changes)

    return make


@pytest.fixture
def outgoing() -> Iterator[Outgoing]:
    made = Outgoing(allow_private=True, connect_limit=5.0, whole_limit=5.0)
    yield made
    made.close()


@pytest.fixture
def hasty() -> Iterator[Outgoing]:
    """For servers that never finish."""
    made = Outgoing(allow_private=True, connect_limit=0.5, whole_limit=0.5)
    yield made
    made.close()


def sms(url: str, outgoing: Outgoing, body: str = JSON_BODY, accepted: str | None = None) -> Sms:
    return Sms(
        SmsGateway(url=url, body=body, headers={"Authorization": f"Bearer {TOKEN}"}, accepted=accepted), outgoing
    )


def refusal(channel: Sms, message: Message) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.send(message)
    assert TOKEN not in caught.value.detail
    assert "Q0ZCSk9QUVJTVFVWV1hZ" not in caught.value.detail
    return caught.value


def test_a_gateway_that_wants_json_gets_number_and_text_in_it(outgoing: Outgoing, make_sms: MakeMessage) -> None:
    with receiver(status=201, body=b'{"id": 7}') as server:
        message = make_sms(subject='"}, {"to": "{text}" 文件被加密')
        assert sms(server.url + "/send", outgoing).send(message).detail == '201 {"id": 7}'
    came = server.requests[0]
    assert came.headers["authorization"] == f"Bearer {TOKEN}"
    [sent] = came.json["messages"]
    assert (sent["to"], sent["id"], came.json["from"]) == ("+8613800138000", message.webhook_id, "Incident")
    assert sent["body"] == f'"}}, {{"to": "{{text}}" 文件被加密。请签收。 {LINK}'


def test_a_gateway_that_wants_a_form_gets_its_fields(outgoing: Outgoing, make_sms: MakeMessage) -> None:
    with receiver() as server:
        sms(server.url, outgoing, body="mobile={to}&content={text}&sign=x").send(
            make_sms(subject="a&mobile=1", asked="")
        )
    came = server.requests[0]
    assert came.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(came.body.decode()) == {
        "mobile": ["+8613800138000"],
        "content": [f"a&mobile=1。 {LINK}"],
        "sign": ["x"],
    }


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(302, False), (400, True), (401, False), (403, False), (404, True), (408, False), (429, False), (500, False)],
)
def test_what_a_status_means(outgoing: Outgoing, make_sms: MakeMessage, status: int, permanent: bool) -> None:
    with receiver(status=status, headers={"Location": "http://127.0.0.1:9/", "Retry-After": "9"}) as server:
        error = refusal(sms(server.url, outgoing), make_sms())
    assert (error.permanent, error.is_gone) == (permanent, False)
    assert error.retry_after == (9 if status in {401, 403, 408, 429, 500} else None)


def test_a_200_without_the_words_that_say_it_was_taken_is_tried_again(
    outgoing: Outgoing, make_sms: MakeMessage
) -> None:
    with receiver(body=b'{"Code":"isv.BUSINESS_LIMIT_CONTROL"}') as server:
        channel = sms(server.url, outgoing, accepted='"Code":"OK"')
        assert refusal(channel, make_sms()).detail == '200 {"Code":"isv.BUSINESS_LIMIT_CONTROL"}'
        server.body = b'{"Code":"OK","BizId":"9"}'
        assert channel.send(make_sms()).detail == '200 {"Code":"OK","BizId":"9"}'


def test_a_gateway_that_hangs_pours_or_is_not_there_is_tried_again(
    hasty: Outgoing, outgoing: Outgoing, make_sms: MakeMessage
) -> None:
    with receiver(behave=receivers.hang) as server:
        assert "within 0.5 s" in refusal(sms(server.url, hasty), make_sms()).detail
    with receiver(behave=receivers.pour) as server:
        assert len(sms(server.url, outgoing).send(make_sms()).detail) < 500
    error = refusal(sms(f"http://127.0.0.1:{receivers.closed_port()}/", outgoing), make_sms())
    assert not error.permanent


def test_an_answer_that_holds_what_was_sent_is_kept_without_its_secrets(
    outgoing: Outgoing, make_sms: MakeMessage
) -> None:
    with receiver(status=400, body=f"no: Bearer {TOKEN} {LINK} end".encode()) as server:
        assert refusal(sms(server.url, outgoing), make_sms()).detail.endswith(" end")


def test_without_a_gateway_a_message_waits_and_says_which_setting_is_missing(make_sms: MakeMessage) -> None:
    error = refusal(make(Means(outgoing=Outgoing())), make_sms())
    assert error.detail == "no SMS gateway is set (INCIDENT_SMS_URL)"
    assert not error.permanent


def test_a_number_is_checked_when_a_contact_is_made(make_sms: MakeMessage) -> None:
    channel = make(Means(outgoing=Outgoing(), sms=SmsGateway(url="http://127.0.0.1:9/", body=JSON_BODY)))
    assert channel.check_address("+86 138-0013 8000") is None
    assert channel.check_address("95588") is None
    assert channel.check_address(None) == "address.missing"
    assert {channel.check_address(one) for one in ("duty", "12", "+", "1" * 16, "٣٣٣٣٣٣")} == {"address.not_phone"}
    assert refusal(channel, make_sms(address="duty")).permanent


def test_a_text_takes_no_more_parts_than_it_may(make_sms: MakeMessage) -> None:
    text = text_of(make_sms(subject="长" * 300))
    assert text.endswith(f"… {LINK}")
    assert length_of(text).parts == PARTS_LIMIT
    assert text_of(make_sms(subject="Grade II", asked="Come.", language="en", links=())) == "Grade II. Come."


def test_the_settings_of_a_gateway_are_not_shown() -> None:
    gateway = SmsGateway(url=f"https://{TOKEN}.example", body=TOKEN, headers={"Authorization": TOKEN})
    assert TOKEN not in repr(Means(outgoing=Outgoing(), sms=gateway))
