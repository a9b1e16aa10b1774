"""Runs by their playbook, for how often and when last it was used."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_runs_playbook_id_started_at", "runs", ["playbook_id", "started_at"])


def downgrade() -> None:
    op.drop_index("ix_runs_playbook_id_started_at", table_name="runs")
