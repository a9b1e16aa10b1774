"""Let incidents say sector, region and campaign, and departments what they answer for."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AREAS = ("sector", "region", "campaign")


def upgrade() -> None:
    for name in AREAS:
        op.add_column("incidents", sa.Column(name, sa.String(length=60), nullable=True))
        is_said = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_incidents_{name}_id", "incidents", [name, "id"], sqlite_where=is_said, postgresql_where=is_said
        )
    op.add_column("departments", sa.Column("competence", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("departments", "competence")
    for name in reversed(AREAS):
        op.drop_index(f"ix_incidents_{name}_id", "incidents")
        op.drop_column("incidents", name)
