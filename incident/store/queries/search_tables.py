"""The tables of the full text, which have no models: created and dropped with those that have."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, MetaData, event
from sqlalchemy import text as sql
from sqlalchemy.orm import InstrumentedAttribute

from incident.store.db.database import Base
from incident.store.documents.documents import OfficialDocument
from incident.store.incidents.incidents import Alert, Incident
from incident.store.reports.reports import Report

PREFIXES: Final = "3 4 5 6"
"""Lengths of prefixes that SQLite indexes; it finds others by merging."""

CONTENTLESS_SINCE: Final = (3, 43)
"""The first SQLite whose FTS5 supports deletion from a contentless table."""


@dataclass(frozen=True)
class Index:
    """The words of one kind of row; `key` is the column that identifies a row."""

    name: str
    key: InstrumentedAttribute[int]


INCIDENTS: Final = Index("incident_words", Incident.id)
REPORTS: Final = Index("report_words", Report.id)
ALERTS: Final = Index("alert_words", Alert.id)
"""Alerts that joined an incident: their words are computed once, however many alerts the incident has."""

DOCUMENTS: Final = Index("document_words", OfficialDocument.id)
"""Official documents by their title and their number."""

INDEXES: Final = (INCIDENTS, REPORTS, ALERTS, DOCUMENTS)


def is_search_table(name: str) -> bool:
    """Whether a table belongs to the full text, whose tables have no models."""
    return any(name == index.name or name.startswith(f"{index.name}_") for index in INDEXES)


def create(connection: Connection) -> None:
    """Create the tables of the full text where they are missing."""
    for index in INDEXES:
        for statement in _definitions(connection, index.name):
            connection.execute(sql(statement))


def drop(connection: Connection) -> None:
    """Drop the tables of the full text."""
    for index in INDEXES:
        connection.execute(sql(f"DROP TABLE IF EXISTS {index.name}"))


def _definitions(connection: Connection, name: str) -> list[str]:
    if connection.dialect.name == "postgresql":
        return [
            f"CREATE TABLE IF NOT EXISTS {name} (id bigint PRIMARY KEY, words tsvector NOT NULL)",
            f"CREATE INDEX IF NOT EXISTS ix_{name}_words ON {name} USING gin (words) WITH (fastupdate = off)",
        ]
    version = connection.dialect.server_version_info or (0,)
    kept = "content='', contentless_delete=1, " if version >= CONTENTLESS_SINCE else ""
    # Every character except blanks belongs to a word: the words are already separated.
    more = f"prefix='{PREFIXES}', " + """tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* P* S* Co'" """
    return [f"CREATE VIRTUAL TABLE IF NOT EXISTS {name} USING fts5(words, {kept}detail=none, {more})"]


@event.listens_for(Base.metadata, "after_create")
def _create_with_the_models(_metadata: MetaData, connection: Connection, **_: object) -> None:
    create(connection)


@event.listens_for(Base.metadata, "before_drop")
def _drop_with_the_models(_metadata: MetaData, connection: Connection, **_: object) -> None:
    drop(connection)
