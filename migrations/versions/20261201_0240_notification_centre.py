"""The notification centre: until when a person has read it, and when a task was given to them."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("people", sa.Column("notifications_read_at", MOMENT, nullable=True))
    op.add_column("tasks", sa.Column("assigned_at", MOMENT, nullable=True))
    op.create_index("ix_incident_news_person_id_at", "incident_news", ["person_id", "at"])
    # what waits already is known to people: only what comes from now on is new in the centre
    op.execute("UPDATE people SET notifications_read_at = CURRENT_TIMESTAMP")


def downgrade() -> None:
    op.drop_index("ix_incident_news_person_id_at", "incident_news")
    op.drop_column("tasks", "assigned_at")
    op.drop_column("people", "notifications_read_at")
