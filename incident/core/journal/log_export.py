"""Journal entries as lines for a log collector: JSON and syslog (RFC 5424), limited to what may be exported."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from incident.core.values.moment import format_moment

FACILITY_AUDIT: Final = 13
SEVERITY_INFORMATIONAL: Final = 6
MAX_SEQUENCE: Final = 2**31 - 1
"""The largest `sequenceId` of RFC 5424; after it the count starts again at 1."""

MAX_STREAM: Final = 8192
MAX_DATAGRAM: Final = 2048
"""Message size in bytes that collectors must accept: TLS and TCP (RFC 5425), and UDP (RFC 5426)."""

WITH_DETAILS: Final = frozenset(
    {
        *("alert", "certificate", "circuit", "clock", "command", "demonstration", "drill", "evidence", "export"),
        *("figure", "grading_rules", "incident", "insights", "instance", "journal", "keys", "machinery"),
        *("maintenance", "organization", "playbook", "rules", "run", "secret", "setup", "signature", "signer"),
        *("source", "step", "subscription", "system", "systems", "target", "task", "timer", "topic"),
    }
)
"""Prefixes of the event types whose details may be exported.

Those of all others may not: they name persons, reporters, recipients and what they answered, or what a document says.
"""

WITHHELD: Final = "entry.withheld"
"""The event type of an entry about a report that only people named for it may read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An entry to export.

    `is_red` says that its incident, or the playbook that it comes from, is TLP:RED now; `is_withheld` that it is about
    a report on a unit, of which the collector learns only that there is an entry.
    """

    seq: int
    at: datetime
    actor: str
    event_type: str
    incident: str | None
    subject: str
    hash: str
    is_red: bool = False
    is_withheld: bool = False
    detail: Mapping[str, Any] = field(default_factory=dict)


def reference(text: str) -> str:
    """Return kind and id of an actor or a subject, such as `person:3`, without a name that may follow."""
    return ":".join(text.split(":", 2)[:2])


def document_of(entry: Exported, *, has_details: bool) -> dict[str, Any]:
    """Return the part of an entry that may be exported.

    Without details it contains no content and no name of a person: the time, the event type, the actor and the subject
    (by their ids), and the hash, so that each line proves the journal up to it. Details of entries that concern
    persons, or belong to an incident of TLP:RED, are never exported.

    Args:
        entry: the entry.
        has_details: whether details that may be exported are included.
    """
    document: dict[str, Any] = {
        "seq": entry.seq,
        "at": format_moment(entry.at),
        "verb": WITHHELD if entry.is_withheld else entry.event_type,
        "actor": None if entry.is_withheld else reference(entry.actor),
        "subject": None if entry.is_withheld else reference(entry.subject),
        "incident": None if entry.is_withheld else entry.incident,
        "hash": entry.hash,
    }
    is_open = not entry.is_red and not entry.is_withheld
    if has_details and is_open and entry.event_type.partition(".")[0] in WITH_DETAILS:
        document["detail"] = dict(entry.detail)
    return document


def json_line(document: Mapping[str, Any]) -> bytes:
    """Return a document as one line of JSON, in ASCII, without a line ending."""
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def syslog_message(document: Mapping[str, Any], host: str, most: int) -> bytes:
    """Return a document as an RFC 5424 message whose text is `@cee:` and JSON, which collectors parse.

    Args:
        document: the exported part of an entry.
        host: the host name of the instance.
        most: the size limit of the message in bytes; above it the detail is left out and `detail_omitted` says so.
    """
    priority = FACILITY_AUDIT * 8 + SEVERITY_INFORMATIONAL
    number = (document["seq"] - 1) % MAX_SEQUENCE + 1
    shown = "".join(char if "!" <= char <= "~" else "-" for char in host)[:255] or "-"
    header = f"<{priority}>1 {document['at']} {shown} incident - {document['verb'][:32]}"
    head = f'{header} [meta sequenceId="{number}"] @cee:'
    whole = head.encode("ascii") + json_line(document)
    if len(whole) <= most:
        return whole
    shorter = {name: value for name, value in document.items() if name != "detail"} | {"detail_omitted": True}
    return head.encode("ascii") + json_line(shorter)


def counted(message: bytes) -> bytes:
    """Return a message as a frame of a stream (octet counting, RFC 6587 and 5425).

    The frame is the length of the message, a space, and the message.
    """
    return str(len(message)).encode("ascii") + b" " + message
