"""The key that signs certificates of notice, and checkpoints and anchors of the journal (Ed25519, RFC 8032)."""

import base64
import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from incident.core.journal.chain import Head, parse_head
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment

ALGORITHM: Final = "Ed25519"
CANONICAL: Final = "RFC 8785"
SHORT: Final = "ed25519:"
"""How a public key is written on one line: this, and its 32 bytes in Base64."""

Json = dict[str, Any]


class BadKey(Exception):
    """What was given is no public key of the kind that signs certificates."""


@dataclass(frozen=True)
class CertificateKey:
    """The instance's own key; the private half never leaves the home."""

    private: Ed25519PrivateKey

    @classmethod
    def load(cls, path: Path) -> "CertificateKey":
        """Read the key, or create it (mode 0600) if it is missing; concurrent creators share one."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make(path)
        found = load_pem_private_key(path.read_bytes(), None)
        if not isinstance(found, Ed25519PrivateKey):
            raise BadKey(f"{path} holds no Ed25519 key")
        return cls(found)

    @property
    def public(self) -> Ed25519PublicKey:
        """The half that others get."""
        return self.private.public_key()

    def sign(self, content: Json) -> Json:
        """Return the certificate: the content, and the signature over its canonical form (RFC 8785)."""
        value = base64.b64encode(self.private.sign(rfc8785.dumps(content))).decode()
        signature = {
            "algorithm": ALGORITHM,
            "canonicalization": CANONICAL,
            "fingerprint": fingerprint_of(self.public),
            "value": value,
        }
        return {"certificate": content, "signature": signature}


def _make(path: Path) -> None:
    create_key_file(path, Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def create_key_file(path: Path, pem: bytes) -> None:
    """Write a new key to a file (mode 0600); of several processes that do, one wins for all."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:  # another process was first: its key is the instance's
        return
    finally:
        draft.unlink()


def pem_of(key: Ed25519PublicKey) -> str:
    """The public key as PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def short_of(key: Ed25519PublicKey) -> str:
    """The public key on one line."""
    return SHORT + base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def fingerprint_of(key: Ed25519PublicKey) -> str:
    """SHA-256 over the key as DER, in Base64, as it is read out on the telephone or printed."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")


def read_key(text: str) -> Ed25519PublicKey:
    """The public key of a PEM or of one line `ed25519:...`; raises BadKey."""
    try:
        if text.strip().startswith(SHORT):
            return Ed25519PublicKey.from_public_bytes(base64.b64decode(text.strip().removeprefix(SHORT), validate=True))
        found = load_pem_public_key(text.encode())
    except ValueError as error:
        raise BadKey("this is no public key") from error
    if not isinstance(found, Ed25519PublicKey):
        raise BadKey("this is a key of another kind than certificates are signed with (Ed25519)")
    return found


def faults_of(document: object, key: Ed25519PublicKey) -> list[str]:
    """What is wrong with a certificate, checked with a key that came another way; nothing when it is genuine.

    A key or fingerprint inside the document proves nothing and is used for words alone.
    """
    if not isinstance(document, dict) or not isinstance(document.get("certificate"), dict):
        return ["this is nothing that an instance signs: it has no member `certificate`"]
    signature = document.get("signature")
    if not isinstance(signature, dict) or not isinstance(signature.get("value"), str):
        return ["the certificate is not signed"]
    if set(document) != {"certificate", "signature"}:
        return ["the file holds more than the certificate and its signature"]
    if (signature.get("algorithm"), signature.get("canonicalization")) != (ALGORITHM, CANONICAL):
        return [f"the signature is of another kind than {ALGORITHM} over {CANONICAL}"]
    try:
        key.verify(base64.b64decode(signature["value"], validate=True), rfc8785.dumps(document["certificate"]))
    except (InvalidSignature, ValueError):
        if signature.get("fingerprint") != fingerprint_of(key):
            return [f"it is signed with another key ({signature.get('fingerprint')}), not {fingerprint_of(key)}"]
        return ["the signature does not fit: the content was changed after it was signed"]
    return []


class NotGenuine(Exception):
    """A signed document that is not what it should be; `faults` say why."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def read_signed(document: object, key: Ed25519PublicKey, kind: str, name: str) -> Json:
    """Return the content of a signed document of one type.

    Args:
        document: the document.
        key: the public key, which came another way.
        kind: the type that its content must state, so that no other document of this key is accepted.
        name: what such a document is called.

    Raises:
        NotGenuine: when it is not genuine, or of another type.
    """
    if faults := faults_of(document, key):
        raise NotGenuine(faults)
    content: Json = document["certificate"]  # type: ignore[index]  # `faults_of` has checked it
    if content.get("type") != kind:
        raise NotGenuine([f"it is no {name}: its type is {content.get('type') or 'not stated'}"])
    return content


CHECKPOINT: Final = "journal.checkpoint"
"""The member `type` of a checkpoint, so that no other document that this key signs is taken for one."""

ANCHOR: Final = "journal.anchor"
"""The member `type` of an anchor: it states the head, and not that anybody has verified it."""


class BadCheckpoint(Exception):
    """What was given is no checkpoint that this instance has signed; the text says why."""


class BadAnchor(Exception):
    """What was given is no signed head of a journal; the text says why."""


@dataclass(frozen=True)
class SignedHead:
    """The content of an anchor: head, moment (UTC, RFC 3339), instance, and any fault of its signature.

    `fault` is about the signature: the head is compared all the same, to say whether the journal still has it.
    """

    head: Head
    at: str
    instance: str
    fault: str | None


def checkpoint_of(key: CertificateKey, head: Head, verified_at: datetime) -> Json:
    """Return the signed statement that the journal was verified up to a head at a moment (UTC)."""
    content = {"type": CHECKPOINT, "head": str(head), "verified_at": format_moment(verified_at)}
    return key.sign(content)


def read_checkpoint(document: object, key: Ed25519PublicKey) -> tuple[Head, str]:
    """Return the head of a checkpoint, and the moment at which it was reached; raises BadCheckpoint."""
    try:
        content = read_signed(document, key, CHECKPOINT, "checkpoint of the journal")
    except NotGenuine as error:
        raise BadCheckpoint(error.faults[0]) from None
    return parse_head(content["head"]), content["verified_at"]


def anchor_of(key: CertificateKey, head: Head, instance: str, node: str, at: datetime) -> Json:
    """Return the signed statement that the journal had a head at a moment.

    Args:
        key: signs it.
        head: the head.
        instance: the address of this program.
        node: the name of the machine.
        at: when (UTC).
    """
    content = {"type": ANCHOR, "head": str(head), "at": format_moment(at), "instance": instance, "node": node}
    return key.sign(content)


def read_anchor(document: object, key: Ed25519PublicKey | None) -> SignedHead:
    """Return what an anchor says; a checkpoint that was kept outside serves as one.

    Args:
        document: what was kept.
        key: the public key that it must be signed with; None when there is none.

    Raises:
        BadAnchor: when it holds no head.
    """
    content = document.get("certificate") if isinstance(document, dict) else None
    if not isinstance(content, dict) or content.get("type") not in {ANCHOR, CHECKPOINT}:
        raise BadAnchor("it holds no signed head of a journal")
    try:
        head = parse_head(str(content.get("head")))
    except RuleError:
        raise BadAnchor("it holds no head COUNT:HASH") from None
    faults = ["no key was given to check its signature"] if key is None else faults_of(document, key)
    at = content.get("at") or content.get("verified_at")
    return SignedHead(head, str(at), str(content.get("instance", "")), faults[0] if faults else None)
