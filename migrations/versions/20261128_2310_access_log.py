"""Keep who has read what is confidential."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OBJECT = ["kind", "identifier", "hour_at"]


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("identifier", sa.String(length=100), nullable=False),
        sa.Column("hour_at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=300), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
        sa.UniqueConstraint("owner", *OBJECT, name=op.f("uq_access_log_owner_kind_identifier_hour_at")),
    )
    op.create_index("ix_access_log_kind_identifier_hour_at", "access_log", OBJECT)
    op.create_index("ix_access_log_hour_at", "access_log", ["hour_at"])


def downgrade() -> None:
    op.drop_table("access_log")
