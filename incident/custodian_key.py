"""Private keys of custodians: under a passphrase, on paper, and the test that one opens what is sealed for it."""

import base64
import binascii
import hashlib
import secrets
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from incident.core.reports.custody import canonical_binding
from incident.identity_key import BoxBroken, close_box, open_box, public_bytes

MEMORY_KIB: Final = 64 * 1024
PASSES: Final = 3
LANES: Final = 1
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32
GROUP: Final = 4
CHECK_BYTES: Final = 3

TEST_BINDING: Final = canonical_binding(use="custody-test/1")


class WrongPassphrase(Exception):
    """The passphrase does not open the private key, or the key was changed."""


class BadPaper(ValueError):
    """What was typed from paper is no private key: a letter is wrong or missing."""


def seal_private_key(private: X25519PrivateKey, passphrase: str) -> bytes:
    """Return a private key under a passphrase (Argon2id, 64 MiB, 3 passes, 1 lane; AES-256-GCM-SIV)."""
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    cipher = AESGCMSIV(_derive(passphrase, salt))
    return salt + nonce + cipher.encrypt(nonce, private.private_bytes_raw(), public_bytes(private))


def open_private_key(sealed: bytes, public_key: bytes, passphrase: str) -> X25519PrivateKey:
    """Return the private key of a public one; raises WrongPassphrase."""
    salt, nonce = sealed[:SALT_BYTES], sealed[SALT_BYTES : SALT_BYTES + NONCE_BYTES]
    cipher = AESGCMSIV(_derive(passphrase, salt))
    try:
        raw = cipher.decrypt(nonce, sealed[SALT_BYTES + NONCE_BYTES :], public_key)
    except InvalidTag:
        raise WrongPassphrase from None
    return X25519PrivateKey.from_private_bytes(raw)


def paper_of(private: X25519PrivateKey) -> str:
    """Return a private key as it is printed: Base32 in groups of four, with a check at the end."""
    raw = private.private_bytes_raw()
    text = base64.b32encode(raw + _check(raw)).decode().rstrip("=")
    return " ".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def read_paper(typed: str) -> X25519PrivateKey:
    """Return the private key that was typed from paper; raises BadPaper."""
    text = "".join(typed.split()).upper().replace("0", "O").replace("1", "I").replace("8", "B")
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        raise BadPaper from None
    key, check = raw[:KEY_BYTES], raw[KEY_BYTES:]
    if len(key) != KEY_BYTES or check != _check(key):
        raise BadPaper
    return X25519PrivateKey.from_private_bytes(key)


def opens_test_seal(private: X25519PrivateKey, public_key: bytes) -> bool:
    """Return whether a private key opens a seal that is made now for a public key."""
    drawn = secrets.token_bytes(KEY_BYTES)
    try:
        return secrets.compare_digest(
            open_box(close_box(drawn, public_key, TEST_BINDING), private, TEST_BINDING), drawn
        )
    except BoxBroken:
        return False


def _derive(passphrase: str, salt: bytes) -> bytes:
    typed = passphrase.encode("utf-8", "replace")
    return hash_secret_raw(typed, salt, PASSES, MEMORY_KIB, LANES, KEY_BYTES, Type.ID)


def _check(raw: bytes) -> bytes:
    return hashlib.sha256(b"custodian key\n" + raw).digest()[:CHECK_BYTES]
