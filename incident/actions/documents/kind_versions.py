"""Kinds of documents at the versions with which documents were drafted."""

from incident.actions.unit_of_work import UnitOfWork
from incident.core.documents.kinds import DocumentKind
from incident.core.values.faults import RuleError
from incident.data.document_kinds import read_kind_data, shipped_kind_data, shipped_kinds
from incident.store.db.database import db, upsert
from incident.store.documents.documents import DocumentKindVersion, kind_version


def named_kind(kind_id: str, pointer: str = "/kind") -> DocumentKind:
    """Return the present version of a kind; raises RuleError `official_document.kind_unknown`."""
    found = shipped_kinds().get(kind_id)
    if found is None:
        raise RuleError("official_document.kind_unknown", pointer=pointer)
    return found


def kind_at(content_hash: str) -> DocumentKind:
    """Return a kind at the version with which a document was drafted; raises LookupError."""
    for one in shipped_kinds().values():
        if one.content_hash == content_hash:
            return one
    stored = kind_version(content_hash)
    if stored is None:
        raise LookupError(content_hash)
    return read_kind_data(stored.content.encode())


def kind_data(content_hash: str) -> str:
    """Return the data of a kind at the version with which a document was drafted; raises LookupError."""
    stored = kind_version(content_hash)
    if stored is None:
        raise LookupError(content_hash)
    return stored.content


def keep_kind_version(uow: UnitOfWork, kind: DocumentKind) -> None:
    """Store the present version of a kind unless it is there, within the caller's transaction."""
    uow.flush()
    content = shipped_kind_data()[kind.id].decode()
    row = {"content_hash": kind.content_hash, "kind": kind.id, "content": content}
    db.session.execute(upsert(DocumentKindVersion).values(**row).on_conflict_do_nothing())
