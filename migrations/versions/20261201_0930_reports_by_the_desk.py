"""When a report that the desk entered was made."""

import sqlalchemy as sa
from alembic import op

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reports", sa.Column("taken_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("reports", "taken_at")
