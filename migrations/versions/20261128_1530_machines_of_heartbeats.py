"""Keep with each heartbeat the machine's name and by how much its time is off."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("heartbeats", sa.Column("host", sa.String(length=255), nullable=True))
    op.add_column("heartbeats", sa.Column("off_by", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("heartbeats", "off_by")
    op.drop_column("heartbeats", "host")
