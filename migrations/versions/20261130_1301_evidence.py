"""Evidence of incidents: files and their sealed parts."""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0065"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STORED = sa.text("state = 'stored'")
UNFINISHED = sa.text("state IN ('receiving', 'discarded')")


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("size", INTEGER, nullable=False),
        sa.Column("received", INTEGER, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("sealed_key", sa.Text(), nullable=True),
        sa.Column("is_in_folder", sa.Boolean(), nullable=False),
        sa.Column("uploader", sa.String(100), nullable=False),
        sa.Column("uploaded_by", sa.String(300), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("stored_at", MOMENT, nullable=True),
        sa.Column("first_looker", sa.String(100), nullable=True),
        sa.Column("released_at", MOMENT, nullable=True),
        sa.Column("released_by", sa.String(300), nullable=True),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("removed_by", sa.String(300), nullable=True),
        sa.Column("removal_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('receiving', 'stored', 'removed', 'discarded')", name=op.f("ck_evidence_state")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_evidence_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_incident_id"), "evidence", ["incident_id"])
    op.create_index(
        "ix_evidence_content",
        "evidence",
        ["incident_id", "sha256"],
        unique=True,
        sqlite_where=STORED,
        postgresql_where=STORED,
    )
    op.create_index("ix_evidence_unfinished", "evidence", ["id"], sqlite_where=UNFINISHED, postgresql_where=UNFINISHED)
    op.create_table(
        "evidence_parts",
        sa.Column("evidence_id", INTEGER, nullable=False),
        sa.Column("place", INTEGER, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_parts_evidence_id")),
        sa.PrimaryKeyConstraint("evidence_id", "place", name=op.f("pk_evidence_parts")),
    )


def downgrade() -> None:
    op.drop_table("evidence_parts")
    op.drop_table("evidence")
