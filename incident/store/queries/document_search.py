"""Search of official documents: by all hits, or on SQLite by the newest ones first."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Integer, literal_column, select, table

from incident.core.incidents import search_tokenizer
from incident.store.db.database import db
from incident.store.queries.search import sqlite_query, words_condition
from incident.store.queries.search_tables import DOCUMENTS


def document_filter(query: str | None) -> ColumnElement[bool] | None:
    """Return the condition on `OfficialDocument.id` of a query; None for an empty one."""
    return words_condition(DOCUMENTS, query)


def newest_documents(query: str | None, before: int | None, limit: int) -> Sequence[int] | None:
    """Return the ids of the newest documents with all words of a query, without collecting all others.

    None for an empty query, and on PostgreSQL, whose condition scans the list until the page is full.

    Args:
        query: the text as typed.
        before: the id that all of them are smaller than; None for all.
        limit: the maximum number.
    """
    words = search_tokenizer.query_words(query or "")
    if not words or db.session.get_bind().dialect.name == "postgresql":
        return None
    rowid: ColumnElement[int] = literal_column("rowid", Integer)
    asked = literal_column(DOCUMENTS.name).op("MATCH", is_comparison=True)(sqlite_query(words, ("",)))
    hits = select(rowid).select_from(table(DOCUMENTS.name)).where(asked)
    if before is not None:
        hits = hits.where(rowid < before)
    return db.session.connection().scalars(hits.order_by(rowid.desc()).limit(limit)).all()
