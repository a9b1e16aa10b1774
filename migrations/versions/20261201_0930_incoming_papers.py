"""Incoming papers with who reads them and what answers them, text blocks, and the words of documents."""

import sqlalchemy as sa
from alembic import op

from incident.core.incidents.search_tokenizer import words_of
from incident.store.queries import search_tables

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("incoming_papers.state = 'open'")
UNREAD = sa.text("read_at IS NULL")
MARKINGS = "marking IN ('none', 'internal', 'work_secret')"


def upgrade() -> None:
    op.create_table(
        "incoming_papers",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("number", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("sender", sa.String(300), nullable=False),
        sa.Column("sender_number", sa.String(120), nullable=True),
        sa.Column("marking", sa.String(20), nullable=False),
        sa.Column("urgency", sa.String(20), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("evidence_id", INTEGER, nullable=True),
        sa.Column("answers_id", INTEGER, nullable=True),
        sa.Column("proposal", sa.Text(), nullable=True),
        sa.Column("proposed_by", sa.String(300), nullable=True),
        sa.Column("proposed_at", MOMENT, nullable=True),
        sa.Column("instruction", sa.Text(), nullable=True),
        sa.Column("instructed_by", sa.String(300), nullable=True),
        sa.Column("instructed_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("done_by", sa.String(300), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("registrar", sa.String(100), nullable=False),
        sa.Column("registered_by", sa.String(300), nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("ck_incoming_papers_state")),
        sa.CheckConstraint(MARKINGS, name=op.f("ck_incoming_papers_marking")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incoming_papers_incident_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_incoming_papers_evidence_id")),
        sa.ForeignKeyConstraint(["answers_id"], ["documents.id"], name=op.f("fk_incoming_papers_answers_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_papers")),
        sa.UniqueConstraint("is_drill", "number", name=op.f("uq_incoming_papers_is_drill_number")),
    )
    op.create_index("ix_incoming_papers_incident_id_id", "incoming_papers", ["incident_id", "id"])
    op.create_index(op.f("ix_incoming_papers_answers_id"), "incoming_papers", ["answers_id"])
    op.create_index(
        "ix_incoming_papers_open", "incoming_papers", ["due_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "paper_readers",
        sa.Column("paper_id", INTEGER, nullable=False),
        sa.Column("person_id", INTEGER, nullable=False),
        sa.Column("asked_by", sa.String(300), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["paper_id"], ["incoming_papers.id"], name=op.f("fk_paper_readers_paper_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_paper_readers_person_id")),
        sa.PrimaryKeyConstraint("paper_id", "person_id", name=op.f("pk_paper_readers")),
    )
    op.create_index(
        "ix_paper_readers_unread",
        "paper_readers",
        ["person_id", "paper_id"],
        sqlite_where=UNREAD,
        postgresql_where=UNREAD,
    )
    op.create_table(
        "paper_answers",
        sa.Column("paper_id", INTEGER, nullable=False),
        sa.Column("document_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["incoming_papers.id"], name=op.f("fk_paper_answers_paper_id")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_paper_answers_document_id")),
        sa.PrimaryKeyConstraint("paper_id", "document_id", name=op.f("pk_paper_answers")),
    )
    op.create_index(op.f("ix_paper_answers_document_id"), "paper_answers", ["document_id"])
    op.create_table(
        "text_blocks",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_blocks")),
        sa.UniqueConstraint("title", name=op.f("uq_text_blocks_title")),
    )
    _file_documents()


def downgrade() -> None:
    """Drop the papers; the journal keeps what came in and who decided what."""
    op.execute("DROP TABLE IF EXISTS document_words")
    for table in ("text_blocks", "paper_answers", "paper_readers", "incoming_papers"):
        op.drop_table(table)


def _file_documents() -> None:
    """Index the documents that are there under the words of their titles and numbers."""
    connection = op.get_bind()
    search_tables.create(connection)
    is_postgresql = connection.dialect.name == "postgresql"
    filing = (
        "INSERT INTO document_words (id, words) VALUES (:id, CAST(:words AS tsvector))"
        if is_postgresql
        else "INSERT INTO document_words (rowid, words) VALUES (:id, :words)"
    )
    rows = connection.execute(sa.text("SELECT id, number, title FROM documents ORDER BY id")).all()
    mark = "'{}'" if is_postgresql else "{}"
    for row in rows:
        words = " ".join(map(mark.format, words_of([row.number, row.title])))
        connection.execute(sa.text(filing), {"id": row.id, "words": words})
