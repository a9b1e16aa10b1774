"""Allow targets for ssh, and say why people do what a machine was to do."""

import sqlalchemy as sa
from alembic import op

from incident.store.db.database import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ssh_targets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("port", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("secret_name", sa.String(length=200), nullable=False),
        sa.Column("host_keys", sa.JSON(), nullable=False),
        sa.Column("allowed_at", Moment(), nullable=False),
        sa.Column("allowed_by", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ssh_targets")),
        sa.UniqueConstraint("host", "port", "user", name=op.f("uq_ssh_targets_host_port_user")),
    )
    op.add_column("tasks", sa.Column("why", sa.String(length=40), nullable=True))


def downgrade() -> None:
    # Without a batch: SQLite would copy the table, and drop the old one under the messages that refer to it.
    op.drop_column("tasks", "why")
    op.drop_table("ssh_targets")
