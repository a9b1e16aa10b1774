"""Notices by department and state: the inbox of a department reads its own notices of one state only."""

from alembic import op

revision = "0060"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_notices_department_id_state_id", "notices", ["department_id", "state", "id"])


def downgrade() -> None:
    op.drop_index("ix_notices_department_id_state_id", "notices")
