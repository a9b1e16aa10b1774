"""The package audit reports when it could not run, with a substitute package index."""

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tests.receivers import authority, closed_port, talker

REQUIREMENT = "nowhere==1.0 --hash=sha256:" + "0" * 64


def audit(folder: Path, proxy: int, ca_file: str) -> subprocess.CompletedProcess[str]:
    """Run the command of `make audit` on one package, through a proxy."""
    if shutil.which("make") is None:
        pytest.skip("make is missing: install it (Debian: apt install make)")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    dry = subprocess.run(
        ["make", "--dry-run", "audit"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    command = dry.stdout.splitlines()[-1]
    assert "pip-audit" in command
    listed = folder / "run.txt"
    listed.write_text(REQUIREMENT)
    environment |= dict.fromkeys(("HTTPS_PROXY", "https_proxy"), f"http://127.0.0.1:{proxy}")
    environment |= {"REQUESTS_CA_BUNDLE": ca_file, "NO_PROXY": "", "no_proxy": ""}
    environment |= {"HOME": str(folder), "PIP_CACHE_DIR": str(folder / "cache")}
    return subprocess.run(
        ["sh", "-c", command.replace("requirements/run.txt", str(listed))],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def index_that_answers(tls: ssl.SSLContext, status: str, body: bytes) -> Callable[[socket.socket, object], None]:
    """A proxy that answers every connection as the package index, with the same response."""

    def talk(connection: socket.socket, _ended: object) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with tls.wrap_socket(connection, server_side=True) as inner:
            inner.recv(65536)
            head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
            inner.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode() + body)

    return talk


@pytest.mark.parametrize(
    ("status", "body", "is_fine"),
    [
        ("200 OK", b'{"vulnerabilities": []}', True),
        ("404 Not Found", b"{}", False),
        ("503 Service Unavailable", b"", False),
        ("200 OK", b"<html>sign in to the network first</html>", False),
    ],
)
def test_an_audit_that_could_not_ask_for_a_package_fails(
    tmp_path: Path, status: str, body: bytes, is_fine: bool
) -> None:
    trusted = authority(tmp_path, "pypi.org")
    with talker(index_that_answers(trusted.server_context, status, body)) as port:
        outcome = audit(tmp_path, port, trusted.ca_file)
    assert (outcome.returncode == 0) is is_fine, outcome.stdout + outcome.stderr


def test_an_audit_without_a_network_fails(tmp_path: Path) -> None:
    outcome = audit(tmp_path, closed_port(), authority(tmp_path).ca_file)
    assert outcome.returncode != 0, outcome.stdout
