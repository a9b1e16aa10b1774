"""Indexes from which the overview counts open incidents by grade and age, and overdue tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0068"
branch_labels = None
depends_on = None

REAL_OPEN = sa.text("status <> 'closed' AND speed IS NULL")
WANTED = sa.text("state NOT IN ('succeeded', 'failed', 'cancelled', 'timed_out') AND wanted_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_incidents_open",
        "incidents",
        ["grade", "opened_at", "status", "speed", "tlp", "id"],
        sqlite_where=REAL_OPEN,
        postgresql_where=REAL_OPEN,
    )
    op.create_index(
        "ix_tasks_open_wanted_at_id", "tasks", ["wanted_at", "id"], sqlite_where=WANTED, postgresql_where=WANTED
    )


def downgrade() -> None:
    op.drop_index("ix_tasks_open_wanted_at_id", "tasks")
    op.drop_index("ix_incidents_open", "incidents")
