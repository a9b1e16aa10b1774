"""Mark playbooks with their TLP level."""

import sqlalchemy as sa
from alembic import op

from incident.core.cacao import tlp

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PLAYBOOKS = sa.table("playbooks", sa.column("id"), sa.column("document", sa.JSON()), sa.column("tlp"))


def upgrade() -> None:
    op.add_column("playbooks", sa.Column("tlp", sa.String(length=16), nullable=True))
    connection = op.get_bind()
    for row_id, document in connection.execute(sa.select(PLAYBOOKS.c.id, PLAYBOOKS.c.document)).all():
        connection.execute(sa.update(PLAYBOOKS).where(PLAYBOOKS.c.id == row_id).values(tlp=tlp(document)))


def downgrade() -> None:
    # Without a batch: SQLite would copy the table, and drop the old one under the runs that refer to it.
    op.drop_column("playbooks", "tlp")
