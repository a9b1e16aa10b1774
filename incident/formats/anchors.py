"""Reads and writes anchors: JSON, saved mails, and time stamps (`.tsr`)."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509 import Certificate

from incident.certifying import BadAnchor, read_anchor
from incident.core.journal.anchor import Anchor
from incident.core.journal.chain import Head
from incident.core.notifications.message import MailFile
from incident.core.values.error_messages import N_, fill
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment, parse_moment
from incident.formats.messages import Catalogues, Written
from incident.formats.time_stamps import REPLY_TYPE, BadTimeStamp, read_time_stamp, trust_fault

SUBJECT = N_("Signed head of the journal")
KEEP = N_(
    "Keep this email outside the program and its database. It can prove later that no entry of the "
    "journal up to number {count} was changed or removed. Save it to a file, and check it with"
)

_SEQUENCE = 0x30
"""The first byte of a time stamp (DER)."""


@dataclass(frozen=True)
class Trust:
    """Trust anchors of signatures: the public key of the instance, and certificates of time-stamp authorities."""

    key: Ed25519PublicKey | None = None
    roots: Sequence[Certificate] = field(default=())


class NoAnchor(Exception):
    """A file without an anchor; the text gives the reason."""


# -------------------------------------------------------------------------------------------------------------- writing
def write_anchor(document: dict[str, Any], head: Head, where: str, catalogues: Catalogues) -> Written:
    """Return the texts of the mail.

    Args:
        document: the signed head.
        head: the same head.
        where: the address of the instance.
        catalogues: the words of each language.
    """
    subjects = [words.gettext(SUBJECT) for words in catalogues.values()]
    lines = [f"{' / '.join(subjects)}: {where}", "", f"{document['certificate']['at']}", str(head), ""]
    for words in catalogues.values():
        lines += [fill(words.gettext(KEEP), {"count": head.count}), ""]
    lines += ["    incident journal verify --anchor FILE", ""]
    title = f"[incident] {' / '.join(subjects)}: {head.count}"
    return Written(subject=title, text="\n".join(lines), html="")


def attachments_of(document: dict[str, Any], head: Head, time_stamp: bytes | None) -> tuple[MailFile, ...]:
    """Return the signed head and its time stamp as files of a mail."""
    name = f"journal-{head.count}"
    found = [MailFile(f"{name}.json", "application/json", json.dumps(document, indent=2).encode() + b"\n")]
    if time_stamp is not None:
        found.append(MailFile(f"{name}.tsr", REPLY_TYPE, time_stamp))
    return tuple(found)


def data_of(document: dict[str, Any], time_stamp: bytes | None) -> dict[str, Any]:
    """Return the member `data` of a webhook's body: the signed head, and its time stamp in Base64."""
    stamp = None if time_stamp is None else base64.b64encode(time_stamp).decode()
    return {"anchor": document, "time_stamp": stamp}


# -------------------------------------------------------------------------------------------------------------- reading
def read_anchors(source: str, content: bytes, trust: Trust) -> list[Anchor]:
    """Return the anchors of a file: signed JSON, the body of a webhook, a mail, or a time stamp.

    Args:
        source: the name of the file.
        content: its content.
        trust: the trust anchors of signatures.

    Raises:
        NoAnchor: when there is none in it.
    """
    document = _json(content)
    if document is not None:
        return list(_of_json(source, document, trust))
    if content[:1] == bytes([_SEQUENCE]):
        return [_of_time_stamp(source, content, trust)]
    found = [one for part in _parts(content) for one in _of_part(source, part, trust)]
    if not found:
        raise NoAnchor("it is neither a signed head, nor a time stamp, nor a mail with one of them")
    return found


def _parts(content: bytes) -> Iterator[EmailMessage]:
    for part in message_from_bytes(content, policy=default).walk():
        if not part.is_multipart():
            yield part


def _of_part(source: str, part: EmailMessage, trust: Trust) -> Iterator[Anchor]:
    name = part.get_filename() or ""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return
    if part.get_content_type() == REPLY_TYPE or name.endswith(".tsr"):
        yield _of_time_stamp(f"{source} ({name})", content, trust)
    elif part.get_content_type() == "application/json" or name.endswith(".json"):
        yield from _of_json(f"{source} ({name})", _json(content), trust)


def _of_json(source: str, document: Any, trust: Trust) -> Iterator[Anchor]:
    if isinstance(document, dict) and document.get("type") == "journal.anchored":
        data = document.get("data") or {}
        yield from _of_json(source, data.get("anchor"), trust)
        if data.get("time_stamp"):
            yield _of_time_stamp(source, base64.b64decode(data["time_stamp"]), trust)
        return
    try:
        said = read_anchor(document, trust.key)
    except BadAnchor as error:
        raise NoAnchor(str(error)) from error
    try:
        at = parse_moment(said.at)
    except RuleError:
        at = None
    yield Anchor(source=source, origin="signed head", head=said.head, at=at, by=said.instance, fault=said.fault)


def _of_time_stamp(source: str, content: bytes, trust: Trust) -> Anchor:
    try:
        said = read_time_stamp(content)
    except BadTimeStamp as error:
        raise NoAnchor(str(error)) from error
    fault = trust_fault(content, trust.roots) if trust.roots else "no certificate was given to check its signature"
    return Anchor(source=source, origin="time stamp", imprint=said.imprint, at=said.at, fault=fault)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def shown_at(anchor: Anchor) -> str:
    """Return the formatted time of an anchor."""
    return "an unknown time" if anchor.at is None else format_moment(anchor.at)
