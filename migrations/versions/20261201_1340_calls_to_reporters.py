"""Calls to reporters."""

import sqlalchemy as sa
from alembic import op

revision = "0095"
down_revision = "0094"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "report_calls",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("report_id", INTEGER, nullable=False),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("from_number", sa.String(20), nullable=True),
        sa.Column("requester", sa.String(100), nullable=False),
        sa.Column("requested_by", sa.String(300), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", INTEGER, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("operator", sa.String(300), nullable=True),
        sa.Column("fault", sa.String(60), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_calls_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_calls")),
    )
    op.create_index(op.f("ix_report_calls_report_id"), "report_calls", ["report_id"])
    op.create_index("ix_report_calls_state_due_at", "report_calls", ["state", "due_at"])


def downgrade() -> None:
    op.drop_table("report_calls")
