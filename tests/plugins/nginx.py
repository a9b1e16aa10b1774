"""A real nginx on loopback with the example of docs/reverse-proxy.md; dependent tests are skipped without one."""

import datetime as dt
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reverse-proxy.md"
START_LIMIT = 20.0
NAME = "incident.example.org"

FRAME = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 1;
{user}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{example}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """Where it listens, and the certificate that it shows."""

    http_port: int
    https_port: int
    certificate: Path

    @property
    def url(self) -> str:
        """Where a client finds it."""
        return f"https://127.0.0.1:{self.https_port}"


def example() -> str:
    """The configuration in the documentation page, with the part for addresses that contain a token."""
    whole, of_tokens = re.findall(r"^```nginx\n(.*?)^```", DOCUMENT.read_text(), re.M | re.S)
    assert whole.count("    location / {") == 1
    return str(whole).replace("    location / {", f"{of_tokens}\n    location / {{")


def _on_loopback(text: str, port: int, http_port: int, https_port: int, folder: Path) -> str:
    """The example with other ports and paths, and nothing else changed."""
    changes = {
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{port};",
        "listen 80;": f"listen 127.0.0.1:{http_port};",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{https_port} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "/etc/ssl/incident/fullchain.pem": f"{folder}/fullchain.pem",
        "/etc/ssl/incident/privkey.pem": f"{folder}/privkey.pem",
        "/var/log/nginx/error.log": f"{folder}/error.log",
    }
    for before, after in changes.items():
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


def _make_certificate(folder: Path) -> None:
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    names = x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))])
    began = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + dt.timedelta(days=36_500))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(made.public_bytes(pem))
    kind = serialization.PrivateFormat.PKCS8
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, kind, serialization.NoEncryption()))


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in probes]


@contextmanager
def _running(folder: Path, port: int) -> Iterator[Nginx]:
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("no nginx found: install it (Debian: apt install nginx)")
    http_port, https_port = _free_ports(2)
    _make_certificate(folder)
    shown = _on_loopback(example(), port, http_port, https_port, folder)
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(FRAME.format(folder=folder, example=shown, user=user))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [program, "-c", config, "-e", folder / "error.log"], stdin=subprocess.DEVNULL, stderr=log
        )
    try:
        _wait(process, https_port, folder)
        yield Nginx(http_port, https_port, folder / "fullchain.pem")
    finally:
        process.terminate()
        process.wait(20)


def _wait(process: subprocess.Popen, port: int, folder: Path) -> None:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    pytest.fail(f"nginx did not start: {(folder / 'log').read_text()}", pytrace=False)


@pytest.fixture
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Nginx]]:
    """Starts it in front of a program that listens on a port of loopback."""
    with ExitStack() as stack:
        yield lambda port: stack.enter_context(_running(tmp_path_factory.mktemp("nginx"), port))
