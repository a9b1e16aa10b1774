"""Keep when a session was used last, and by which browser."""

import sqlalchemy as sa
from alembic import op

from incident.store.db.database import Moment

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("used_at", Moment(), nullable=True))
    op.add_column("sessions", sa.Column("agent", sa.String(length=200), nullable=True))
    op.execute("UPDATE sessions SET used_at = created_at")
    with op.batch_alter_table("sessions") as table:
        table.alter_column("used_at", existing_type=Moment(), nullable=False)


def downgrade() -> None:
    op.drop_column("sessions", "agent")
    op.drop_column("sessions", "used_at")
