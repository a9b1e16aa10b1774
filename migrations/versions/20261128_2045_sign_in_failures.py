"""Count failed attempts to sign in by window."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("forget_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(op.f("ix_sign_in_failures_forget_at"), "sign_in_failures", ["forget_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_sign_in_failures_forget_at"), table_name="sign_in_failures")
    op.drop_table("sign_in_failures")
