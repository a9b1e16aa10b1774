"""Mail over SMTP, plain text and HTML, grouped by incident."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from incident.channels.channel import Means
from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.core.delivery.rate_limit import Limit
from incident.core.notifications.contact import Signing
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.outgoing import OutgoingError
from incident.outgoing.sockets import open_socket, tls_context, whole_limit

StartTls = Literal["require", "offered", "no"]

CONNECT_LIMIT = 3.0
WHOLE_LIMIT = 10.0
_QUIT_LIMIT = 1.0
_ADDRESS_LIMIT, _LOCAL_LIMIT, _DOMAIN_LIMIT = 254, 64, 253
_STARTTLS: dict[str, StartTls] = {"require": "require", "offered": "offered", "no": "no"}
_PORTS = {"smtp": 25, "smtps": 465}
_SUBMISSION_PORT = 587
_GOING_AWAY = 421
_THIS_MACHINE = re.compile(r"localhost|127\.[0-9.]+|::1")
# RFC 5321 section 4.1.2 without quoted local parts, which nobody has and everybody gets wrong.
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
# Seven bits: the message passes servers that do not offer 8BITMIME, Chinese text as Base64.
_POLICY = SMTP_POLICY.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The mail server: TLS from the first byte (`is_tls`) or by STARTTLS, `require`d, as `offered`, or `no`t at all."""

    host: str
    port: int
    is_tls: bool = False
    starttls: StartTls = "offered"
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def parse_smtp_url(url: str) -> SmtpServer:
    """Read `smtp://USER:PASSWORD@HOST:PORT?starttls=require|offered|no` or `smtps://...`.

    STARTTLS is required when there is a user, left out on this machine itself, and otherwise used when offered. The
    port is 25, with a user 587, with smtps 465. Raises ValueError, whose text holds no part of the address.
    """
    try:
        parts = urlsplit(url)
        host, given_port = parts.hostname, parts.port
    except ValueError:
        host, given_port = None, None
    wish = parse_qs(parts.query).get("starttls", [""])[-1] if host else ""
    if not host or parts.scheme not in _PORTS or wish not in {"", *_STARTTLS}:
        raise ValueError("a mail server is written smtp://USER:PASSWORD@HOST:PORT?starttls=require|offered|no")
    user = unquote(parts.username) if parts.username else None
    default: StartTls = "require" if user else "no" if _THIS_MACHINE.fullmatch(host) else "offered"
    is_tls = parts.scheme == "smtps"
    port = given_port or (_SUBMISSION_PORT if user and not is_tls else _PORTS[parts.scheme])
    password = unquote(parts.password) if parts.password else None
    return SmtpServer(host, port, is_tls, _STARTTLS.get(wish, default), user, password)


class Email:
    """Sends each message to one mail server, over a connection of its own.

    Args:
        server: the mail server, None when none is set: every message then waits.
        mail_from: the sender, with or without a display name.
        ca_file: certificate authorities trusted in addition to the machine's.
    """

    name = "email"
    is_leaving = True
    signing: Signing = "none"
    is_address_secret = False
    delivery_profile = DeliveryProfile(is_read=True, limit=Limit(12, 4), max_named=200)

    def __init__(
        self,
        server: SmtpServer | None,
        mail_from: str,
        ca_file: str | None = None,
        connect_limit: float = CONNECT_LIMIT,
        whole_limit: float = WHOLE_LIMIT,
    ) -> None:
        self._server = server
        self._sender = Address(parseaddr(mail_from)[0], addr_spec=_ascii_domain(parseaddr(mail_from)[1]))
        self._ca_file = ca_file
        self._connect_limit = connect_limit
        self._whole_limit = whole_limit

    def check_address(self, address: str | None) -> str | None:
        """The codes: `address.missing`, `address.too_long`, `address.not_mail`."""
        if not address:
            return "address.missing"
        if len(address) > _ADDRESS_LIMIT:
            return "address.too_long"
        return None if _is_mail_address(address) else "address.not_mail"

    def send(self, message: Message) -> Accepted:
        """Send a message; 4xx and faults of our own server are temporary, 5xx about recipient or text final."""
        if self._server is None:
            raise DeliveryError("no mail server is set (INCIDENT_SMTP_URL)", permanent=False)
        if self.check_address(message.address) is not None:
            raise DeliveryError("not a mail address", permanent=True)
        mail = build(message, self._sender)
        recipient = _ascii_domain(message.address or "")
        with _as_delivery_error(self._server, self._whole_limit), whole_limit(self._whole_limit):
            return self._converse(self._server, recipient, mail.as_bytes())

    def _converse(self, server: SmtpServer, recipient: str, content: bytes) -> Accepted:
        conversation = _Conversation(server, self._ca_file, self._connect_limit, self._sender.domain)
        try:
            conversation.greet()
            _expect(conversation.mail(self._sender.addr_spec), is_of_message=False)
            _expect(conversation.rcpt(recipient), is_of_message=True)
            accepted = Accepted(_expect(conversation.data(content), is_of_message=True))
            # The message is accepted: whatever happens to the goodbye, it must not be sent again.
            with suppress(smtplib.SMTPException, OSError), whole_limit(_QUIT_LIMIT):
                conversation.quit()
            return accepted
        finally:
            conversation.close()


def make(means: Means) -> Email:
    """The mail channel for the server of the settings; raises ValueError if its address is malformed."""
    server = parse_smtp_url(means.smtp_url) if means.smtp_url else None
    return Email(server, means.mail_from, means.smtp_ca_file)


def build(message: Message, sender: Address) -> EmailMessage:
    """The mail of a message; its Message-ID is the same on every try, and no value can add a header."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender
    mail["To"] = Address(_one_line(message.contact), addr_spec=_ascii_domain(message.address or ""))
    mail["Subject"] = _one_line(message.subject)
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{_token(message.webhook_id)}@{sender.domain}>"
    if message.thread:
        root = f"<{_token(message.thread)}.incident@{sender.domain}>"
        mail["In-Reply-To"] = root
        mail["References"] = root
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(_encodable(message.text))
    if message.html:
        mail.add_alternative(_encodable(message.html), subtype="html")
    for one in message.attachments:
        kind, _, subtype = one.type.partition("/")
        mail.add_attachment(one.content, maintype=kind, subtype=subtype, filename=one.name)
    # After the texts: a header Content-... that is there before would move into the first of them.
    mail["Content-Language"] = message.language.replace("_", "-").replace("-Hans", "")
    return mail


class _Conversation(smtplib.SMTP):
    """One connection, on a socket that keeps to the limits."""

    def __init__(self, server: SmtpServer, ca_file: str | None, connect_limit: float, own_name: str) -> None:
        self._server = server
        self._ca_file = ca_file
        self._connect_limit = connect_limit
        # With a name given, smtplib does not ask the resolver for ours, which may take long.
        super().__init__(server.host, server.port, local_hostname=own_name)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened = open_socket(host, port, self._connect_limit)
        if not self._server.is_tls:
            return opened
        return tls_context(self._ca_file).wrap_socket(opened, server_hostname=host)

    def greet(self) -> None:
        """Run EHLO, STARTTLS and sign-in as the settings require."""
        server = self._server
        self.ehlo_or_helo_if_needed()
        is_offered = self.has_extn("starttls")
        if not server.is_tls and server.starttls == "require" and not is_offered:
            raise DeliveryError("the mail server offers no STARTTLS, which is required", permanent=False)
        if not server.is_tls and server.starttls != "no" and is_offered:
            self.starttls(context=tls_context(self._ca_file))
            self.ehlo_or_helo_if_needed()
        if server.user is not None:
            self.login(server.user, server.password or "")


@contextmanager
def _as_delivery_error(server: SmtpServer, limit: float) -> Iterator[None]:
    name = f"mail server {server.host} port {server.port}"
    try:
        yield
    except OutgoingError as error:
        raise DeliveryError(f"mail server: {error.detail}", permanent=False) from None
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(f"{error.smtp_code}: the mail server did not accept the sign-in", permanent=False) from None
    except smtplib.SMTPDataError as error:
        _expect((error.smtp_code, error.smtp_error), is_of_message=True)
        raise DeliveryError(f"{error.smtp_code}: the mail server would not take the text", permanent=False) from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(_reply(error.smtp_code, error.smtp_error), permanent=False) from None
    except ssl.SSLCertVerificationError as error:
        detail = f"the certificate of the {name} was not accepted: {error.verify_message}"
        raise DeliveryError(detail, permanent=False) from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise DeliveryError(_broken(error, name, limit), permanent=False) from None


def _broken(error: Exception, name: str, limit: float) -> str:
    # smtplib hides a passed limit behind "connection unexpectedly closed".
    if isinstance(error, TimeoutError) or "timed out" in str(error) or "limit has passed" in str(error):
        return f"the {name} did not finish within {limit:g} s"
    if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionError):
        return f"the {name} closed the connection"
    return f"the conversation with the {name} failed ({type(error).__name__})"


def _expect(reply: tuple[int, bytes | str], is_of_message: bool) -> str:
    """Return the reply as text if it is a 2xx.

    A 5xx is final only when it is about this recipient or text (RFC 5321 section 4.2.1).
    """
    code, _ = reply
    text = _reply(*reply)
    if 200 <= code < 300:
        return text
    # A mailbox that is full or greylisted says nothing of the server; 421 is the server going away (section 4.2.2).
    is_alive = is_of_message and 400 <= code < 500 and code != _GOING_AWAY
    raise DeliveryError(text, permanent=is_of_message and 500 <= code < 600, is_alive=is_alive)


def _reply(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"


def _is_mail_address(address: str) -> bool:
    try:
        local, _, domain = _ascii_domain(address).rpartition("@")
    except UnicodeError:
        return False
    is_domain = len(domain) <= _DOMAIN_LIMIT and all(_LABEL.fullmatch(label) for label in domain.split("."))
    return len(local) <= _LOCAL_LIMIT and bool(_LOCAL_PART.fullmatch(local)) and is_domain


def _ascii_domain(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.encode('idna').decode('ascii')}"


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _token(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "-", text).strip(".") or "-"


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
