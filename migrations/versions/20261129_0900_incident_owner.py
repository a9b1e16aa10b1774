"""Who owns an incident."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDEX = "ix_incidents_owner_id_is_unreached_id"
OWNED = sa.text("owner_id IS NOT NULL")


def upgrade() -> None:
    owner = sa.Column("owner_id", INTEGER, sa.ForeignKey("people.id"), nullable=True)
    op.add_column("incidents", owner, inline_references=True)
    columns = ["owner_id", "is_unreached", "id"]
    op.create_index(INDEX, "incidents", columns, sqlite_where=OWNED, postgresql_where=OWNED)


def downgrade() -> None:
    op.drop_index(INDEX, "incidents")
    op.drop_column("incidents", "owner_id")
