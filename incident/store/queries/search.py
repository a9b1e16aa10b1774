"""Full text of incidents and reports: FTS5 on SQLite, a tsvector with GIN on PostgreSQL, with our own tokenizer.

The query plan depends on how common the words are among the newest rows: for rare words the rows are looked up and
sorted; for common ones the list is scanned in its order until the page is full. Measured in docs/adr.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import (
    ColumnElement,
    Integer,
    any_,
    cast,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSQUERY

from incident.core.incidents import search_tokenizer
from incident.core.incidents.search_tokenizer import QueryWord
from incident.store.db.database import db
from incident.store.db.prepared import execute
from incident.store.documents.documents import OfficialDocument
from incident.store.incidents.incidents import Alert, Incident, indicators_of
from incident.store.incidents.merges import duplicates_of, has_duplicates
from incident.store.journal.journal import Entry
from incident.store.queries.search_tables import ALERTS, DOCUMENTS, INCIDENTS, INDEXES, REPORTS, Index
from incident.store.reports.reports import Report

WINDOW: Final = {"sqlite": 2_000, "postgresql": 1_000}
"""Number of newest rows that are sampled to estimate how common a query is."""

COMMON: Final = {"sqlite": 5, "postgresql": 20}
"""Number of hits in the sample that makes a query common: there scanning is as fast as a look-up."""

MAX_ALERTS: Final = 20
"""Number of newest alerts whose labels are indexed with their incident; `ALERTS` has those of all that joined it."""

MAX_ALERT_HITS: Final = 1_000
"""Number of newest alerts with the words of a query whose incidents are found by them."""

MAX_NOTES: Final = 1_000
"""Number of newest notes of an incident that are indexed; more would exceed its word limit."""

HIDDEN: Final = "\ue000"
"""Prefix of words that only readers of the journal may find; no written or queried word contains it."""


def terms_of(texts: Iterable[str | None]) -> list[str]:
    """Return the words of texts; simple ones, and a line in the log, when the tokenizer fails."""
    kept = list(texts)
    try:
        return search_tokenizer.words_of(kept)
    except Exception as fault:  # noqa: BLE001  # found by fewer words is better than lost
        length = sum(map(_length, kept))
        structlog.get_logger().error("search terms could not be computed", length=length, exc_info=fault)
        return search_tokenizer.simple_words_of(kept)


def hidden_terms_of(texts: Iterable[str | None]) -> list[str]:
    """Return the words of texts for readers of the journal, marked so that others do not find them."""
    return [HIDDEN + word for word in terms_of(texts)]


def _length(text: str | None) -> int:
    return len(text or "")


@dataclass(frozen=True, kw_only=True)
class Change:
    """The changes to the searchable texts of an incident.

    Args:
        facts: new values of title, category and description, where they change.
        indicators: the values that replace its indicators; None leaves them.
        added: new texts that are not in the database yet.
        hidden: new texts that only readers of the journal may read, such as a note.
    """

    facts: Mapping[str, str | None] = field(default_factory=dict)
    indicators: Sequence[str] | None = None
    added: Sequence[str] = ()
    hidden: Sequence[str] = ()

    @property
    def has_any(self) -> bool:
        """Whether it changes any words."""
        return bool(self.facts or self.added or self.hidden) or self.indicators is not None


@dataclass(frozen=True)
class Terms:
    """The words of an incident after a change, computed at this version."""

    incident_id: int
    version: int
    change: Change
    words: Sequence[str]


FACTS: Final = ("title", "category", "description")


def terms_after(incident_id: int, change: Change) -> Terms:
    """Compute the words of an incident after a change; call it before the transaction of the change."""
    wanted = select(Incident.version, Incident.number, has_duplicates, *(getattr(Incident, name) for name in FACTS))
    row = db.session.execute(wanted.where(Incident.id == incident_id)).one()
    facts = [change.facts.get(name, getattr(row, name)) for name in FACTS]
    seen = change.indicators
    if seen is None:
        seen = [one.value for one in indicators_of(incident_id)]
    words = terms_of([row.number, *facts, *seen, *change.added])
    own = [*change.hidden, *_labels_of(incident_id), *_notes_of(row.number)]
    hidden = hidden_terms_of([*own, *(merged_texts(incident_id) if row.has_duplicates else ())])
    return Terms(incident_id, row.version, change, [*words, *hidden])


def file_change(incident: Incident, terms: Terms) -> None:
    """Index an incident after a change, inside the transaction of the change.

    Args:
        incident: the incident, locked, before its version is incremented.
        terms: its words; they are computed again when somebody else changed it meanwhile.
    """
    if (terms.incident_id, terms.version) != (incident.id, incident.version):
        db.session.flush()
        terms = terms_after(incident.id, terms.change)
    _file(INCIDENTS, [(incident.id, terms.words)])


def file_incident(incident: Incident, words: Sequence[str]) -> None:
    """Index a new incident under its number, its category and these words."""
    own = terms_of([incident.number, incident.category])
    _file(INCIDENTS, [(incident.id, [*own, *words])])


def file_alerts(alerts: Iterable[tuple[Alert, Sequence[str]]]) -> None:
    """Index alerts that joined an incident, inside the transaction that receives them.

    Args:
        alerts: stored alerts with their words, of which only readers of the journal may find any.
    """
    _file(ALERTS, [(alert.id, [_hidden(word) for word in words]) for alert, words in alerts])


def _hidden(word: str) -> str:
    return word if word.startswith(HIDDEN) else HIDDEN + word


def file_report(report: Report, words: Sequence[str]) -> None:
    """Index a report, inside the transaction that receives it."""
    _file(REPORTS, [(report.id, words)])


def file_document(row: OfficialDocument) -> None:
    """Index an official document under its title and its number, inside the transaction that changes them."""
    _file(DOCUMENTS, [(row.id, terms_of([row.number, row.title]))])


def _notes_of(number: str) -> list[str]:
    written = select(Entry.detail).where(Entry.incident == number, Entry.event_type == "incident.noted")
    entries = db.session.scalars(written.order_by(Entry.seq.desc()).limit(MAX_NOTES))
    return [str(json.loads(detail).get("note", "")) for detail in entries]


def merged_texts(incident_id: int) -> list[str | None]:
    """Return the texts of the incidents that were merged into one, by which readers of the journal find it."""
    texts = list[str | None]()
    for one in duplicates_of(incident_id):
        texts += [one.number, *(getattr(one, name) for name in FACTS), *_notes_of(one.number)]
    return texts


def _labels_of(incident_id: int) -> list[str]:
    last = select(Alert.title, Alert.labels).where(Alert.incident_id == incident_id).order_by(Alert.id.desc())
    found = db.session.execute(last.limit(MAX_ALERTS))
    return [text_ for title, labels in found for text_ in (title, *(str(value) for value in labels.values()))]


def file_words(index: Index, rows: Iterable[tuple[int, Iterable[str | None], Iterable[str | None]]]) -> None:
    """Index rows under the words of their texts; existing entries are replaced.

    Args:
        index: the index.
        rows: of each the id, its texts, and those that only readers of the journal may read.
    """
    _file(index, [(row, [*terms_of(texts), *hidden_terms_of(hidden)]) for row, texts, hidden in rows])


def _file(index: Index, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
    is_postgresql = _is_postgresql()
    mark = "'{}'" if is_postgresql else "{}"
    connection, filing = db.session.connection(), _FILING[index.name, is_postgresql]
    for row, words in rows:
        execute(connection, filing, id=row, words=" ".join(map(mark.format, words)))


_FILING: Final = {
    (index.name, True): sql(
        f"INSERT INTO {index.name} (id, words) VALUES (:id, CAST(:words AS tsvector)) "  # noqa: S608  # our own name
        "ON CONFLICT (id) DO UPDATE SET words = excluded.words"
    )
    for index in INDEXES
} | {
    (index.name, False): sql(
        f"INSERT OR REPLACE INTO {index.name} (rowid, words) VALUES (:id, :words)"  # noqa: S608  # our own name
    )
    for index in INDEXES
}


def search_filter(query: str | None, *, reads_journal: bool) -> ColumnElement[bool] | None:
    """Return the condition on `Incident.id` of a query: every one of its words occurs.

    Args:
        query: the text as typed, in any script; None and blanks give None.
        reads_journal: whether the viewer may read texts that are only in the journal, such as notes and alert labels.
    """
    found = words_condition(INCIDENTS, query, marks=("", HIDDEN) if reads_journal else ("",))
    joined = _incidents_of_alerts(query or "") if found is not None and reads_journal else []
    return or_(found, Incident.id.in_(joined)) if found is not None and joined else found


def _incidents_of_alerts(query: str) -> Sequence[int]:
    """Return the incidents that an alert with all words of a query joined."""
    words = search_tokenizer.query_words(query)
    if not words:
        return ()
    filed = table(ALERTS.name, column("id", Integer), column("words"))
    if _is_postgresql():
        matches = filed.c.words.op("@@", is_comparison=True)(cast(_asked_of_postgresql(words, (HIDDEN,)), TSQUERY))
        hits = select(filed.c.id.label("id")).where(matches).offset(0).subquery()  # collected before it is sorted
        newest = select(hits.c.id).order_by(hits.c.id.desc())
    else:
        rowid: ColumnElement[int] = literal_column("rowid", Integer)
        matches = literal_column(ALERTS.name).op("MATCH", is_comparison=True)(sqlite_query(words, (HIDDEN,)))
        newest = select(rowid).select_from(table(ALERTS.name)).where(matches).order_by(rowid.desc())
    wanted = select(Alert.incident_id).where(Alert.id.in_(newest.limit(MAX_ALERT_HITS)), Alert.incident_id.is_not(None))
    return [one for one in db.session.connection().scalars(wanted.distinct()) if one is not None]


def report_filter(query: str | None) -> ColumnElement[bool] | None:
    """Return the condition on `Report.id` of a query; None for an empty one."""
    return words_condition(REPORTS, query)


def words_condition(index: Index, query: str | None, marks: Sequence[str] = ("",)) -> ColumnElement[bool] | None:
    """Return the condition that all words of a query occur; None for an empty one.

    Args:
        index: the index.
        query: the text as typed.
        marks: prefixes of the words that are looked up.
    """
    if query is None or not query.strip():
        return None
    words = search_tokenizer.query_words(query)
    if not words:
        return false()
    look = _on_postgresql if _is_postgresql() else _on_sqlite
    return look(index, words, marks)


def _on_sqlite(index: Index, words: Sequence[QueryWord], marks: Sequence[str]) -> ColumnElement[bool]:
    """Search in FTS5, which returns the newest first without collecting all, but tests a single row slowly."""
    asked = sqlite_query(words, marks)
    rowid: ColumnElement[int] = literal_column("rowid", Integer)
    hits = select(rowid).select_from(table(index.name)).where(literal_column(index.name).op("MATCH")(asked))
    newest = db.session.connection().scalars(hits.order_by(rowid.desc()).limit(COMMON["sqlite"])).all()
    is_common = len(newest) == COMMON["sqlite"] and newest[-1] > _last_id(index) - WINDOW["sqlite"]
    # No index can serve a sum: so the list is scanned, and each row is looked up among the hits.
    return (index.key + 0).in_(hits) if is_common else index.key.in_(hits)


def _on_postgresql(index: Index, words: Sequence[QueryWord], marks: Sequence[str]) -> ColumnElement[bool]:
    """Search in the GIN index, or, for common words, test each row of the list by its own tsvector."""
    asked = _asked_of_postgresql(words, marks)
    filed = table(index.name, column("id", Integer), column("words"))
    matches = filed.c.words.op("@@", is_comparison=True)(cast(asked, TSQUERY))
    hits = select(filed.c.id).where(matches)
    last = _last_id(index)
    recent = (
        db.session.connection()
        .scalars(hits.where(filed.c.id > last - WINDOW["postgresql"]).limit(COMMON["postgresql"]))
        .all()
    )
    if last > WINDOW["postgresql"] and len(recent) == COMMON["postgresql"]:
        # OFFSET keeps it from being joined, which would collect and sort all hits before the first page.
        return exists(hits.where(filed.c.id == index.key).offset(0))
    # An array is computed before the list is scanned, so that a wrong estimate of the planner cannot scan the whole
    # list.
    return index.key == any_(func.array(hits.scalar_subquery()))


def sqlite_query(words: Sequence[QueryWord], marks: Sequence[str]) -> str:
    """Return a query as FTS5 reads it: all words, each behind any of the marks."""
    return " AND ".join(
        _any_of((f'"{mark}{one.word}"{"*" * one.is_prefix}' for mark in marks), " OR ") for one in words
    )


def _asked_of_postgresql(words: Sequence[QueryWord], marks: Sequence[str]) -> str:
    return " & ".join(_any_of((f"'{mark}{one.word}'{':*' * one.is_prefix}" for mark in marks), " | ") for one in words)


def _any_of(ways: Iterable[str], joint: str) -> str:
    return f"({joint.join(ways)})"


def _last_id(index: Index) -> int:
    return db.session.connection().scalar(select(index.key).order_by(index.key.desc()).limit(1)) or 0


def _is_postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"
