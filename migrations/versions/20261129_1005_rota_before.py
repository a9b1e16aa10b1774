"""The rota before the last change, to undo it."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rotas", sa.Column("before", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("rotas", "before")
