"""Daily sums of insights, what was counted of each incident, and how far the counting is."""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0070"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "daily_sums",
        sa.Column("dimension", sa.String(10), nullable=False),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("department_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("item", sa.String(600), nullable=False),
        sa.Column("is_red", sa.Boolean(), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("number", INTEGER, nullable=False),
        sa.Column("letters", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            *("dimension", "measure", "department_id", "day", "item", "is_red", "is_drill"), name=op.f("pk_daily_sums")
        ),
    )
    op.create_table(
        "counted_incidents",
        sa.Column("incident_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("counted", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_counted_incidents_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_counted_incidents")),
    )
    op.create_table(
        "insights_state",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("counted_seq", INTEGER, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(60), nullable=False),
        sa.Column("rules", INTEGER, nullable=False),
        sa.Column("recounted_id", INTEGER, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insights_state")),
    )


def downgrade() -> None:
    op.drop_table("insights_state")
    op.drop_table("counted_incidents")
    op.drop_table("daily_sums")
