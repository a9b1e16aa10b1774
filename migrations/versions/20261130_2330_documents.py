"""Official documents, their sign-offs, the versions of their kinds, and the series of their numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0077"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = sa.text("state IN ('in_review', 'in_legal_review', 'in_countersign', 'to_sign', 'signed')")
STANDS = sa.text("voided_at IS NULL")
STATES = (
    "state IN ('draft', 'in_review', 'in_legal_review', 'in_countersign', 'to_sign', 'signed', 'sealed', "
    "'archived', 'void')"
)


def upgrade() -> None:
    op.create_table(
        "document_kind_versions",
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_document_kind_versions")),
    )
    op.create_table(
        "document_series",
        sa.Column("series", sa.String(20), nullable=False),
        sa.Column("word", sa.String(20), nullable=False),
        sa.Column("form", sa.String(60), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_document_series")),
    )
    op.create_table(
        "document_counts",
        sa.Column("word", sa.String(20), nullable=False),
        sa.Column("series", sa.String(20), nullable=False),
        sa.Column("year", INTEGER, autoincrement=False, nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("last", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("word", "series", "year", "is_drill", name=op.f("pk_document_counts")),
    )
    op.create_table(
        "documents",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("kind_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("marking", sa.String(20), nullable=False),
        sa.Column("urgency", sa.String(20), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("cut_off_at", MOMENT, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("countersigners", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("series", sa.String(20), nullable=True),
        sa.Column("number_year", INTEGER, nullable=True),
        sa.Column("count", INTEGER, nullable=True),
        sa.Column("number", sa.String(120), nullable=True),
        sa.Column("drafter", sa.String(100), nullable=False),
        sa.Column("drafted_by", sa.String(300), nullable=False),
        sa.Column("drafted_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("signed_at", MOMENT, nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("voided_at", MOMENT, nullable=True),
        sa.Column("voided_by", sa.String(300), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("version", INTEGER, nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_documents_state")),
        sa.CheckConstraint("marking IN ('none', 'internal', 'work_secret')", name=op.f("ck_documents_marking")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_documents_incident_id")),
        sa.ForeignKeyConstraint(
            ["kind_hash"], ["document_kind_versions.content_hash"], name=op.f("fk_documents_kind_hash")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("series", "is_drill", "number", name=op.f("uq_documents_series_is_drill_number")),
    )
    op.create_index("ix_documents_incident_id_id", "documents", ["incident_id", "id"])
    op.create_index("ix_documents_state_id", "documents", ["state", "id"])
    op.create_index("ix_documents_kind_id", "documents", ["kind", "id"])
    op.create_index(op.f("ix_documents_number"), "documents", ["number"])
    op.create_index("ix_documents_waiting", "documents", ["id"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_table(
        "document_sign_offs",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("document_id", INTEGER, nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("department", sa.String(64), nullable=True),
        sa.Column("signer", sa.String(100), nullable=False),
        sa.Column("signed_by", sa.String(300), nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("voided_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "step IN ('draft', 'review', 'legal_review', 'countersign', 'sign', 'seal')",
            name=op.f("ck_document_sign_offs_step"),
        ),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_document_sign_offs_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_sign_offs")),
    )
    op.create_index("ix_document_sign_offs_document_id_id", "document_sign_offs", ["document_id", "id"])
    op.create_index(
        "ix_document_sign_offs_signer",
        "document_sign_offs",
        ["document_id", "signer", "step"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )


def downgrade() -> None:
    """Drop the documents with their numbers; the journal keeps who signed what."""
    for table in ("document_sign_offs", "documents", "document_counts", "document_series", "document_kind_versions"):
        op.drop_table(table)
