"""Real servers on loopback, well-behaved and faulty, that the program sends to."""

import datetime as dt
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Received:
    """One received request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    port: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """A running web server: its address, its response, and the received requests."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    behave: Callable[["Handler"], None] | None = None
    requests: list[Received] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])


class Handler(BaseHTTPRequestHandler):
    """Records the request, then responds as configured."""

    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.requests.append(Received(self.command, self.path, headers, body, self.client_address[1]))
        (self.receiver.behave or Handler.respond)(self)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_any

    def respond(self) -> None:
        self.send_response(self.receiver.status)
        for name, value in self.receiver.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.receiver.body)))
        self.end_headers()
        self.wfile.write(self.receiver.body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: received requests are in `requests`."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Many of the tests are about clients that hang up early."""


@contextmanager
def receiver(tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", **answer: Any) -> Iterator[Receiver]:
    """A web server for as long as the block runs."""
    started = Receiver(**answer)
    server = _Server(("127.0.0.1", 0), type("Bound", (Handler,), {"receiver": started}))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    started.url = f"{'https' if tls else 'http'}://{host}:{server.server_address[1]}"
    with _serving(server):
        yield started
        started.ended.set()


@contextmanager
def _serving(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def talker(talk: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """A TCP server that does `talk` with each connection; gives its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def converse(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            talk(connection, ended)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=converse, args=(connection,), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listening.getsockname()[1]
    finally:
        ended.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join()


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def hang(handler: Handler) -> None:
    """Answer nothing until the server ends."""
    handler.receiver.ended.wait(30)


def drip_body(handler: Handler) -> None:
    """Send the headers at once and then one byte of the body every 50 ms."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    _drip(handler, b"x")


def drip_headers(handler: Handler) -> None:
    """Send one byte of an endless header every 50 ms."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    _drip(handler, b"x")


def _drip(handler: Handler, byte: bytes) -> None:
    while not handler.receiver.ended.wait(0.05):
        handler.wfile.write(byte)
        handler.wfile.flush()


def pour(handler: Handler) -> None:
    """Send 100 MB."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(100 * 1000 * 1000))
    handler.end_headers()
    for _ in range(1000):
        handler.wfile.write(b"x" * 100_000)


@dataclass(frozen=True)
class Authority:
    """A certificate authority for tests and one server certificate of it."""

    ca_file: str
    server_context: ssl.SSLContext


def authority(folder: Path, name: str = "localhost", *, is_expired: bool = False) -> Authority:
    """Make an authority with a certificate for `name` and 127.0.0.1."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of the tests")])
    far = (dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2090, 1, 1, tzinfo=dt.UTC))
    gone = (dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2020, 2, 1, tzinfo=dt.UTC))
    root = _certificate(subject, subject, key, key, far).add_extension(x509.BasicConstraints(True, None), critical=True)
    server_key = ec.generate_private_key(ec.SECP256R1())
    server_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    leaf = _certificate(server_name, subject, server_key, key, gone if is_expired else far)
    leaf = leaf.add_extension(x509.SubjectAlternativeName(names), critical=False)
    ca_file, pair = folder / "ca.pem", folder / "server.pem"
    ca_file.write_bytes(root.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pair.write_bytes(private + leaf.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    return Authority(str(ca_file), context)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    valid: tuple[dt.datetime, dt.datetime],
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), *valid)
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return builder.add_extension(own, critical=False).add_extension(signed_by, critical=False)
