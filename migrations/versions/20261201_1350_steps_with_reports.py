"""Steps that people take with reports."""

import sqlalchemy as sa
from alembic import op

revision = "0096"
down_revision = "0095"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "report_steps",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("report_id", INTEGER, nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("before", sa.String(20), nullable=False),
        sa.Column("after", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.Column("sealed_reason", sa.Text(), nullable=True),
        sa.Column("recipient", sa.String(200), nullable=True),
        sa.Column("into_id", INTEGER, nullable=True),
        sa.Column("taken_by", sa.String(300), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_steps_report_id")),
        sa.ForeignKeyConstraint(["into_id"], ["reports.id"], name=op.f("fk_report_steps_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_steps")),
    )
    op.create_index("ix_report_steps_report_id_id", "report_steps", ["report_id", "id"])


def downgrade() -> None:
    op.drop_table("report_steps")
