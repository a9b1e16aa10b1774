"""A real sshd on loopback with its own keys; dependent tests are skipped without one."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from incident.core.playbooks.ssh_target import SshTarget

START_LIMIT = 10.0

CONFIG = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
LogLevel VERBOSE
"""


@dataclass(frozen=True)
class SshServer:
    """Its address, user, private key and host key."""

    folder: Path
    port: int
    host: str = "127.0.0.1"
    user: str = getpass.getuser()

    @property
    def key(self) -> str:
        """The private key that it accepts."""
        return (self.folder / "user").read_text()

    @property
    def host_key(self) -> str:
        """Its public host key, as `ALGORITHM BASE64`."""
        return " ".join((self.folder / "host.pub").read_text().split()[:2])

    def target(self, **changed: object) -> "SshTarget":
        """It as a target that is allowed and has its key."""
        from incident.core.playbooks.ssh_target import SshTarget

        facts: dict = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "host_keys": (self.host_key,),
            "key": self.key,
        }
        return SshTarget(**(facts | changed))

    def definition(self, **more: object) -> dict:
        """It as a target of a playbook."""
        address = {"ipv4": [self.host]}
        return {"id": "ssh--1", "type": "ssh", "name": "gate", "address": address, "port": str(self.port), **more}


def make_key(file: Path) -> Path:
    """A key pair of OpenSSH without passphrase: FILE and FILE.pub."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file], check=True)
    return file


def _find() -> str:
    found = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None or shutil.which("ssh-keygen") is None:
        pytest.skip("no sshd found: install it (Debian: apt install openssh-server)")
    return found


@pytest.fixture(scope="session")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """The server, started at first use."""
    program = _find()
    folder = tmp_path_factory.mktemp("sshd")
    for name in ("host", "user", "stranger"):
        make_key(folder / name)
    shutil.copy(folder / "user.pub", folder / "authorized_keys")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder))
    with (folder / "log").open("w") as log:
        running = subprocess.Popen([program, "-D", "-e", "-f", folder / "config"], stdin=subprocess.DEVNULL, stderr=log)
    try:
        _wait(running, port, folder / "log")
        yield SshServer(folder, port)
    finally:
        running.terminate()
        running.wait(10)


def _wait(running: subprocess.Popen, port: int, log: Path) -> None:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end and running.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    pytest.fail(f"sshd did not start: {log.read_text()}", pytrace=False)
