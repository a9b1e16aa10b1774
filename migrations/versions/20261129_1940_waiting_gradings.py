"""The lower grades that wait for a second person."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

INDEX, TABLE = "ix_grade_decisions_waiting", "grade_decisions"


def upgrade() -> None:
    waiting = sa.text("state = 'awaiting_second'")
    op.create_index(INDEX, TABLE, ["id"], sqlite_where=waiting, postgresql_where=waiting)


def downgrade() -> None:
    op.drop_index(INDEX, TABLE)
