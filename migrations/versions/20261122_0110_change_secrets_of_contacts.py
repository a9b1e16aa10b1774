"""Let the secret of a contact be changed while the old one still counts."""

import sqlalchemy as sa
from alembic import op

from incident.store.db.database import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("old_sealed_secret", sa.String(length=400), nullable=True))
    op.add_column("contacts", sa.Column("old_secret_ends_at", Moment(), nullable=True))


def downgrade() -> None:
    op.drop_column("contacts", "old_secret_ends_at")
    op.drop_column("contacts", "old_sealed_secret")
