"""Refusals of requests for contact details, and requests that end before their time."""

import sqlalchemy as sa
from alembic import op

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("identity_requests", sa.Column("ended_as", sa.String(10)))
    op.add_column("identity_requests", sa.Column("ended_at", sa.DateTime(timezone=True)))
    op.create_table(
        "identity_refusals",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("request_id", INTEGER, nullable=False),
        sa.Column("refuser", sa.String(100), nullable=False),
        sa.Column("refused_by", sa.String(300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["identity_requests.id"], name=op.f("fk_identity_refusals_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_refusals")),
        sa.UniqueConstraint("request_id", "refuser", name=op.f("uq_identity_refusals_request_id_refuser")),
    )


def downgrade() -> None:
    op.drop_table("identity_refusals")
    for name in ("ended_at", "ended_as"):
        op.drop_column("identity_requests", name)
