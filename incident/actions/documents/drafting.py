"""Drafting an official document from the facts of an incident, and changing it before its signature."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from incident.actions.documents.document_flows import author_of, flow_of, record_step, store_flow
from incident.actions.documents.gathering import gather_facts
from incident.actions.documents.kind_versions import keep_kind_version, kind_at, named_kind
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.documents.content import DocumentContent, bound_values, check_words, document_hash
from incident.core.documents.flow import change_document, require_open
from incident.core.documents.kinds import DocumentKind
from incident.core.documents.layout import first_title
from incident.core.documents.markings import Marking
from incident.core.values.faults import RuleError, member, raise_all, refuse_stale
from incident.core.values.moment import format_moment
from incident.core.values.text import TITLE_LIMIT
from incident.store.directory.departments import departments_by_codes
from incident.store.documents.documents import DocumentSignOff, OfficialDocument, lock_document
from incident.store.incidents.incidents import Incident, lock_incident

MAX_COUNTERSIGNERS: Final = 20


@dataclass(frozen=True)
class NewDocument:
    """What a document begins with; without a `title` it gets that of its kind, with the facts in it."""

    kind: str
    title: str | None = None
    marking: Marking = "none"
    urgency: str = "none"
    words: Mapping[str, Any] = field(default_factory=dict)
    countersigners: Sequence[str] = ()


def draft_document(
    incident_id: int,
    new: NewDocument,
    zone: dt.tzinfo,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> OfficialDocument:
    """Draft a document of a kind from what is known of an incident now.

    Args:
        incident_id: the incident.
        new: what it begins with.
        zone: in which moments are written.
        by: the drafter.
        now: the cut-off moment of its facts (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `official_document.kind_unknown`, `department.unknown`; those of `check_words`.
    """
    check_words(named_kind(new.kind), new.words)
    _require_departments(new.countersigners)
    with transaction(by, now, idempotency) as uow:
        row = draft_in(uow, lock_incident(incident_id), new, zone)
        uow.store_response(row)
    return row


def draft_in(uow: UnitOfWork, incident: Incident, new: NewDocument, zone: dt.tzinfo) -> OfficialDocument:
    """Draft a document of a locked incident, within the caller's transaction.

    Raises:
        RuleError: `official_document.kind_unknown`; those of `check_words`.
    """
    kind, by, now = named_kind(new.kind), uow.by, uow.now
    words = {one.key: one.usual for one in kind.words if one.usual} | check_words(kind, new.words)
    keep_kind_version(uow, kind)
    facts = bound_values(kind, gather_facts(incident, now, zone, kind.language))
    row = OfficialDocument(
        incident_id=incident.id,
        kind=kind.id,
        kind_hash=kind.content_hash,
        state="draft",
        title=new.title or first_title(kind, words | facts, TITLE_LIMIT),
        marking=new.marking,
        urgency=new.urgency,
        is_drill=incident.is_exercise,
        cut_off_at=now,
        facts=facts,
        words={key: value for key, value in words.items() if value},
        countersigners=list(new.countersigners),
        drafter=author_of(by),
        drafted_by=by,
        drafted_at=now,
        changed_at=now,
    )
    row.content_hash = content_hash_of(row, incident)
    uow.add(row)
    _note_author(uow, row)
    record_step(uow, "document.drafted", row, incident)
    return row


def change_draft(
    document_id: int,
    changes: Mapping[str, Any],
    zone: dt.tzinfo,
    by: str,
    now: dt.datetime,
    version: int | None = None,
) -> OfficialDocument:
    """Change the words of a document before its signature; one that was submitted is a draft again.

    Args:
        document_id: the document.
        changes: `title`, `marking`, `urgency`, `countersigners`, `words` (only those that change); `take_facts` to take
            the present facts, as of now.
        zone: in which moments are written.
        by: who; they sign off this document no more.
        now: when (UTC).
        version: the version that the caller has read; None skips the check.

    Raises:
        RuleError: `version.stale`, the fault of a state after the signature (conflict); those of `draft_document`.
    """
    _require_departments(changes.get("countersigners", ()))
    with transaction(by, now) as uow:
        row, incident = locked_document(document_id)
        refuse_stale(row.version, version)
        flow, kind = flow_of(row), kind_at(row.kind_hash)
        require_open(flow)
        _apply(row, kind, changes)
        if changes.get("take_facts"):
            row.facts = bound_values(kind, gather_facts(incident, now, zone, kind.language))
            row.cut_off_at = now
        changed = change_document(flow, author_of(by), content_hash_of(row, incident), row.countersigners)
        if changed is not flow:
            row.content_hash = changed.content_hash
            store_flow(uow, row, flow, changed)
            if author_of(by) not in flow.authors:
                _note_author(uow, row)
            record_step(uow, "document.changed", row, incident, voided=len(flow.sign_offs))
    return row


def content_hash_of(row: OfficialDocument, incident: Incident) -> str:
    """Return the hash of the content that a document has now, whatever it is said to be."""
    return document_hash(content_of(row, incident))


def content_of(row: OfficialDocument, incident: Incident) -> DocumentContent:
    """Return the content of a document that sign-offs are bound to."""
    return DocumentContent(
        kind=row.kind,
        kind_hash=row.kind_hash,
        incident=incident.number,
        title=row.title,
        marking=row.marking,
        urgency=row.urgency,
        is_drill=row.is_drill,
        cut_off=format_moment(row.cut_off_at),
        facts=row.facts,
        words=row.words,
        countersigners=row.countersigners,
    )


def locked_document(document_id: int) -> tuple[OfficialDocument, Incident]:
    """Lock a document and its incident, within the caller's transaction.

    Raises:
        RuleError: `official_document.not_found` (not found).
    """
    found = lock_document(document_id)
    if found is None:
        raise RuleError("official_document.not_found", kind="not_found")
    return found


def _apply(row: OfficialDocument, kind: DocumentKind, changes: Mapping[str, Any]) -> None:
    for name in ("title", "marking", "urgency"):
        if changes.get(name) is not None:
            setattr(row, name, changes[name])
    if "countersigners" in changes:
        row.countersigners = list(changes["countersigners"])
    words = {**row.words, **check_words(kind, changes.get("words", {}))}
    row.words = {key: value for key, value in words.items() if value}


def _note_author(uow: UnitOfWork, row: OfficialDocument) -> None:
    uow.add(
        DocumentSignOff(
            document_id=row.id,
            step="draft",
            signer=author_of(uow.by),
            signed_by=uow.by,
            signed_at=uow.now,
            content_hash=row.content_hash,
        )
    )


def _require_departments(codes: Sequence[str]) -> None:
    known = departments_by_codes(codes)
    place = "/countersigners"
    raise_all(
        RuleError("department.unknown", {"code": code}, pointer=member(place, index))
        for index, code in enumerate(codes)
        if code not in known
    )
