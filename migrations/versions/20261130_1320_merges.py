"""Merges of duplicate incidents, and the alerts that they moved."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0066"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IN_EFFECT = sa.text("undone_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "incident_merges",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("duplicate_id", INTEGER, nullable=False),
        sa.Column("survivor_id", INTEGER, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("merged_at", MOMENT, nullable=False),
        sa.Column("merged_by", sa.String(300), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by", sa.String(300), nullable=True),
        sa.ForeignKeyConstraint(["duplicate_id"], ["incidents.id"], name=op.f("fk_incident_merges_duplicate_id")),
        sa.ForeignKeyConstraint(["survivor_id"], ["incidents.id"], name=op.f("fk_incident_merges_survivor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_merges")),
    )
    op.create_index(
        "uq_incident_merges_in_effect",
        "incident_merges",
        ["duplicate_id"],
        unique=True,
        sqlite_where=IN_EFFECT,
        postgresql_where=IN_EFFECT,
    )
    op.create_index("ix_incident_merges_duplicate_id", "incident_merges", ["duplicate_id"])
    op.create_index("ix_incident_merges_survivor_id", "incident_merges", ["survivor_id"])
    op.create_table(
        "merged_alerts",
        sa.Column("merge_id", INTEGER, nullable=False),
        sa.Column("alert_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["incident_merges.id"], name=op.f("fk_merged_alerts_merge_id")),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_merged_alerts_alert_id")),
        sa.PrimaryKeyConstraint("merge_id", "alert_id", name=op.f("pk_merged_alerts")),
    )


def downgrade() -> None:
    op.drop_table("merged_alerts")
    op.drop_table("incident_merges")
