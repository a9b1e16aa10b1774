"""An index of incidents by their last change."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

INDEX = "ix_incidents_changed_at_id"


def upgrade() -> None:
    op.create_index(INDEX, "incidents", ["changed_at", "id"])


def downgrade() -> None:
    op.drop_index(INDEX, "incidents")
