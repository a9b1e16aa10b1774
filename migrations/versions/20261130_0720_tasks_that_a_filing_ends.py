"""The statutory clock whose filing ends a task."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("clock_regime", sa.String(60), nullable=True))
    op.add_column("tasks", sa.Column("clock_stage", sa.String(60), nullable=True))


def downgrade() -> None:
    op.drop_column("tasks", "clock_stage")
    op.drop_column("tasks", "clock_regime")
