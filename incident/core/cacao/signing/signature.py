"""Keys and algorithms of signatures, by the names of RFC 7518 and RFC 8037 (ITU-T X.590 section 6.2.2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)

Public = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey

RSA_LEAST: Final = 2048
MAX_RSA: Final = 8192
KEY_LIMIT: Final = 20_000
"""Maximum characters of a key or a certificate."""

_HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
_WIDTH: Final = {"ES256": 32, "ES384": 48, "ES512": 66}
_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "Ed25519": ("Ed25519",),
    "Ed448": ("Ed448",),
}
ALGORITHMS: Final = tuple(name for names in _OF_KIND.values() for name in names)
"""Every algorithm that is verified here; no symmetric one, and no `none`."""


class KeyRefused(ValueError):
    """A text is not a usable signature key; `problem` says why, as a code."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Key:
    """A public key: its kind, such as `RSA-2048` or `P-256`, and its DER (RFC 5280 section 4.1).

    `certificate` is the DER of the certificate that it came in, with that certificate's validity period.
    """

    kind: str
    der: bytes
    certificate: bytes | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the key, in lower-case hex."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def thumbprints(self) -> tuple[str, ...]:
        """The identifiers that a signature may use: base64url SHA-256 of certificate or key (RFC 7517, 4.9)."""
        parts = [self.der] if self.certificate is None else [self.certificate, self.der]
        return tuple(to_base64url(hashlib.sha256(part).digest()) for part in parts)

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms of the key, the usual one first."""
        return _OF_KIND[self.kind.partition("-")[0] if self.kind.startswith("RSA") else self.kind]

    @property
    def pem(self) -> str:
        """The certificate that it came in, else the key, as PEM (RFC 7468)."""
        label, der = ("PUBLIC KEY", self.der) if self.certificate is None else ("CERTIFICATE", self.certificate)
        lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
        return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])

    @property
    def text(self) -> str:
        """The key as in a signature: its PEM without header, footer and line ends."""
        return base64.b64encode(self.der).decode()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, and its public key."""

    private: Private
    public: Key


def to_base64url(data: bytes) -> str:
    """Encode bytes as base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_base64url(text: str) -> bytes | None:
    """Decode base64url, padded or not; None unless it is the canonical encoding of its bytes."""
    plain = text.rstrip("=") if len(text) % 4 == 0 else text
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if to_base64url(data) == plain else None


def read_key(text: str) -> Key:
    """Read a public key or a certificate: PEM, or the text between the lines of a PEM.

    Raises KeyRefused: `malformed`, `private`, `unsupported` or `weak`.
    """
    if "PRIVATE KEY-----" in text:
        raise KeyRefused("private")
    if "-----BEGIN CERTIFICATE-----" in text:
        return read_certificate(_between(text, "CERTIFICATE"))
    return _key_of(_der(_between(text, "PUBLIC KEY") if "-----BEGIN" in text else text))


def read_certificate(text: str) -> Key:
    """Read the key of a certificate (base64 DER, RFC 7517 section 4.7); raises KeyRefused."""
    der = _der(text)
    try:
        found = x509.load_der_x509_certificate(der)
        key = _key_of(found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
        return Key(key.kind, key.der, der, found.not_valid_before_utc, found.not_valid_after_utc)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise error if isinstance(error, KeyRefused) else KeyRefused("malformed") from error


def read_signing_key(pem: bytes, password: bytes | None = None) -> SigningKey:
    """Read a private key (PEM, PKCS #8).

    Raises KeyRefused: `malformed`, `password` when one is needed, missing or wrong, `unsupported`, `weak`.
    """
    try:
        private = load_pem_private_key(pem, password)
    except TypeError as error:
        raise KeyRefused("password") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyRefused("password" if password else "malformed") from error
    if not isinstance(private, Private):
        raise KeyRefused("unsupported")
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(private, _key_of(public))


def is_valid_signature(algorithm: str, key: Key, value: bytes, message: bytes) -> bool:
    """Whether a signature over a message was made with a key by an algorithm that the key supports."""
    if algorithm not in key.algorithms:
        return False
    public: Any = load_der_public_key(key.der)
    try:
        if algorithm in _WIDTH:
            public.verify(_to_dss(value, _WIDTH[algorithm]), message, ec.ECDSA(_HASHES[algorithm[2:]]))
        elif algorithm.startswith("Ed"):
            public.verify(value, message)
        else:
            public.verify(value, message, _padding(algorithm), _HASHES[algorithm[2:]])
    except (InvalidSignature, ValueError):
        return False
    return True


def make(algorithm: str, key: SigningKey, message: bytes) -> bytes:
    """Sign a message; raises KeyRefused `misfit` when the key does not support the algorithm."""
    if algorithm not in key.public.algorithms:
        raise KeyRefused("misfit")
    private: Any = key.private
    if algorithm in _WIDTH:
        return _from_dss(private.sign(message, ec.ECDSA(_HASHES[algorithm[2:]])), _WIDTH[algorithm])
    if algorithm.startswith("Ed"):
        return bytes(private.sign(message))
    return bytes(private.sign(message, _padding(algorithm), _HASHES[algorithm[2:]]))


def _padding(algorithm: str) -> padding.AsymmetricPadding:
    """Return the padding of RFC 7518 section 3.3, or of 3.5, where the salt is as long as the hash."""
    if algorithm.startswith("RS"):
        return padding.PKCS1v15()
    return padding.PSS(padding.MGF1(_HASHES[algorithm[2:]]), padding.PSS.DIGEST_LENGTH)


def _to_dss(value: bytes, width: int) -> bytes:
    """Convert the two consecutive numbers of RFC 7518 section 3.4 to the form that the library accepts."""
    if len(value) != 2 * width:
        raise ValueError("not two numbers of that width")
    return encode_dss_signature(int.from_bytes(value[:width], "big"), int.from_bytes(value[width:], "big"))


def _from_dss(value: bytes, width: int) -> bytes:
    return b"".join(number.to_bytes(width, "big") for number in decode_dss_signature(value))


def _between(text: str, label: str) -> str:
    """Return the text between the lines of the first PEM block of a label."""
    begin, end = f"-----BEGIN {label}-----", f"-----END {label}-----"
    _, is_begun, rest = text.partition(begin)
    body, is_ended, _ = rest.partition(end)
    if not (is_begun and is_ended):
        raise KeyRefused("malformed")
    return body


def _der(text: str) -> bytes:
    plain = "".join(text.split()).rstrip("=")
    if not plain or len(text) > KEY_LIMIT:
        raise KeyRefused("malformed")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyRefused("malformed") from error


def _key_of(der: bytes) -> Key:
    try:
        public = load_der_public_key(der)
    except (ValueError, TypeError) as error:
        raise KeyRefused("malformed") from error
    except UnsupportedAlgorithm as error:
        raise KeyRefused("unsupported") from error
    if not isinstance(public, Public):
        raise KeyRefused("unsupported")
    return Key(_kind_of(public), public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _kind_of(public: Public) -> str:
    match public:
        case rsa.RSAPublicKey():
            if not RSA_LEAST <= public.key_size <= MAX_RSA or not 3 <= public.public_numbers().e < 2**32:
                raise KeyRefused("weak")
            return f"RSA-{public.key_size}"
        case ec.EllipticCurvePublicKey():
            if public.curve.name not in _CURVES:
                raise KeyRefused("unsupported")
            return _CURVES[public.curve.name]
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
    return "Ed448"
