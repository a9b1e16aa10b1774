"""Who sent an alert, and the group of alerts that it was placed in."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

PARTIAL = (
    ("ix_alerts_sender_grouping_received_at", ["sender", "grouping", "received_at"], "grouping IS NOT NULL"),
    ("ix_alerts_group_key_id", ["group_key", "id"], "group_key IS NOT NULL"),
    ("ix_alerts_grouped_fingerprint_source", ["fingerprint", "source"], "grouping <> 'own'"),
)


def upgrade() -> None:
    op.add_column("alerts", sa.Column("sender", sa.String(length=100), nullable=True))
    op.add_column("alerts", sa.Column("grouping", sa.String(length=10), nullable=True))
    op.add_column("alerts", sa.Column("group_key", sa.String(length=64), nullable=True))
    for name, columns, where in PARTIAL:
        op.create_index(name, "alerts", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index(
        "ix_alerts_incident_id_source_fingerprint_id", "alerts", ["incident_id", "source", "fingerprint", "id"]
    )
    op.drop_index("ix_alerts_incident_id_id", "alerts")


def downgrade() -> None:
    op.create_index("ix_alerts_incident_id_id", "alerts", ["incident_id", "id"])
    op.drop_index("ix_alerts_incident_id_source_fingerprint_id", "alerts")
    for name, _, _ in reversed(PARTIAL):
        op.drop_index(name, "alerts")
    for name in ("group_key", "grouping", "sender"):
        op.drop_column("alerts", name)
