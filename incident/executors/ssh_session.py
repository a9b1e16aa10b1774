"""One command on one host by ssh, in a connection of its own; the only module that uses the library.

The server must present a pinned host key, the key is the only way to sign in, and the machine's own configuration of
ssh is not used.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from incident.core.playbooks.ssh_target import SshTarget
from incident.outgoing import MEBIBYTE, OutgoingError
from incident.outgoing.sockets import open_socket

if TYPE_CHECKING:
    import asyncssh

CONNECT_LIMIT = 10.0
OUTPUT_LIMIT = MEBIBYTE
_CHUNK = 1 << 16
_PARTING_LIMIT = 1.0
# The kind of key behind each way to sign; a key of RSA signs by SHA-2 alone.
_SIGNING = {
    "ssh-ed25519": "ssh-ed25519",
    "ecdsa-sha2-nistp256": "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384": "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521": "ecdsa-sha2-nistp521",
    "rsa-sha2-512": "ssh-rsa",
    "rsa-sha2-256": "ssh-rsa",
}


@dataclass(frozen=True, slots=True)
class Output:
    """The output of a command and its end; `status` is None when a signal ended it."""

    status: int | None
    signal: str
    stdout: bytes
    stderr: bytes
    cut: tuple[str, ...]


class SessionFailed(Exception):
    """The command did not end properly; the text holds no secret."""


def run_there(target: SshTarget, key: str, line: str, limit: float) -> Output:
    """Execute a command line on a host.

    Args:
        target: the host, its user and its pinned keys.
        key: the private key.
        line: the command line for the user's shell there.
        limit: time (s) for everything, from the look-up of the name to the last byte.

    Raises:
        SessionFailed: when it did not end properly.
    """
    try:
        return asyncio.run(_carried_out(target, key, line, limit))
    except OutgoingError as error:
        raise SessionFailed(error.detail) from None


def scan_host_key(host: str, port: int) -> str:
    """Return the host key that a server presents now, as `ALGORITHM BASE64`, without proof of the server's identity.

    Raises SessionFailed when none arrives.
    """
    import asyncssh

    async def ask() -> Any:
        async with asyncio.timeout(CONNECT_LIMIT):
            opened = open_socket(host, port, CONNECT_LIMIT)
            opened.setblocking(False)
            return await asyncssh.get_server_host_key(sock=opened, config=None)

    try:
        shown = asyncio.run(ask())
    except (asyncssh.Error, OSError, OutgoingError) as error:
        raise SessionFailed(f"{host} port {port} shows no host key ({type(error).__name__})") from None
    if shown is None:
        raise SessionFailed(f"{host} port {port} shows no host key")
    algorithm, encoded = shown.export_public_key("openssh").decode().split()[:2]
    return f"{algorithm} {encoded}"


async def _carried_out(target: SshTarget, key: str, line: str, left: float) -> Output:
    import asyncssh

    try:
        async with asyncio.timeout(left):
            connection = await _connected(target, key, left)
            try:
                return await _run(connection, line)
            finally:
                await _part(connection)
    except TimeoutError:
        raise SessionFailed(f"no end within {left:.0f} s; it was told to stop") from None
    except asyncssh.HostKeyNotVerifiable:
        raise SessionFailed("the server shows another host key than the pinned one; nothing was sent") from None
    except asyncssh.PermissionDenied:
        raise SessionFailed("the server does not take the key") from None
    except (asyncssh.Error, OSError) as error:
        raise SessionFailed(f"the connection failed ({type(error).__name__})") from None


async def _connected(target: SshTarget, key: str, left: float) -> "asyncssh.SSHClientConnection":
    import asyncssh

    try:
        own = asyncssh.import_private_key(key.strip() + "\n")
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise SessionFailed("the deposited key is no private key without passphrase") from None
    try:
        pinned = [asyncssh.import_public_key(line) for line in target.host_keys]
    except asyncssh.KeyImportError:
        raise SessionFailed("the pinned host key is none") from None
    opened = open_socket(target.host, target.port, min(left, CONNECT_LIMIT))
    opened.setblocking(False)
    return await asyncssh.connect(
        target.host,
        target.port,
        sock=opened,
        config=None,
        username=target.user,
        client_keys=[own],
        known_hosts=(pinned, [], []),
        server_host_key_algs=_algorithms(target.host_keys),
        preferred_auth="publickey",
        agent_path=None,
        gss_host=None,
        x509_trusted_certs=None,
        login_timeout=min(left, CONNECT_LIMIT),
    )


def _algorithms(host_keys: Sequence[str]) -> list[str]:
    """Return the requested signature algorithms: first those of the pinned keys, so that the server presents one."""
    pinned = {line.split()[0] for line in host_keys}
    return sorted(_SIGNING, key=lambda algorithm: _SIGNING[algorithm] not in pinned)


async def _run(connection: "asyncssh.SSHClientConnection", line: str) -> Output:
    import asyncssh

    process: asyncssh.SSHClientProcess[bytes] = await connection.create_process(
        line, stdin=asyncssh.DEVNULL, encoding=None
    )
    try:
        (stdout, is_out_cut), (stderr, is_err_cut) = await asyncio.gather(
            _drained(process.stdout), _drained(process.stderr)
        )
        await process.wait_closed()
    except asyncio.CancelledError:
        with suppress(asyncssh.Error, OSError):
            process.kill()
        raise
    cut = tuple(name for name, is_cut in (("stdout", is_out_cut), ("stderr", is_err_cut)) if is_cut)
    signal = process.exit_signal[0] if process.exit_signal else ""
    status = process.exit_status if not signal and process.exit_status is not None else None
    return Output(status, signal, stdout, stderr, cut)


async def _drained(stream: "asyncssh.SSHReader[bytes]") -> tuple[bytes, bool]:
    """Read to the end, and keep the first mebibyte."""
    kept, is_cut = bytearray(), False
    while chunk := await stream.read(_CHUNK):
        remaining = OUTPUT_LIMIT - len(kept)
        is_cut = is_cut or len(chunk) > remaining
        kept += chunk[:remaining]
    return bytes(kept), is_cut


async def _part(connection: "asyncssh.SSHClientConnection") -> None:
    """Close the connection, politely for a second."""
    connection.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(_PARTING_LIMIT):
            await connection.wait_closed()
    connection.abort()
