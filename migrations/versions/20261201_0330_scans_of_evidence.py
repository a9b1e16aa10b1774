"""What a scanner said of evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None

UNSCANNED = sa.text("state = 'stored' AND scan IS NULL")


def upgrade() -> None:
    op.add_column("evidence", sa.Column("scan", sa.String(length=10)))
    op.add_column("evidence", sa.Column("scan_detail", sa.String(length=200)))
    op.add_column("evidence", sa.Column("scanned_at", sa.DateTime(timezone=True)))
    op.create_index("ix_evidence_unscanned", "evidence", ["id"], sqlite_where=UNSCANNED, postgresql_where=UNSCANNED)


def downgrade() -> None:
    op.drop_index("ix_evidence_unscanned", "evidence")
    for name in ("scanned_at", "scan_detail", "scan"):
        op.drop_column("evidence", name)
