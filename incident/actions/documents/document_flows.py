"""The flow of a stored document: read from its rows, and written back to them."""

from collections.abc import Sequence
from typing import Final

from incident.actions.documents.kind_versions import kind_at
from incident.actions.unit_of_work import UnitOfWork
from incident.core.documents.flow import DocumentFlow, SignOff
from incident.store.db.database import db
from incident.store.documents.documents import DocumentSignOff, OfficialDocument, sign_offs_of
from incident.store.incidents.incidents import Incident
from incident.store.queries.search import file_document

DRAFT = "draft"
"""The step of the rows that say who wrote or changed a document."""

FILED: Final = frozenset({"document.drafted", "document.changed", "document.signed"})
"""Event types of the steps after which a document is found by other words."""


def author_of(by: str) -> str:
    """Return the identity that an actor counts as, such as `person:3`; a program counts as itself.

    Args:
        by: the actor as in the journal.
    """
    return ":".join(by.split(":")[:2])


def flow_of(row: OfficialDocument, stored: Sequence[DocumentSignOff] | None = None) -> DocumentFlow:
    """Return where a document is in its flow.

    Args:
        row: the document.
        stored: its sign-offs; None reads them.
    """
    if stored is None:
        stored = sign_offs_of(row.id)
    return DocumentFlow(
        state=row.state,
        content_hash=row.content_hash,
        authors=frozenset({row.drafter, *(one.signer for one in stored if one.step == DRAFT)}),
        needs_legal_review=kind_at(row.kind_hash).needs_legal_review,
        countersigners=tuple(row.countersigners),
        sign_offs=tuple(
            SignOff(one.step, one.signer, one.content_hash, one.department)  # type: ignore[arg-type]  # of a constraint
            for one in stored
            if one.step != DRAFT and one.voided_at is None
        ),
    )


def store_flow(uow: UnitOfWork, row: OfficialDocument, before: DocumentFlow, after: DocumentFlow) -> None:
    """Store the state after a step; sign-offs that no longer stand are voided, within the caller's transaction."""
    row.state = after.state
    row.changed_at, row.version = uow.now, row.version + 1
    if before.sign_offs and not after.sign_offs:
        for one in sign_offs_of(row.id):
            if one.step != DRAFT and one.voided_at is None:
                one.voided_at = uow.now


def record_step(uow: UnitOfWork, event_type: str, row: OfficialDocument, incident: Incident, **more: object) -> None:
    """Record a step of a document in the journal, within the caller's transaction."""
    detail = {
        "kind": row.kind,
        "title": row.title,
        "state": row.state,
        "marking": row.marking,
        "number": row.number,
        "content_hash": row.content_hash,
    }
    if event_type in FILED:
        db.session.flush()
        file_document(row)
    more = {name: value for name, value in more.items() if value}
    uow.record(event_type, f"document:{row.id}", detail | more, incident.number)
