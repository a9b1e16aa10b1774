"""The person to whom a task is given, and the moment until which it is wanted."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    assignee = sa.Column("assignee_id", INTEGER, sa.ForeignKey("people.id"), nullable=True)
    op.add_column("tasks", assignee, inline_references=True)
    op.add_column("tasks", sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_tasks_assignee_id_state", "tasks", ["assignee_id", "state"])


def downgrade() -> None:
    op.drop_index("ix_tasks_assignee_id_state", table_name="tasks")
    op.drop_column("tasks", "wanted_at")
    op.drop_column("tasks", "assignee_id")
