"""Entries of the journal as lines for a log collector: JSON, and syslog after RFC 5424, with what may leave."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from incident.core.values.moment import format_moment

FACILITY_AUDIT: Final = 13
SEVERITY_INFORMATIONAL: Final = 6
SEQUENCE_MOST: Final = 2**31 - 1
"""The largest `sequenceId` of RFC 5424; after it the count begins again at 1."""

STREAM_MOST: Final = 8192
DATAGRAM_MOST: Final = 2048
"""Bytes of a message that collectors are to take: by TLS and TCP (RFC 5425), and by UDP (RFC 5426)."""

PERSONAL: Final = frozenset(
    {
        *("contact", "department", "link", "members", "message", "notice", "password"),
        *("person", "policy", "report", "rota", "session", "token"),
    }
)
"""What verbs begin with whose details name persons: who was told and what their provider answered, names, addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An entry on its way out; `is_red` says that its incident, or the playbook that it stems from, is TLP:RED now."""

    seq: int
    at: datetime
    actor: str
    verb: str
    incident: str | None
    subject: str
    hash: str
    is_red: bool = False
    detail: Mapping[str, Any] = field(default_factory=dict)


def reference(text: str) -> str:
    """Return kind and id of an actor or a subject, without the name that may follow, such as `person:3`."""
    return ":".join(text.split(":", 2)[:2])


def document_of(entry: Exported, *, has_details: bool) -> dict[str, Any]:
    """Return what leaves of an entry.

    Without details, nothing of it is content or a person's name: when, what kind of deed, by whom and to what (by
    their ids), and the hash, by which each line proves the journal up to it. Details of entries that are about persons,
    or belong to an incident of TLP:RED, never leave.

    Args:
        entry: the entry.
        has_details: whether details leave that may.
    """
    document: dict[str, Any] = {
        "seq": entry.seq,
        "at": format_moment(entry.at),
        "verb": entry.verb,
        "actor": reference(entry.actor),
        "subject": reference(entry.subject),
        "incident": entry.incident,
        "hash": entry.hash,
    }
    if has_details and not entry.is_red and entry.verb.partition(".")[0] not in PERSONAL:
        document["detail"] = dict(entry.detail)
    return document


def json_line(document: Mapping[str, Any]) -> bytes:
    """Return a document as one line of JSON, in ASCII, without the end of the line."""
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def syslog_message(document: Mapping[str, Any], host: str, most: int) -> bytes:
    """Return a document as a message after RFC 5424, whose text is `@cee:` and JSON, which collectors parse.

    Args:
        document: what leaves of an entry.
        host: the name of the instance's host.
        most: bytes that the message may have; when it has more, the detail is left out and `detail_omitted` says so.
    """
    priority = FACILITY_AUDIT * 8 + SEVERITY_INFORMATIONAL
    number = (document["seq"] - 1) % SEQUENCE_MOST + 1
    shown = "".join(char if "!" <= char <= "~" else "-" for char in host)[:255] or "-"
    header = f"<{priority}>1 {document['at']} {shown} incident - {document['verb'][:32]}"
    head = f'{header} [meta sequenceId="{number}"] @cee:'
    whole = head.encode("ascii") + json_line(document)
    if len(whole) <= most:
        return whole
    shorter = {name: value for name, value in document.items() if name != "detail"} | {"detail_omitted": True}
    return head.encode("ascii") + json_line(shorter)


def counted(message: bytes) -> bytes:
    """Return a message as a frame of a stream: its length, a space, and itself (octet counting, RFC 6587 and 5425)."""
    return str(len(message)).encode("ascii") + b" " + message
