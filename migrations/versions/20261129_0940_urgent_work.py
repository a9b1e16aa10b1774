"""Indexes of what waits for departments, by when it runs out."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

WAITING = sa.text("state NOT IN ('acknowledged', 'accepted', 'done', 'withdrawn')")
OPEN = sa.text("state NOT IN ('succeeded', 'failed', 'cancelled', 'timed_out')")
NOTICES = "ix_notices_waiting_next_at_id"
TASKS = "ix_tasks_open_due_at_id"


def upgrade() -> None:
    op.create_index(NOTICES, "notices", ["next_at", "id"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index(TASKS, "tasks", ["due_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index(TASKS, "tasks")
    op.drop_index(NOTICES, "notices")
