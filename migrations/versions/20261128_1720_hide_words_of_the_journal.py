"""Hide the words of notes and labels of alerts from who may not read the journal: their incidents are filed anew."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection

from incident.core.incidents import search_tokenizer

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

HIDDEN = "\ue000"
BATCH = 500

_WANTED = sa.text(
    "SELECT id, number, title, category, description FROM incidents WHERE id > :after AND ("
    "EXISTS (SELECT 1 FROM alerts WHERE alerts.incident_id = incidents.id) OR "
    "EXISTS (SELECT 1 FROM journal WHERE journal.incident = incidents.number AND journal.verb = 'incident.noted')"
    ") ORDER BY id LIMIT :batch"
)
_SEEN = sa.text("SELECT value FROM indicators WHERE incident_id = :id ORDER BY id")
_NOTES = sa.text(
    "SELECT detail FROM journal WHERE incident = :number AND verb = 'incident.noted' ORDER BY seq DESC LIMIT 1000"
)
_LABELS = sa.text("SELECT labels FROM alerts WHERE incident_id = :id ORDER BY id DESC LIMIT 20")
_FILE = {
    "postgresql": "INSERT INTO incident_words (id, words) VALUES (:id, CAST(:words AS tsvector)) "
    "ON CONFLICT (id) DO UPDATE SET words = excluded.words",
    "sqlite": "INSERT OR REPLACE INTO incident_words (rowid, words) VALUES (:id, :words)",
}


def upgrade() -> None:
    _file_anew(HIDDEN)


def downgrade() -> None:
    _file_anew("")


def _file_anew(mark: str) -> None:
    connection = op.get_bind()
    is_postgresql = connection.dialect.name == "postgresql"
    filing, form = sa.text(_FILE[connection.dialect.name]), "'{}'" if is_postgresql else "{}"
    after = 0
    while rows := connection.execute(_WANTED, {"after": after, "batch": BATCH}).all():
        for row in rows:
            words = " ".join(map(form.format, _words(connection, row, mark)))
            connection.execute(filing, {"id": row.id, "words": words})
        after = rows[-1].id


def _words(connection: Connection, row: sa.Row, mark: str) -> list[str]:
    seen = connection.scalars(_SEEN, {"id": row.id}).all()
    notes = [str(_read(one).get("note", "")) for one in connection.scalars(_NOTES, {"number": row.number})]
    labels = [str(value) for one in connection.scalars(_LABELS, {"id": row.id}) for value in _read(one).values()]
    hidden = [mark + word for word in search_tokenizer.words_of([*labels, *notes])]
    open_words = search_tokenizer.words_of([row.number, row.title, row.category, row.description, *seen])
    return list(dict.fromkeys([*open_words, *hidden]))


def _read(kept: object) -> dict[str, object]:
    read = json.loads(kept) if isinstance(kept, str | bytes) else kept
    return read if isinstance(read, dict) else {}
