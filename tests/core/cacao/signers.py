"""Keys of every kind, and documents signed with them."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from incident.core.cacao.signing.sign import About, sign
from incident.core.cacao.signing.signature import SigningKey, read_key, read_signing_key
from incident.core.cacao.signing.trust import Signer
from tests.core.cacao.build import NOW, action, document, uid

Json = dict[str, Any]

KINDS: dict[str, Any] = {
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "Ed448": ed448.Ed448PrivateKey.generate,
}
KIND_OF = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
    "Ed25519": "Ed25519",
    "Ed448": "Ed448",
}
DAY = dt.timedelta(days=1)


def private_pem(kind: str = "Ed25519", which: int = 0) -> bytes:
    """The PEM of a private key; another one for each number."""
    return _made(kind, which)


@cache
def _made(kind: str, which: int) -> bytes:
    made = KINDS[kind]()
    return bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@cache
def key(kind: str = "Ed25519", which: int = 0) -> SigningKey:
    return read_signing_key(private_pem(kind, which))


def public_pem(kind: str = "Ed25519", which: int = 0) -> str:
    public = key(kind, which).private.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def about(algorithm: str = "Ed25519", **more: Any) -> About:
    facts: dict[str, Any] = {
        "id": uid("jss", str(more)),
        "signee": "Response centre",
        "created_by": uid("identity", "response centre"),
        "created": NOW - DAY,
        "algorithm": algorithm,
    }
    return About(**(facts | more))


def unsigned(name: str = "Signed") -> Json:
    """A playbook with members before and after its signatures in canonical form."""
    return document({"look": action("end"), "end": None}, name, workflow_note="ö€𐍈", description="查看日志")


def signed(algorithm: str = "Ed25519", which: int = 0, **more: Any) -> Json:
    return sign(unsigned(), key(KIND_OF[algorithm], which), about(algorithm, **more))


def signer(kind: str = "Ed25519", which: int = 0, **more: Any) -> Signer:
    return Signer("Response centre", read_key(public_pem(kind, which)), **more)
