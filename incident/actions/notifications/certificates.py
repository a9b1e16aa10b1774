"""Certificates of notice: the ledger of an incident, signed and linked to the journal."""

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.certifying import CertificateKey, fingerprint_of
from incident.core.values.moment import format_moment
from incident.store.db.database import advisory_lock, to_json
from incident.store.directory import departments
from incident.store.incidents.incidents import Incident
from incident.store.journal import journal
from incident.store.notifications import certificates
from incident.store.notifications.notices import Notice
from incident.store.queries.ledger import LedgerLine, ledger_of

KIND = "certificate of notice"
VERSION = 1
CERTIFICATE_KEPT_FOR: Final = dt.timedelta(hours=1)
"""How long a certificate is reused while its content is the same."""


@dataclass(frozen=True)
class Issued:
    """A certificate: the signed document, and its source lines by notice."""

    document: dict[str, Any]
    lines: Sequence[LedgerLine]


def issue_certificate(
    incident: Incident,
    notices: Collection[Notice],
    key: CertificateKey,
    instance: str,
    by: str,
    now: dt.datetime,
    *,
    is_whole: bool,
) -> Issued:
    """Issue a certificate of notice; its issue is recorded in the journal, with the hash of its content.

    A repeated request within the hour, while the content is the same, gets the same document and writes no entry.

    Args:
        incident: the incident.
        notices: the notices that the certificate covers.
        key: signs it.
        instance: the address of this program.
        by: who requests it.
        now: when (UTC).
        is_whole: whether these are all notices of the incident.
    """
    with transaction(by, now) as uow:
        advisory_lock(f"certificate:{incident.number}")  # the second of two concurrent requests waits
        lines = ledger_of(incident.number, notices)
        content = {
            "type": KIND,
            "version": VERSION,
            "instance": instance,
            "incident": _incident(incident),
            "is_whole": is_whole,
            "notices": notice_documents(notices, lines),
        }
        digest = _digest({"key": fingerprint_of(key.public), "entries": _entries(lines)} | content)
        document = certificates.issued_certificate(incident.number, digest, now - CERTIFICATE_KEPT_FOR, now)
        if document is None:
            document = _sign(content, lines, key, uow)
            certificates.keep_certificate(incident.number, digest, document, now)
            detail = {"notices": sorted(one.id for one in notices), "content": _digest(document["certificate"])}
            uow.record("certificate.issued", f"incident:{incident.number}", detail, incident.number)
    return Issued(document, lines)


def _sign(
    content: Mapping[str, Any], lines: Sequence[LedgerLine], key: CertificateKey, uow: UnitOfWork
) -> dict[str, Any]:
    head = journal.head()
    tied = {"head": f"{head.count}:{head.hash}" if head else None, "entries": _entries(lines)}
    return key.sign({**content, "issued_at": format_moment(uow.now), "issued_by": uow.by, "journal": tied})


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(to_json(content).encode()).hexdigest()


def notice_documents(notices: Collection[Notice], lines: Sequence[LedgerLine]) -> list[dict[str, Any]]:
    """Return notices in the form of ledgers and certificates, each with its events in chronological order."""
    known = departments.departments_of({notice.department_id for notice in notices})
    return [
        {
            "id": notice.id,
            "subject": {"type": notice.subject_type, "id": notice.subject_id},
            "purpose": notice.purpose,
            "department": {"code": known[notice.department_id].code, "name": known[notice.department_id].name},
            "state": notice.state,
            "opened_at": format_moment(notice.opened_at),
            "policy": notice.policy,
            "facts": [line_document(line) for line in lines if line.notice_id == notice.id],
        }
        for notice in notices
    ]


def line_document(line: LedgerLine) -> dict[str, Any]:
    """Return one event; unknown members are left out."""
    members = {name: value for name, value in vars(line).items() if value is not None and name not in _APART}
    members["at"] = format_moment(line.at)
    if line.seq is not None:
        members["entry"] = {"seq": line.seq, "hash": line.hash}
    return members


_APART = frozenset({"notice_id", "seq", "hash"})


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "number": incident.number,
        "title": incident.title,
        "grade": incident.grade,
        "tlp": incident.tlp,
        "status": incident.status,
        "opened_at": format_moment(incident.opened_at),
        "is_exercise": incident.is_exercise,
    }


def _entries(lines: Sequence[LedgerLine]) -> list[dict[str, Any]]:
    found = {line.seq: line.hash for line in lines if line.seq is not None}
    return [{"seq": seq, "hash": found[seq]} for seq in sorted(found)]
