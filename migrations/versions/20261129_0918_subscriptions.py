"""Subscriptions of other systems, the events queued for them, and the attempts to deliver these."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WAITING = sa.text("state IN ('pending', 'sending')")


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("sealed_secret", sa.String(length=400), nullable=False),
        sa.Column("old_sealed_secret", sa.String(length=400), nullable=True),
        sa.Column("old_secret_ends_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=300), nullable=False),
        sa.Column("paused_at", MOMENT, nullable=True),
        sa.Column("paused_why", sa.String(length=10), nullable=True),
        sa.Column("fault", sa.String(length=500), nullable=True),
        sa.Column("failing_since_at", MOMENT, nullable=True),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("version", INTEGER, nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused')", name=op.f("ck_subscriptions_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "queued_events",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("webhook_id", sa.String(length=64), nullable=False),
        sa.Column("subscription_id", INTEGER, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("incident", sa.String(length=24), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        sa.Column("attempts", INTEGER, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("fault", sa.String(length=500), nullable=True),
        sa.Column("retried_from_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'refused', 'given_up', 'cancelled')",
            name=op.f("ck_queued_events_state"),
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_queued_events_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queued_events")),
        sa.UniqueConstraint("subscription_id", "seq", name=op.f("uq_queued_events_subscription_id_seq")),
        sa.UniqueConstraint("webhook_id", name=op.f("uq_queued_events_webhook_id")),
    )
    for name, columns in (
        ("ix_queued_events_due", ["subscription_id", "next_attempt_at", "id"]),
        ("ix_queued_events_in_order", ["subscription_id", "incident", "id"]),
    ):
        op.create_index(name, "queued_events", columns, sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_queued_events_subscription_id_id", "queued_events", ["subscription_id", "id"])
    op.create_index("ix_queued_events_ended_at", "queued_events", ["ended_at"])
    op.create_table(
        "event_attempts",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("event_id", INTEGER, nullable=False),
        sa.Column("attempt", INTEGER, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("detail", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["queued_events.id"], name=op.f("fk_event_attempts_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_attempts")),
    )
    op.create_index("ix_event_attempts_event_id_attempt", "event_attempts", ["event_id", "attempt"])


def downgrade() -> None:
    for name in ("event_attempts", "queued_events", "subscriptions"):
        op.drop_table(name)
