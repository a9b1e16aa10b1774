"""Files of documents: PDF, word processors, and signed content."""

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "document_files",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("document_id", INTEGER, nullable=False),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("source_hash", sa.String(64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("tries", INTEGER, nullable=False),
        sa.Column("claim_ends_at", MOMENT, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("fault", sa.String(60), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("format IN ('pdf', 'docx', 'json')", name=op.f("ck_document_files_format")),
        sa.CheckConstraint("state IN ('waiting', 'ready', 'failed')", name=op.f("ck_document_files_state")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_document_files_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_files")),
        sa.UniqueConstraint(
            "document_id", "format", "source_hash", name=op.f("uq_document_files_document_id_format_source_hash")
        ),
    )
    op.create_index(
        "ix_document_files_waiting", "document_files", ["id"], sqlite_where=WAITING, postgresql_where=WAITING
    )


def downgrade() -> None:
    """Drop the files; those of documents that stay can be made from them, but for the signed content."""
    op.drop_table("document_files")
