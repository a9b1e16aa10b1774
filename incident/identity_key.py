"""Boxes for identities (RFC 9180: X25519, HKDF-SHA-256, AES-256-GCM), and the key of the instance that opens them.

The key is in a file of its own: who has the database and the key ring opens no identity.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from incident.certifying import create_key_file

SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
BLOCK: Final = 64
"""Texts are filled up to multiples of so many bytes, so that their length says little."""


class BoxBroken(Exception):
    """A box that the key does not open: it was changed, moved, or made for another key."""


def close_box(content: bytes, key: bytes, info: bytes) -> bytes:
    """Return a box for the holder of a private key.

    Args:
        content: what is in it.
        key: the public key, 32 bytes.
        info: what the box is bound to.
    """
    return SUITE.encrypt(content, X25519PublicKey.from_public_bytes(key), info)


def open_box(box: bytes, key: X25519PrivateKey, info: bytes) -> bytes:
    """Return the content of a box; raises BoxBroken."""
    try:
        return SUITE.decrypt(box, key, info)
    except (InvalidTag, ValueError):
        raise BoxBroken from None


def public_bytes(key: X25519PrivateKey) -> bytes:
    """Return the public half of a key, 32 bytes."""
    return key.public_key().public_bytes_raw()


def padded(text: str) -> bytes:
    """Return a text without NUL as bytes, filled up to a multiple of some bytes."""
    plain = text.encode()
    return plain + bytes(-len(plain) % BLOCK)


def unpadded(plain: bytes) -> str:
    """Return the text of `padded`."""
    return plain.rstrip(b"\0").decode()


@dataclass(frozen=True)
class IdentityKey:
    """The key pair of the instance for sealed identities."""

    private: X25519PrivateKey

    @classmethod
    def load(cls, path: Path) -> "IdentityKey":
        """Read the key, or create it (mode 0600) if it is missing; concurrent creators share one.

        Raises:
            ValueError: when the file holds another key.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            made = X25519PrivateKey.generate()
            create_key_file(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        found = load_pem_private_key(path.read_bytes(), None)
        if not isinstance(found, X25519PrivateKey):
            raise ValueError(f"{path} holds no X25519 key")
        return cls(found)

    def close(self, text: str, info: bytes) -> bytes:
        """Return a text in a box that this key opens."""
        return close_box(padded(text), public_bytes(self.private), info)

    def open(self, box: bytes, info: bytes) -> str:
        """Return the text of a box; raises BoxBroken."""
        return unpadded(open_box(box, self.private, info))
