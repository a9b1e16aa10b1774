"""Chat robots against servers that respond as documented by the vendors."""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.channels.robot import BUSY_PAUSE, Robot, literal
from incident.core.notifications.message import LANGUAGES, MESSAGE_TYPES, DeliveryError, Link, Message, MessageType
from incident.formats.messages import Writer
from incident.outgoing import Outgoing
from tests import receivers
from tests.channels.robots import KEY, KINDS, SECRET, Case, Kind
from tests.formats.test_messages import catalogues, facts_of, writer
from tests.receivers import receiver

__all__ = ["catalogues", "writer"]

MakeMessage = Callable[..., Message]
GOLDEN = Path(__file__).parent / "golden"
LINK = "https://i.example/acknowledge/msg_2Lh9KRb0pzN4.Q0ZCSk9QUVJTVFVWV1hZ"
EVIL = "<!channel> <@all> <at id=all></at> @all [pay](https://evil.example) **x** `y` | & <https://evil.example|here>"
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


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


@pytest.fixture
def make_chat(make_message: MakeMessage) -> MakeMessage:
    def make(url: str = "", **changes: Any) -> Message:
        usual = {"address": url, "secret": SECRET, "asked": "请签收。", "links": (Link("签收", LINK),)}
        return make_message(**usual | changes)

    return make


def refusal(robot: Robot, message: Message) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        robot.send(message)
    for secret in (KEY, SECRET, LINK, "Q0ZCSk9QUVJTVFVWV1hZ", "XXXXXXXXXXXXXXXX"):
        assert secret not in caught.value.detail
    return caught.value


@each_kind
def test_what_the_real_one_answers_when_all_is_well_is_accepted(
    kind: Kind, outgoing: Outgoing, make_chat: MakeMessage
) -> None:
    with receiver(status=kind.good.status, body=kind.good.body.encode()) as server:
        detail = kind.robot(outgoing).send(make_chat(server.url + kind.path)).detail
    assert detail == f"{kind.good.status} {kind.good.body}".strip()
    came = server.requests[0]
    assert (came.method, came.headers["content-type"]) == ("POST", "application/json; charset=utf-8")
    assert came.path.startswith(kind.path)
    assert "文件被加密" in came.body.decode()
    assert LINK in came.body.decode()


@pytest.mark.parametrize(
    ("kind", "case"),
    [(kind, case) for kind in KINDS for case in kind.cases],
    ids=lambda given: getattr(given, "name", None),
)
def test_what_each_documented_answer_means(kind: Kind, case: Case, outgoing: Outgoing, make_chat: MakeMessage) -> None:
    robot = kind.robot(outgoing)
    with receiver(status=case.status, body=case.body.encode()) as server:
        message = make_chat(server.url + kind.path)
        if case.verdict == "accepted":
            assert robot.send(message).detail
            return
        error = refusal(robot, message)
    assert (error.permanent, error.is_gone) == (case.verdict in {"refused", "gone"}, case.verdict == "gone")
    assert error.retry_after == (BUSY_PAUSE if case.verdict == "busy" else None)
    assert error.detail == f"{case.status} {case.body}"


@each_kind
def test_a_server_that_is_in_trouble_is_asked_again(kind: Kind, outgoing: Outgoing, make_chat: MakeMessage) -> None:
    robot = kind.robot(outgoing)
    with receiver() as server:
        message = make_chat(server.url + kind.path)
        for status, headers, pause in ((429, {"Retry-After": "7"}, 7), (429, {}, BUSY_PAUSE), (503, {}, None)):
            server.status, server.headers, server.body = status, headers, b"<html>sorry</html>"
            error = refusal(robot, message)
            assert (error.permanent, error.retry_after) == (False, pause)
        server.status, server.headers = 302, {"Location": "http://127.0.0.1:9/"}
        assert refusal(robot, message).detail == "302: redirects are not followed"
        server.status, server.headers, server.body = 200, {}, b"<html>Sign in to the hotel's network</html>"
        if kind.name != "teams":  # which documents no body
            assert not refusal(robot, message).permanent


@each_kind
def test_a_server_that_hangs_or_pours_is_left(
    kind: Kind, hasty: Outgoing, outgoing: Outgoing, make_chat: MakeMessage
) -> None:
    with receiver(behave=receivers.hang) as server:
        error = refusal(kind.robot(hasty), make_chat(server.url + kind.path))
        assert not error.permanent
        assert "within 0.5 s" in error.detail
    with receiver(behave=receivers.pour) as server:
        message = make_chat(server.url + kind.path)
        if kind.name == "teams":
            assert len(kind.robot(outgoing).send(message).detail) < 500
        else:
            assert len(refusal(kind.robot(outgoing), message).detail) < 500


@each_kind
def test_an_answer_that_holds_what_was_sent_is_kept_without_its_secrets(
    kind: Kind, outgoing: Outgoing, make_chat: MakeMessage
) -> None:
    with receiver(status=400, body=f"bad: {kind.path} {SECRET} {LINK} why".encode()) as server:
        detail = refusal(kind.robot(outgoing), make_chat(server.url + kind.path)).detail
    assert detail.startswith("400 bad: ")
    assert detail.endswith(" why")


@each_kind
def test_a_private_address_is_refused_while_private_is_off(kind: Kind, make_chat: MakeMessage) -> None:
    with receiver() as server:
        assert refusal(kind.robot(Outgoing()), make_chat(server.url + kind.path)).permanent
    assert server.requests == []


@each_kind
def test_an_address_of_another_chat_is_told_from_its_own(kind: Kind, outgoing: Outgoing) -> None:
    robot = kind.robot(outgoing)
    assert robot.check_address(f"https://chat.example{kind.path}") is None
    assert robot.check_address("https://chat.example/") == f"address.not_{kind.name}"
    assert robot.check_address("") == "address.missing"
    assert robot.check_address("chat.example") == "address.not_http"
    others = [other for other in KINDS if other is not kind]
    assert {robot.check_address(f"https://chat.example{other.path}") for other in others} == {
        f"address.not_{kind.name}"
    }


def test_dingtalk_gets_time_and_signature_in_its_address(outgoing: Outgoing, make_chat: MakeMessage) -> None:
    kind = KINDS[1]
    with receiver(body=kind.good.body.encode()) as server:
        kind.robot(outgoing).send(make_chat(server.url + kind.path))
    query = parse_qs(urlsplit(server.requests[0].path).query)
    assert query["access_token"] == [KEY]
    assert query["timestamp"] == ["1795230007900"]
    expected = hmac.new(SECRET.encode(), f"1795230007900\n{SECRET}".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(expected).decode()]


def test_feishu_gets_time_and_signature_in_its_body(outgoing: Outgoing, make_chat: MakeMessage) -> None:
    kind = KINDS[2]
    with receiver(body=kind.good.body.encode()) as server:
        kind.robot(outgoing).send(make_chat(server.url + kind.path))
    came = server.requests[0].json
    assert came["timestamp"] == "1795230007"
    expected = hmac.new(f"1795230007\n{SECRET}".encode(), b"", hashlib.sha256).digest()
    assert came["sign"] == base64.b64encode(expected).decode()


@pytest.mark.parametrize("kind", KINDS[1:3], ids=lambda kind: kind.name)
def test_without_a_secret_nothing_is_sent_to_a_robot_that_wants_one(
    kind: Kind, outgoing: Outgoing, make_chat: MakeMessage
) -> None:
    with receiver() as server:
        assert refusal(kind.robot(outgoing), make_chat(server.url + kind.path, secret=None)).permanent
    assert server.requests == []


def document_of(kind: Kind, message: Message) -> Any:
    return kind.robot(Outgoing()).request_of(message)[1]


def test_no_title_mentions_anybody_or_forges_a_link(make_chat: MakeMessage) -> None:
    message = make_chat("https://chat.example/?key=1", subject=EVIL, asked=EVIL)
    wecom, dingtalk, feishu, slack, teams = (document_of(kind, message) for kind in KINDS)
    for text in (wecom["markdown"]["content"].replace("**", ""), dingtalk["actionCard"]["text"].replace("### ", "")):
        ours = text.replace(f"[签收]({LINK})", "")
        assert not set("<>[]*#`|@") & set(ours)
    assert {part["text"]["tag"] for part in feishu["card"]["elements"] if part["tag"] == "div"} == {"plain_text"}
    assert feishu["card"]["header"]["title"]["tag"] == "plain_text"
    header, section, links = slack["blocks"]
    assert (header["text"]["type"], section["text"]["type"]) == ("plain_text", "plain_text")
    assert links["text"]["text"] == f"<{LINK}|签收>"
    assert not set("<>|") & set(slack["text"])
    [card] = teams["attachments"]
    assert {block["type"] for block in card["content"]["body"]} == {"RichTextBlock"}
    assert "msteams" not in card["content"]


@given(st.text())
def test_what_is_made_literal_holds_no_markup(text: str) -> None:
    assert not set("<>[]*#`~|\\@!") & set(literal(text))
    assert len(literal(text)) == len(text)


def test_the_longest_message_keeps_to_the_limits_of_every_chat(make_chat: MakeMessage) -> None:
    message = make_chat("https://chat.example/?key=1", subject="长" * 250, asked="长" * 300)
    wecom, *_others = (json.dumps(document_of(kind, message), ensure_ascii=False).encode() for kind in KINDS)
    assert len(wecom) < 4096
    assert len(document_of(KINDS[3], message)["blocks"][0]["text"]["text"]) <= 150


def message_of(written_by: Writer, kind: MessageType, language: str, tlp: str) -> Message:
    facts = facts_of(kind, language, tlp)
    written = written_by.write(facts, language)
    at = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    shown = {"subject": written.subject, "asked": written.asked, "links": written.links, "language": language}
    where = {"contact": "C", "channel": "x", "address": "https://chat.example/send?key=1", "secret": "SEC1"}
    return Message(webhook_id="msg_1", type=kind, at=at, sent_at=at, **where, **shown)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
@each_kind
def test_each_chat_reads_as_its_golden_file(kind: Kind, writer: Writer, language: str) -> None:
    documents = {
        f"{type_} {tlp}": document_of(kind, message_of(writer, type_, language, tlp))
        for type_ in MESSAGE_TYPES
        for tlp in ("amber", "red")
        if type_ != "contact.test" or tlp == "amber"
    }
    text = json.dumps(documents, ensure_ascii=False, indent=1) + "\n"
    file = GOLDEN / f"{kind.name}.{language}.json"
    if os.environ.get("GOLDEN") == "write":
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")
    red = json.dumps([one for name, one in documents.items() if name.endswith("red")], ensure_ascii=False)
    assert not [word for word in ("payroll", "工资", "Ransomware", "勒索", "重大", "grave") if word in red]
