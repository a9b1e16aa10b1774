"""Topics of Amazon SNS: which may send alerts, and the confirmations of their subscriptions."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DUE = sa.text("try_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "sns_topics",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("arn", sa.String(length=350), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("allowed_at", MOMENT, nullable=True),
        sa.Column("allowed_by", sa.String(length=300), nullable=True),
        sa.Column("subscribe_url", sa.Text(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("try_at", MOMENT, nullable=True),
        sa.Column("tries", INTEGER, nullable=False),
        sa.Column("fault", sa.String(length=500), nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sns_topics")),
        sa.UniqueConstraint("arn", name=op.f("uq_sns_topics_arn")),
    )
    op.create_index("ix_sns_topics_due", "sns_topics", ["try_at"], sqlite_where=DUE, postgresql_where=DUE)


def downgrade() -> None:
    op.drop_index("ix_sns_topics_due", table_name="sns_topics", sqlite_where=DUE, postgresql_where=DUE)
    op.drop_table("sns_topics")
