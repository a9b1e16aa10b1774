"""Service of documents: a state after the seal, every attempt, and the documents that prove filings."""

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None

ALONE = {"resolve_fks": False}
MOMENT = sa.DateTime(timezone=True)
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = sa.text("state IN ('in_review', 'in_legal_review', 'in_countersign', 'to_sign', 'signed')")
UNSERVED = sa.text("unserved_at IS NOT NULL")
OWED = sa.text("due_at IS NOT NULL AND answered_at IS NULL")
STATES = (
    "state IN ('draft', 'in_review', 'in_legal_review', 'in_countersign', 'to_sign', 'signed', 'sealed', "
    "'served', 'archived', 'void')"
)
STATES_BEFORE = STATES.replace("'served', ", "")
WAYS = "way IN ('channel', 'in_person', 'left', 'post', 'publication', 'electronic')"


def upgrade() -> None:
    _put_states(STATES)
    op.add_column("documents", sa.Column("unserved_at", MOMENT, nullable=True))
    op.create_index(
        "ix_documents_unserved", "documents", ["unserved_at", "id"], sqlite_where=UNSERVED, postgresql_where=UNSERVED
    )
    op.create_table(
        "document_services",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("document_id", INTEGER, nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("recipient", sa.String(300), nullable=False),
        sa.Column("served_at", MOMENT, nullable=False),
        sa.Column("is_served", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(300), nullable=True),
        sa.Column("proxy", sa.String(300), nullable=True),
        sa.Column("witness", sa.String(300), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("consent", sa.String(500), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("term_days", INTEGER, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("receipt_id", INTEGER, nullable=True),
        sa.Column("recorded_by", sa.String(300), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.CheckConstraint(WAYS, name=op.f("ck_document_services_way")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_document_services_document_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["documents.id"], name=op.f("fk_document_services_receipt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_services")),
    )
    op.create_index("ix_document_services_document_id_id", "document_services", ["document_id", "id"])
    op.create_index("ix_document_services_served_at_id", "document_services", ["served_at", "id"])
    op.create_index(
        "ix_document_services_owed", "document_services", ["due_at", "id"], sqlite_where=OWED, postgresql_where=OWED
    )
    with op.batch_alter_table("filings", reflect_kwargs=ALONE) as filings:
        filings.add_column(sa.Column("document_id", INTEGER, nullable=True))
        filings.create_foreign_key(op.f("fk_filings_document_id"), "documents", ["document_id"], ["id"])
        filings.create_index("ix_filings_document_id", ["document_id"])


def downgrade() -> None:
    """Drop who was served when; the journal keeps it. A served document is a sealed one again."""
    with op.batch_alter_table("filings", reflect_kwargs=ALONE) as filings:
        filings.drop_index("ix_filings_document_id")
        filings.drop_constraint(op.f("fk_filings_document_id"), type_="foreignkey")
        filings.drop_column("document_id")
    op.drop_table("document_services")
    op.drop_index("ix_documents_unserved", "documents")
    op.execute("UPDATE documents SET state = 'sealed' WHERE state = 'served'")
    with op.batch_alter_table("documents", reflect_kwargs=ALONE) as documents:
        documents.drop_column("unserved_at")
    _put_states(STATES_BEFORE)


def _put_states(states: str) -> None:
    op.drop_index("ix_documents_waiting", "documents")
    with op.batch_alter_table("documents", reflect_kwargs=ALONE) as documents:
        documents.drop_constraint(op.f("ck_documents_state"), type_="check")
        documents.create_check_constraint(op.f("ck_documents_state"), states)
    op.create_index("ix_documents_waiting", "documents", ["id"], sqlite_where=WAITING, postgresql_where=WAITING)
