"""The key ring in the home: seals secrets for the database and signs links (RFC 8452, AES-256-GCM-SIV)."""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

NONCE_SIZE = 12
"""Bytes of a nonce (RFC 8452 section 4)."""


class SealBroken(Exception):
    """A sealed value that no key of the ring opens, or that stands in another place than it was sealed for."""


class KeyRing:
    """Keys by name; the newest seals, all open."""

    def __init__(self, keys: dict[str, bytes], current: str, path: Path) -> None:
        self._keys = keys
        self._path = path
        self._written_at = (0, 0)
        self.current = current

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Read the ring, or make it (mode 0600) when it is not there yet."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            return cls._parse(path)
        except FileNotFoundError:
            ring = cls({"1": secrets.token_bytes(32)}, "1", path)
            try:
                ring._write(must_be_new=True)
            except FileExistsError:  # another process was first
                return cls._parse(path)
            return ring

    @classmethod
    def _parse(cls, path: Path) -> "KeyRing":
        document = json.loads(path.read_text())
        keys = {name: base64.b64decode(key) for name, key in document["keys"].items()}
        return cls(keys, document["current"], path)

    def _write(self, *, must_be_new: bool) -> None:
        path = self._path
        keys = {name: base64.b64encode(key).decode() for name, key in self._keys.items()}
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({"current": self.current, "keys": keys}, file)
            file.flush()
            os.fsync(file.fileno())
        if must_be_new:
            try:
                os.link(draft, path)
            finally:
                draft.unlink()
        else:
            draft.replace(path)

    def rotate(self) -> str:
        """Add a new key that seals from now on, in every process; return its name."""
        with self._path.with_name(f"{self._path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # of two that rotate at once, none may lose the other's key
            self._refresh()
            keys = self._keys | {str(max(int(name) for name in self._keys) + 1): secrets.token_bytes(32)}
            self._keys, self.current = keys, max(keys, key=int)
            self._write(must_be_new=False)
        return self.current

    def _refresh(self) -> None:
        """Take over what another process has written to the ring."""
        state = self._path.stat()
        written_at = (state.st_mtime_ns, state.st_ino)
        if written_at != self._written_at:
            newer = self._parse(self._path)
            self._keys, self.current, self._written_at = newer._keys, newer.current, written_at

    def seal(self, plain: str, place: str) -> str:
        """Seal a text for one place in the database.

        Args:
            plain: the secret.
            place: `table:id:column`, bound into the seal so that a value moved elsewhere does not open.
        """
        self._refresh()
        nonce = secrets.token_bytes(NONCE_SIZE)
        sealed = AESGCMSIV(self._keys[self.current]).encrypt(nonce, plain.encode(), place.encode())
        return f"{self.current}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """Open what `seal` made for the same place.

        Raises:
            SealBroken: when it was changed, moved, or sealed under a key that is gone.
        """
        name, _, body = sealed.partition(".")
        key = self._key(name)
        if key is None:
            raise SealBroken(f"no key {name!r} in the key ring")
        try:
            raw = base64.b64decode(body, validate=True)
            return AESGCMSIV(key).decrypt(raw[:NONCE_SIZE], raw[NONCE_SIZE:], place.encode()).decode()
        except (InvalidTag, ValueError):
            raise SealBroken("a sealed value was changed or moved") from None

    def is_current(self, sealed: str) -> bool:
        """Tell whether a sealed value is under the newest key."""
        return sealed.partition(".")[0] == self.current

    def sign(self, text: str) -> str:
        """Return `key-name~signature` of a text that leaves in a link."""
        return f"{self.current}~{self._mark(self.current, text)}"

    def is_signed(self, text: str, signature: str) -> bool:
        """Tell in constant time whether this ring signed the text."""
        name, _, mark = signature.partition("~")
        return self._key(name) is not None and hmac.compare_digest(self._mark(name, text).encode(), mark.encode())

    def _key(self, name: str) -> bytes | None:
        """A key by name; one that another process has added since is read from the file."""
        if name not in self._keys and name.isdecimal() and len(name) < 10:
            self._refresh()
        return self._keys.get(name)

    def _mark(self, name: str, text: str) -> str:
        key = hashlib.sha256(b"link" + self._keys[name]).digest()
        digest = hmac.digest(key, text.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")
