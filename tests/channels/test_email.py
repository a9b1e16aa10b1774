"""Mail to real SMTP servers that respond correctly and incorrectly."""

import email
import email.policy
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from hypothesis import given
from hypothesis import strategies as st

from incident.channels.channel import Means
from incident.channels.email import Email, SmtpServer, build, make, parse_smtp_url
from incident.core.notifications.message import DeliveryError, Message
from incident.outgoing import Outgoing
from tests import receivers

pytestmark = pytest.mark.smtp
MakeMessage = Callable[..., Message]
SENDER = "事件系统 <incident@i.example>"
PASSWORD = "hushhush"
AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
OUR_HEADERS = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
)


@dataclass
class Mailbox:
    """A running mail server: its port, its response at each step, and the received mail."""

    port: int = 0
    mail: str = "250 OK"
    rcpt: str = "250 OK"
    data: str = "250 2.0.0 queued as 4711"
    raw: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, list[str], bool]] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)

    def last(self) -> EmailMessage:
        read = email.message_from_bytes(self.raw[-1], policy=email.policy.default)
        assert isinstance(read, EmailMessage)
        return read

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self.mail

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.raw.append(envelope.content)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos, session.ssl is not None))
        return self.data

    def sign_in(self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        self.signed_in.append(data.login.decode())
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, is_tls_at_once: bool = False, **answers: Any) -> Iterator[Mailbox]:
    mailbox = Mailbox(**answers)
    kept: dict[str, Any] = {"ssl_context": tls} if is_tls_at_once else {"tls_context": tls}
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=receivers.closed_port(),
        authenticator=mailbox.sign_in,
        auth_require_tls=False,
        **(kept if tls else {}),
    )
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()


def channel(port: int, limit: float = 5.0, ca_file: str | None = None, **server: Any) -> Email:
    return Email(SmtpServer("127.0.0.1", port, **server), SENDER, ca_file, connect_limit=5.0, whole_limit=limit)


def refusal(email_channel: Email, message: Message) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        email_channel.send(message)
    assert PASSWORD not in caught.value.detail
    return caught.value


def test_a_mail_arrives_with_both_texts_and_the_servers_answer_is_kept(make_message: MakeMessage) -> None:
    with mail_server() as mailbox:
        accepted = channel(mailbox.port).send(make_message())
    assert accepted.detail == "250 2.0.0 queued as 4711"
    assert mailbox.envelopes == [("incident@i.example", ["duty@city.example"], False)]
    mail = mailbox.last()
    assert mail["Subject"] == "【重大】工资服务器文件被加密"
    assert mail["To"].addresses[0].display_name == "值班员 Duty officer"
    assert mail["From"].addresses[0].display_name == "事件系统"
    assert mail["Date"].datetime == make_message().at
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None  # people with responsibility cannot opt out with a click
    assert mail["Content-Language"] == "zh-CN"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "新事件，请立即签收。"
    assert html.get_content().strip() == "<p>新事件，请立即签收。</p>"
    assert plain.get_content_charset() == html.get_content_charset() == "utf-8"


def test_a_mail_is_seven_bits_in_short_lines_whatever_its_language(make_message: MakeMessage) -> None:
    with mail_server() as mailbox:
        channel(mailbox.port).send(make_message(text="很长的一行" * 1000, subject="很长的标题" * 60))
    assert mailbox.raw[0].isascii()
    assert max(map(len, mailbox.raw[0].splitlines())) < 998


def test_mails_of_one_incident_are_one_thread_and_a_retry_is_the_same_mail(make_message: MakeMessage) -> None:
    with mail_server() as mailbox:
        for changes in ({}, {}, {"webhook_id": "msg_other"}, {"thread": None}):
            channel(mailbox.port).send(make_message(**changes))
    mails = [email.message_from_bytes(raw, policy=email.policy.default) for raw in mailbox.raw]
    root = "<INC-2026-000042.incident@i.example>"
    assert [mail["References"] for mail in mails] == [root, root, root, None]
    assert [mail["In-Reply-To"] for mail in mails] == [root, root, root, None]
    first = "<msg_2Lh9KRb0pzN4LePd3XiA4v12Axj@i.example>"
    assert [mail["Message-ID"] for mail in mails] == [first, first, "<msg_other@i.example>", first]


@pytest.mark.parametrize("step", ["rcpt", "data"])
@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        ("421 4.3.2 closing", False),
        ("450 4.2.1 greylisted", False),
        ("451 4.3.0 try later", False),
        ("452 4.2.2 full", False),
        ("550 5.1.1 unknown", True),
        ("552 5.3.4 too big", True),
        ("554 5.7.1 refused", True),
    ],
)
def test_a_4xx_is_tried_again_and_a_5xx_is_not(
    make_message: MakeMessage, step: str, answer: str, permanent: bool
) -> None:
    answers: dict[str, Any] = {step: answer}
    with mail_server(**answers) as mailbox:
        error = refusal(channel(mailbox.port), make_message())
    assert (error.permanent, error.detail) == (permanent, answer)
    assert error.is_alive is not answer.startswith("421")  # that one is about the server, the others about the mail


@pytest.mark.parametrize("answer", ["451 4.3.0 try later", "550 5.7.1 you may not send"])
def test_what_a_server_has_against_us_is_not_the_contacts_fault(make_message: MakeMessage, answer: str) -> None:
    with mail_server(mail=answer) as mailbox:
        error = refusal(channel(mailbox.port), make_message())
    assert (error.permanent, error.is_alive, error.detail) == (False, False, answer)


def hang(connection: socket.socket, ended: threading.Event) -> None:
    ended.wait(30)


def drip(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"220-")
    while not ended.wait(0.05):
        connection.sendall(b"x")


def endless_lines(connection: socket.socket, ended: threading.Event) -> None:
    while not ended.wait(0.05):
        connection.sendall(b"220-and more\r\n")


def hang_after_data(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"220 hello\r\n")
    for answer in (b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"):
        connection.recv(10_000)
        connection.sendall(answer)
    ended.wait(30)


@pytest.mark.parametrize("talk", [hang, drip, endless_lines, hang_after_data])
def test_a_server_that_never_finishes_is_left_at_the_limit(make_message: MakeMessage, talk: Any) -> None:
    with receivers.talker(talk) as port:
        begun = time.monotonic()
        error = refusal(channel(port, limit=0.5), make_message())
        assert time.monotonic() - begun < 1
    assert not error.permanent
    assert error.detail == f"the mail server 127.0.0.1 port {port} did not finish within 0.5 s"


def test_a_server_that_hangs_after_it_took_the_mail_has_taken_it(make_message: MakeMessage) -> None:
    def hang_at_quit(connection: socket.socket, ended: threading.Event) -> None:
        connection.sendall(b"220 hello\r\n")
        for answer in (b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"):
            connection.recv(10_000)
            connection.sendall(answer)
        received = b""
        while not received.endswith(b"\r\n.\r\n"):
            received += connection.recv(10_000)
        connection.sendall(b"250 taken\r\n")
        ended.wait(30)

    with receivers.talker(hang_at_quit) as port:
        assert channel(port, limit=2.0).send(make_message()).detail == "250 taken"


@pytest.mark.parametrize(
    "talk",
    [
        lambda connection, ended: None,
        lambda connection, ended: connection.sendall(b"554 5.7.1 go away\r\n"),
        lambda connection, ended: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        lambda connection, ended: connection.sendall(b"\xff" * 20_000),
    ],
)
def test_a_server_that_is_none_is_tried_again(make_message: MakeMessage, talk: Any) -> None:
    with receivers.talker(talk) as port:
        assert not refusal(channel(port), make_message()).permanent


def test_a_server_that_is_down_is_tried_again(make_message: MakeMessage) -> None:
    error = refusal(channel(receivers.closed_port()), make_message())
    assert not error.permanent
    assert "Connection refused" in error.detail


def test_starttls_is_used_with_a_certificate_that_fits(make_message: MakeMessage, tmp_path: Path) -> None:
    own = receivers.authority(tmp_path)
    with mail_server(own.server_context) as mailbox:
        channel(mailbox.port, ca_file=own.ca_file, starttls="require").send(make_message())
        channel(mailbox.port, ca_file=own.ca_file, starttls="offered").send(make_message())
        channel(mailbox.port, ca_file=own.ca_file, starttls="no").send(make_message())
    assert [is_tls for *_, is_tls in mailbox.envelopes] == [True, True, False]


def test_tls_from_the_first_byte(make_message: MakeMessage, tmp_path: Path) -> None:
    own = receivers.authority(tmp_path)
    with mail_server(own.server_context, is_tls_at_once=True) as mailbox:
        channel(mailbox.port, ca_file=own.ca_file, is_tls=True).send(make_message())
        error = refusal(channel(mailbox.port, is_tls=True), make_message())
    assert len(mailbox.raw) == 1
    assert "certificate" in error.detail


def test_a_certificate_of_an_unknown_authority_sends_nothing(make_message: MakeMessage, tmp_path: Path) -> None:
    with mail_server(receivers.authority(tmp_path).server_context) as mailbox:
        error = refusal(channel(mailbox.port, starttls="require"), make_message())
    assert mailbox.raw == []
    assert "certificate" in error.detail
    assert not error.permanent


def test_starttls_that_is_required_and_not_offered_sends_nothing(make_message: MakeMessage) -> None:
    with mail_server() as mailbox:
        error = refusal(channel(mailbox.port, starttls="require", user="me", password=PASSWORD), make_message())
    assert (mailbox.raw, mailbox.signed_in) == ([], [])
    assert "STARTTLS" in error.detail


def test_a_user_signs_in_and_a_wrong_password_is_never_told(make_message: MakeMessage, tmp_path: Path) -> None:
    own = receivers.authority(tmp_path)
    with mail_server(own.server_context) as mailbox:
        right = {"ca_file": own.ca_file, "starttls": "require", "user": "me"}
        channel(mailbox.port, password=PASSWORD, **right).send(make_message())  # type: ignore[arg-type]
        error = refusal(channel(mailbox.port, password=PASSWORD + "x", **right), make_message())  # type: ignore[arg-type]
    assert mailbox.signed_in[:2] == ["me", "me"]
    assert len(mailbox.raw) == 1
    assert error.detail == "535: the mail server did not accept the sign-in"
    assert not error.permanent


def test_without_a_mail_server_a_message_waits_and_says_which_setting_is_missing(make_message: MakeMessage) -> None:
    error = refusal(make(Means(outgoing=Outgoing())), make_message())
    assert "INCIDENT_SMTP_URL" in error.detail
    assert not error.permanent


EVIL = "A\r\nBcc: evil@e.example\n\nX"


def test_nothing_can_add_a_header_or_a_recipient(make_message: MakeMessage) -> None:
    with mail_server() as mailbox:
        message = make_message(contact=EVIL, subject=EVIL, thread=EVIL, webhook_id=EVIL)
        channel(mailbox.port).send(message)
        assert refusal(channel(mailbox.port), make_message(address=f"a@b.example{EVIL}")).permanent
    assert len(mailbox.raw) == 1
    assert mailbox.envelopes[0][1] == ["duty@city.example"]
    assert mailbox.last()["Bcc"] is None
    assert mailbox.last()["Subject"] == "A Bcc: evil@e.example X"


def mail_to(address: str, contact: str = "C", subject: str = "S", text: str = "T") -> Message:
    return Message(
        webhook_id="msg_1",
        type="notice.created",
        at=AT,
        sent_at=AT,
        contact=contact,
        channel="email",
        address=address,
        subject=subject,
        text=text,
    )


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_any_text_makes_a_mail_with_our_headers_alone(contact: str, subject: str, text: str) -> None:
    raw = build(mail_to("a@b.example", contact, subject, text), Address("", addr_spec="i@i.example")).as_bytes()
    names = [line.split(b":")[0] for line in raw.partition(b"\r\n\r\n")[0].splitlines() if not line[:1].isspace()]
    assert set(names) <= {name.encode() for name in OUR_HEADERS}
    assert len(names) == len(set(names))


def test_any_line_of_a_dot_arrives(make_message: MakeMessage) -> None:
    with mail_server() as mailbox:
        channel(mailbox.port).send(make_message(text=".\n..\nfrom\n.\n", html=None))
        assert mailbox.last().get_content().replace("\r\n", "\n") == ".\n..\nfrom\n.\n"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (None, "address.missing"),
        ("", "address.missing"),
        ("x" * 250 + "@a.example", "address.too_long"),
        ("nobody", "address.not_mail"),
        ("@a.example", "address.not_mail"),
        ("a@", "address.not_mail"),
        ("a@b@c.example", "address.not_mail"),
        ("a b@c.example", "address.not_mail"),
        ("<a@c.example>", "address.not_mail"),
        ("Me <a@c.example>", "address.not_mail"),
        ("a@c.example, b@c.example", "address.not_mail"),
        ("a@c..example", "address.not_mail"),
        ("a@-c.example", "address.not_mail"),
        ("a@c.example.", "address.not_mail"),
        ("a@[127.0.0.1]", "address.not_mail"),
        ("值班@c.example", "address.not_mail"),
        ("a@c.example\r\nBcc: b@c.example", "address.not_mail"),
        ("a@c.example\x00", "address.not_mail"),
        ("a.@c.example", "address.not_mail"),
        ("duty@city.example", None),
        ("duty+night@sub.city.example", None),
        ("duty@例子.example", None),
        ("root@localhost", None),
    ],
)
def test_an_address_is_checked_when_a_contact_is_made(address: str | None, code: str | None) -> None:
    assert CHECKING.check_address(address) == code


CHECKING = channel(9)


@given(st.text(max_size=300))
def test_checking_an_address_never_fails_and_what_passes_can_be_sent_to(text: str) -> None:
    for address in (text, f"{text}@a.example", f"a@{text}"):
        if CHECKING.check_address(address) is None:
            assert "\n" not in address
            build(mail_to(address), Address("", addr_spec="i@i.example")).as_bytes()


def test_an_international_domain_is_sent_in_ascii(make_message: MakeMessage) -> None:
    with mail_server() as mailbox:
        channel(mailbox.port).send(make_message(address="duty@例子.example"))
    assert mailbox.envelopes[0][1] == ["duty@xn--fsqu00a.example"]


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 25)),
        ("smtp://mail.example:2525", SmtpServer("mail.example", 2525)),
        ("smtp://localhost", SmtpServer("localhost", 25, starttls="no")),
        ("smtp://127.0.0.1:1025", SmtpServer("127.0.0.1", 1025, starttls="no")),
        ("smtp://localhost?starttls=require", SmtpServer("localhost", 25, starttls="require")),
        ("smtp://me:p%40ss@mail.example", SmtpServer("mail.example", 587, False, "require", "me", "p@ss")),
        ("smtp://me@mail.example:25?starttls=no", SmtpServer("mail.example", 25, False, "no", "me")),
        ("smtps://me:x@mail.example", SmtpServer("mail.example", 465, True, "require", "me", "x")),
        ("smtp://[::1]:25?starttls=offered", SmtpServer("::1", 25, starttls="offered")),
    ],
)
def test_the_address_of_a_mail_server_is_read(url: str, server: SmtpServer) -> None:
    assert parse_smtp_url(url) == server
    assert "p@ss" not in repr(parse_smtp_url(url))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://h:x",
        "smtp://h?starttls=maybe",
        "smtp://u:hushhush@",
    ],
)
def test_an_address_that_is_no_mail_server_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://USER:PASSWORD@HOST") as caught:
        parse_smtp_url(url)
    assert "hushhush" not in str(caught.value)
