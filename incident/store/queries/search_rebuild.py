"""Rebuilds the tables of the full text from the database: after a restore they are empty."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from sqlalchemy import func, select

from incident.store.db.database import db
from incident.store.documents.documents import OfficialDocument
from incident.store.incidents.incidents import Alert, Incident, Indicator
from incident.store.incidents.merges import survivors_among
from incident.store.journal.journal import Entry
from incident.store.queries.search import MAX_ALERTS, file_words, merged_texts
from incident.store.queries.search_tables import ALERTS, DOCUMENTS, INCIDENTS, REPORTS
from incident.store.reports.reports import Report

BATCH: Final = 500
"""Number of rows that are indexed together."""

Row = TypeVar("Row", Incident, Report, Alert, OfficialDocument)


def rebuild() -> None:
    """Index every incident, report, document and alert that joined an incident, inside the caller's transaction."""
    for incidents in _batches(Incident):
        seen, hidden = _indicators(incidents), _hidden_texts(incidents)
        texts = [(one.id, [*_facts(one), *seen[one.id]], hidden[one.id]) for one in incidents]
        file_words(INCIDENTS, texts)
    for reports in _batches(Report):
        file_words(REPORTS, [(one.id, [one.text, one.url, one.category], ()) for one in reports])
    for documents in _batches(OfficialDocument):
        file_words(DOCUMENTS, [(one.id, [one.number, one.title], ()) for one in documents])
    for alerts in _batches(Alert):
        file_words(ALERTS, _joined(alerts))


def _joined(alerts: Sequence[Alert]) -> list[tuple[int, list[str | None], list[str | None]]]:
    """Return the texts of the alerts that brought news to an incident, with those of the incident."""
    joined = [one for one in alerts if one.reason in ("changed", "grouped_by_rule", "grouped_in_storm")]
    ids = {one.incident_id for one in joined}
    of = {one.id: one for one in db.session.scalars(select(Incident).where(Incident.id.in_(ids)))}
    return [
        (one.id, [], [one.title, *map(str, one.labels.values()), *_facts(of[one.incident_id or 0])]) for one in joined
    ]


def _facts(incident: Incident) -> list[str | None]:
    return [incident.number, incident.title, incident.category, incident.description]


def _batches(model: type[Row]) -> Iterator[Sequence[Row]]:
    after = 0
    while True:
        found = db.session.scalars(select(model).where(model.id > after).order_by(model.id).limit(BATCH)).all()
        if not found:
            return
        yield found
        after = found[-1].id
        db.session.expunge_all()


def _indicators(incidents: Sequence[Incident]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    ids = [one.id for one in incidents]
    seen = select(Indicator.incident_id, Indicator.value).where(Indicator.incident_id.in_(ids))
    for incident_id, value in db.session.execute(seen):
        found[incident_id].append(value)
    return found


def _hidden_texts(incidents: Sequence[Incident]) -> dict[int, list[str]]:
    """Return by incident the labels of its newest alerts, and its notes, for readers of the journal only."""
    found: dict[int, list[str]] = defaultdict(list)
    ids, by_number = [one.id for one in incidents], {one.number: one.id for one in incidents}
    rank = func.row_number().over(partition_by=Alert.incident_id, order_by=Alert.id.desc())
    ranked = (
        select(Alert.incident_id, Alert.title, Alert.labels, rank.label("rank"))
        .where(Alert.incident_id.in_(ids))
        .subquery()
    )
    newest = select(ranked.c.incident_id, ranked.c.title, ranked.c.labels).where(ranked.c.rank <= MAX_ALERTS)
    for incident_id, title, labels in db.session.execute(newest):
        found[incident_id] += [title, *(str(value) for value in labels.values())]
    notes = select(Entry.incident, Entry.detail).where(
        Entry.incident.in_(by_number), Entry.event_type == "incident.noted"
    )
    for number, detail in db.session.execute(notes):
        found[by_number[number or ""]].append(str(json.loads(detail).get("note", "")))
    for incident_id in survivors_among(ids):
        found[incident_id] += [text for text in merged_texts(incident_id) if text]
    return found
