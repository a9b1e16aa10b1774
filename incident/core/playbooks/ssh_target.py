"""The ssh targets on which an administrator allows commands."""

import base64
import binascii
import hashlib
import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from incident.core.playbooks.endpoint import first_address
from incident.core.values.faults import RuleError

SSH_KINDS: Final = frozenset({"ssh", "bash"})
"""The kinds of commands that are executed over ssh."""

SSH_PORT: Final = 22
HOST_LIMIT: Final = 255
USER_LIMIT: Final = 64
SECRET_NAME_LIMIT: Final = 200
HOST_KEY_LIMIT: Final = 8_000

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63}", re.ASCII)
_HOST_KEYS: Final = frozenset(
    {"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"}
)


@dataclass(frozen=True, slots=True)
class SshEndpoint:
    """The ssh destination of a command; `user` is "" when the playbook names none."""

    host: str
    port: int = SSH_PORT
    user: str = ""


@dataclass(frozen=True, slots=True)
class SshTarget:
    """A target that an administrator has allowed.

    `key` is the private key (OpenSSH or PEM text), None when none is stored; `host_keys` are lines `ALGORITHM BASE64`,
    of which the server must present one.
    """

    host: str
    port: int
    user: str
    host_keys: tuple[str, ...]
    key: str | None = field(default=None, repr=False)


def ssh_place(definition: Mapping[str, Any], authentication: Mapping[str, Any] | None = None) -> SshEndpoint | None:
    """Return the place of a command's target, with the user of its authentication-info; None without a place."""
    found = first_address(definition)
    if found is None:
        return None
    kind, text = found
    named, user = str(definition.get("port") or ""), str((authentication or {}).get("username") or "")
    try:
        if kind == "url":
            parts = urlsplit(text if "://" in text else f"ssh://{text}")
            text, named, user = parts.hostname or "", named or str(parts.port or ""), user or parts.username or ""
        return SshEndpoint(require_host(text), require_port(int(named) if named else SSH_PORT), user)
    except (RuleError, ValueError):
        return None


def allowed_target(place: SshEndpoint | None, known: Iterable[SshTarget]) -> SshTarget | None:
    """Return the target for a place: of the named user, or the only one when the playbook names none."""
    if place is None:
        return None
    there = [one for one in known if (one.host, one.port) == (place.host, place.port)]
    if place.user:
        there = [one for one in there if one.user == place.user]
    return there[0] if len(there) == 1 else None


def require_host(text: str) -> str:
    """Return the host name or address in its canonical form; raises RuleError `target.host_malformed`."""
    plain = text.strip().removeprefix("[").removesuffix("]").rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(plain))
    except ValueError:
        if len(plain) <= HOST_LIMIT and _NAME.fullmatch(plain):
            return plain
    raise RuleError("target.host_malformed", pointer="/host")


def require_port(port: int) -> int:
    """Return the number of a TCP port; raises RuleError `target.port_malformed`."""
    if 0 < port < 65536:
        return port
    raise RuleError("target.port_malformed", pointer="/port")


def require_user(text: str) -> str:
    """Return the name of a user on the target; raises RuleError `target.user_malformed`."""
    if _USER.fullmatch(text):
        return text
    raise RuleError("target.user_malformed", {"limit": USER_LIMIT}, pointer="/user")


def read_host_keys(text: str) -> tuple[str, ...]:
    """Read the public keys of a `.pub` file or of `ssh-keyscan`, each as `ALGORITHM BASE64`.

    Raises RuleError `target.host_key_malformed` when there is none, or when a line is not a key.
    """
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = [key for parts in lines if (key := _host_key(parts)) is not None]
    if not found or len(found) < len(lines) or len(text) > HOST_KEY_LIMIT:
        raise RuleError("target.host_key_malformed", {"algorithms": sorted(_HOST_KEYS)}, pointer="/host_key")
    return tuple(dict.fromkeys(found))


def fingerprint(host_key: str) -> str:
    """Return the fingerprint of a host key `ALGORITHM BASE64` in the form of OpenSSH, `SHA256:...`."""
    digest = hashlib.sha256(base64.b64decode(host_key.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _host_key(parts: Sequence[str]) -> str | None:
    """Return the key of a line `ALGORITHM BASE64 [COMMENT]` or `HOSTS ALGORITHM BASE64 [COMMENT]`."""
    start = 0 if parts[0] in _HOST_KEYS else 1
    if len(parts) < start + 2 or parts[start] not in _HOST_KEYS or parts[0].startswith("@"):
        return None
    algorithm, encoded = parts[start], parts[start + 1]
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    # The key contains the name of its algorithm once more (RFC 4253 section 6.6).
    name = algorithm.encode()
    return f"{algorithm} {encoded}" if blob.startswith(len(name).to_bytes(4, "big") + name) else None
