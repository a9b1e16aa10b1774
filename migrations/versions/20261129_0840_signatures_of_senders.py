"""Signing secrets of sources, and the signed messages that were received of late."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "source_signatures",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("scheme", sa.JSON(), nullable=False),
        sa.Column("is_token_needed", sa.Boolean(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("old_sealed_secret", sa.Text(), nullable=True),
        sa.Column("old_secret_ends_at", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_signatures")),
    )
    op.create_table(
        "signed_messages",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_messages")),
        sa.UniqueConstraint("source", "message", name=op.f("uq_signed_messages_source_message")),
    )
    op.create_index(op.f("ix_signed_messages_received_at"), "signed_messages", ["received_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_signed_messages_received_at"), table_name="signed_messages")
    op.drop_table("signed_messages")
    op.drop_table("source_signatures")
