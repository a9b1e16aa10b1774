"""Words of alerts: alerts that joined an incident are found by their own labels, however many there are."""

from alembic import op

from incident.store.queries import search_tables

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    search_tables.create(op.get_bind())


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS alert_words")
