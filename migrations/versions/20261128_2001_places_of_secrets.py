"""Say where each secret may be used; those from before may be used nowhere until somebody says where."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("secrets", sa.Column("places", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("secrets") as table:
        table.drop_column("places")
