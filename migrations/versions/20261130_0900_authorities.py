"""Departments as authorities, who received a filing, and who owes the report onward."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("departments", sa.Column("authority", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("departments", "authority")
