"""Ask that somebody confirms the tests of a contact within a time."""

import sqlalchemy as sa
from alembic import op

from incident.store.db.database import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("confirm_within", sa.String(length=20), nullable=True))
    op.add_column("contacts", sa.Column("confirm_due_at", Moment(), nullable=True))


def downgrade() -> None:
    op.drop_column("contacts", "confirm_due_at")
    op.drop_column("contacts", "confirm_within")
