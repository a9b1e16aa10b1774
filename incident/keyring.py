"""The key ring: seals secrets for the database and signs links (RFC 8452, AES-256-GCM-SIV).

It is a file, or a text of the environment when several nodes share it. It is never created by reading it.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

NONCE_SIZE = 12
"""Bytes of a nonce (RFC 8452 section 4)."""


KEY_SIZE = 32
"""Bytes of a key."""

Mismatch = Literal["foreign", "outdated"]


class RingBroken(ValueError):
    """A file or a text that cannot be read as a key ring."""


class RingMissing(RuntimeError):
    """There is no key ring, so nothing can be sealed, opened or signed."""


class RingFixed(RuntimeError):
    """The ring is given by the environment, so no key can be added to it from here."""


class KeyUnknown(LookupError):
    """The ring has no key of that name."""


class KeyInUse(ValueError):
    """The newest key cannot be taken out of the ring: it seals."""


class SealBroken(Exception):
    """A sealed value that no key of the ring opens, or that was sealed for another place."""


class KeyRing:
    """Keys by name; the newest seals, all open.

    Args:
        keys: 32 bytes each; none while there is no ring yet.
        current: the name of the key that seals.
        path: the file that holds them; None for keys of the environment.
        retired: the check values of keys that were taken out, by name: who still has one knows that it is gone.
    """

    def __init__(
        self, keys: dict[str, bytes], current: str, path: Path | None, retired: Mapping[str, str] | None = None
    ) -> None:
        self._keys = keys
        self._retired = dict(retired or {})
        self._path = path
        self._written_at = (0, 0)
        self.current = current

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Read the ring of a file; without the file it has no keys until `create` is called. Raises RingBroken."""
        try:
            return cls.parse(path.read_text(), path)
        except FileNotFoundError:
            return cls({}, "", path)
        except (OSError, UnicodeDecodeError) as error:
            raise RingBroken(getattr(error, "strerror", None) or "it is no text") from None

    @classmethod
    def parse(cls, text: str, path: Path | None = None) -> "KeyRing":
        """Read a ring from its JSON; raises RingBroken."""
        try:
            document = json.loads(text)
            keys = {str(name): base64.b64decode(key, validate=True) for name, key in document["keys"].items()}
            current = str(document["current"])
            retired = {str(name): str(check) for name, check in document.get("retired", {}).items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise RingBroken('it is not {"current": NAME, "keys": {NAME: KEY}} in JSON') from None
        if current not in keys or not all(name.isdecimal() and len(key) == KEY_SIZE for name, key in keys.items()):
            raise RingBroken("a key is not 32 bytes in Base64 under a number, or the current one is not among them")
        return cls(keys, current, path, retired)

    @property
    def is_there(self) -> bool:
        """Whether there are keys."""
        return bool(self._keys)

    def create(self) -> None:
        """Make a ring with one key in its file (mode 0600); of several processes that do, one wins for all."""
        if self._path is None:
            raise RingFixed
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._keys, self.current = {"1": secrets.token_bytes(KEY_SIZE)}, "1"
        try:
            self._write(must_be_new=True)
        except FileExistsError:  # another process was first
            first = self.load(self._path)
            self._keys, self.current = first._keys, first.current

    @staticmethod
    def document(keys: Mapping[str, bytes], current: str, retired: Mapping[str, str] | None = None) -> str:
        """Return a ring as the JSON that files and the environment hold."""
        encoded = {name: base64.b64encode(key).decode() for name, key in keys.items()}
        return json.dumps({"current": current, "keys": encoded} | ({"retired": dict(retired)} if retired else {}))

    def _write(self, *, must_be_new: bool) -> None:
        path = self._path
        if path is None:
            raise RingFixed
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(self.document(self._keys, self.current, self._retired))
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
        """Add a new key that seals from now on, in every process that reads the file; return its name.

        Raises:
            RingFixed: when the ring is given by the environment.
            OSError: when its file cannot be written.
        """
        with self._changing():
            keys = self._keys | {str(max(int(name) for name in self._keys) + 1): secrets.token_bytes(KEY_SIZE)}
            self._keys, self.current = keys, max(keys, key=int)
            self._write(must_be_new=False)
        return self.current

    def retire(self, name: str) -> None:
        """Remove an old key from the ring in every process: values that it sealed no longer open.

        Raises:
            KeyUnknown, KeyInUse: and nothing is changed.
            RingFixed: when the ring is given by the environment.
            OSError: when its file cannot be written.
        """
        with self._changing():
            self.old_key(name)
            retired = self._retired | {name: self.checks()[name]}
            keys = {one: key for one, key in self._keys.items() if one != name}
            self._replace(keys, retired)

    def restore_key(self, name: str, key: bytes) -> None:
        """Put a key back that was taken out; raises as `retire`."""
        with self._changing():
            retired = {one: check for one, check in self._retired.items() if one != name}
            self._replace(self._keys | {name: key}, retired)

    def old_key(self, name: str) -> bytes:
        """Return a key that does not seal; raises KeyUnknown or KeyInUse."""
        if name not in self._keys:
            raise KeyUnknown(name)
        if name == self.current or int(name) == max(map(int, self._keys)):
            raise KeyInUse(name)
        return self._keys[name]

    def _replace(self, keys: dict[str, bytes], retired: Mapping[str, str]) -> None:
        """Write other keys to the file; when that fails the ring is as it was."""
        before = self._keys, self._retired
        self._keys, self._retired = keys, dict(retired)
        try:
            self._write(must_be_new=False)
        except BaseException:
            self._keys, self._retired = before
            raise

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """The newest content of the file, which nobody else changes meanwhile; raises RingFixed."""
        if self._path is None:
            raise RingFixed
        with self._path.with_name(f"{self._path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # of two that change it at once, none may lose the other's key
            self.refresh()
            yield

    def refresh(self) -> None:
        """Take over what another process has added or retired; a file that is gone or foreign changes nothing here."""
        if self._path is None:
            return
        try:
            state = self._path.stat()
            written_at = (state.st_mtime_ns, state.st_ino)
            if written_at == self._written_at:
                return
            newer = self.load(self._path)
        except (OSError, RingBroken):
            return
        self._written_at = written_at
        checks = self.checks()
        if all(
            newer._keys.get(name) == key or newer._retired.get(name) == checks[name] for name, key in self._keys.items()
        ):
            self._keys, self.current, self._retired = newer._keys, newer.current, newer._retired

    def checks(self) -> dict[str, str]:
        """Return a check value for each key by name: it recognizes the key and says nothing about it."""
        return {name: hashlib.sha256(b"check" + key).hexdigest()[:32] for name, key in self._keys.items()}

    def mismatch(self, checks: Mapping[str, str]) -> Mismatch | None:
        """Compare the ring with the check values of keys that have been in use.

        Returns:
            `foreign` when a key is another one or none is known, `outdated` when one is missing, None when all are
            here; a ring may hold more keys than have been in use.
        """
        mine = self.checks()
        known = {name: check for name, check in checks.items() if name in mine}
        if any(mine[name] != check for name, check in known.items()):
            return "foreign"
        if len(known) < len(checks):
            return "outdated" if known else "foreign"
        return None

    def _sealing_key(self) -> bytes:
        if not self._keys:
            raise RingMissing("there is no key ring")
        return self._keys[self.current]

    def seal(self, plain: str, place: str) -> str:
        """Seal a text for one place in the database.

        Args:
            plain: the secret.
            place: `table:id:column`, bound into the seal so that a value moved elsewhere does not open.
        """
        self.refresh()
        nonce = secrets.token_bytes(NONCE_SIZE)
        sealed = AESGCMSIV(self._sealing_key()).encrypt(nonce, plain.encode(), place.encode())
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
        self._sealing_key()
        return f"{self.current}~{self._mark(self.current, text)}"

    def is_signed(self, text: str, signature: str) -> bool:
        """Tell in constant time whether this ring signed the text."""
        name, _, mark = signature.partition("~")
        return self._key(name) is not None and hmac.compare_digest(self._mark(name, text).encode(), mark.encode())

    def mark_receipt(self, hashed: bytes) -> str:
        """Return `key-name~HMAC-SHA-256` of the slow hash of a receipt, under the newest key."""
        self.refresh()
        self._sealing_key()
        return self._receipt_mark(self.current, hashed)

    def receipt_marks(self, hashed: bytes) -> list[str]:
        """Return the marks under which a receipt may be stored: one for each key, the newest first."""
        self.refresh()
        return [self._receipt_mark(name, hashed) for name in sorted(self._keys, key=int, reverse=True)]

    def _receipt_mark(self, name: str, hashed: bytes) -> str:
        key = hashlib.sha256(b"receipt" + self._keys[name]).digest()
        return f"{name}~{hmac.digest(key, hashed, 'sha256').hex()}"

    def _key(self, name: str) -> bytes | None:
        """A key by name; one that another process has added since is read from the file."""
        if name not in self._keys and name.isdecimal() and len(name) < 10:
            self.refresh()
        return self._keys.get(name)

    def _mark(self, name: str, text: str) -> str:
        key = hashlib.sha256(b"link" + self._keys[name]).digest()
        digest = hmac.digest(key, text.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def new_ring() -> str:
    """Return a ring with one new key as JSON, for a file or the environment of several nodes."""
    return KeyRing.document({"1": secrets.token_bytes(KEY_SIZE)}, "1")
