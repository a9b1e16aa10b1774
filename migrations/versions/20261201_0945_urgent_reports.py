"""The notice by which the duty officer was paged for an urgent report."""

import sqlalchemy as sa
from alembic import op

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None

PAGED = sa.text("urgent_notice_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("reports", sa.Column("urgent_notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
    op.create_index(
        "ix_reports_urgent_notice_id", "reports", ["urgent_notice_id"], sqlite_where=PAGED, postgresql_where=PAGED
    )


def downgrade() -> None:
    op.drop_index("ix_reports_urgent_notice_id", "reports")
    op.drop_column("reports", "urgent_notice_id")
