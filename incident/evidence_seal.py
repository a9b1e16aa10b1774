"""Seals files part by part (AES-256-GCM), each file with its own key."""

import base64
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from incident.keyring import KeyRing, SealBroken

NONCE_SIZE: Final = 12
KEY_BYTES: Final = 32
OVERHEAD: Final = NONCE_SIZE + 16
"""Bytes that a sealed part is longer: the nonce and the tag."""


class FileSeal:
    """Seals and opens the parts of one file.

    The place of a part and whether it is the last one are authenticated, so that parts that were changed, moved, left
    out or cut off do not open (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). The nonce is
    random instead of a counter: a part that was not acknowledged is sealed again, maybe with another content.

    Args:
        key: of this file only.
        name: of the file, bound into every part.
    """

    def __init__(self, key: bytes, name: str) -> None:
        self._cipher = AESGCM(key)
        self._name = name

    def seal(self, plain: bytes, index: int, *, is_last: bool) -> bytes:
        """Return a part as it is stored."""
        nonce = secrets.token_bytes(NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, plain, self._place(index, is_last))

    def open(self, sealed: bytes, index: int, *, is_last: bool) -> bytes:
        """Return the content of a part; raises SealBroken when it is not the one that was sealed for this place."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], self._place(index, is_last))
        except (InvalidTag, ValueError):
            raise SealBroken("a part of a file was changed or moved") from None

    def _place(self, index: int, is_last: bool) -> bytes:
        return f"{self._name}:{index}:{'last' if is_last else 'more'}".encode()


def new_file_key(ring: KeyRing, place: str) -> str:
    """Return a fresh key for one file, sealed by the key ring for a place in the database."""
    return ring.seal(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(), place)


def open_file_key(ring: KeyRing, sealed: str, place: str) -> bytes:
    """Return the key of a file; raises SealBroken."""
    return base64.b64decode(ring.open(sealed, place))
