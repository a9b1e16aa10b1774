"""Filings that are revoked or returned, and events that are corrected or withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0069"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = sa.text("state = 'awaiting_second'")
TABLE = "filing_revocations"
RETURN = (
    ("returned_at", MOMENT),
    ("return_reason", sa.Text()),
    ("return_recorded_at", MOMENT),
    ("return_recorded_by", sa.String(300)),
    ("revoked_at", MOMENT),
)


def upgrade() -> None:
    for name, kind in RETURN:
        op.add_column("filings", sa.Column(name, kind, nullable=True))
    corrected = sa.Column("corrects_id", INTEGER, sa.ForeignKey("clock_events.id"), nullable=True)
    op.add_column("clock_events", corrected, inline_references=True)
    op.add_column("clock_events", sa.Column("is_withdrawal", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        TABLE,
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("filing_id", INTEGER, nullable=False),
        sa.Column("regime", sa.String(60), nullable=False),
        sa.Column("stage", sa.String(60), nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("recipient", sa.String(300), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by", sa.String(300), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("confirmed_by", sa.String(300), nullable=True),
        sa.Column("declined_at", MOMENT, nullable=True),
        sa.Column("declined_by", sa.String(300), nullable=True),
        sa.Column("decline_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_filing_revocations_incident_id")),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_filing_revocations_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_revocations")),
    )
    op.create_index(f"ix_{TABLE}_incident_id_id", TABLE, ["incident_id", "id"])
    op.create_index(op.f(f"ix_{TABLE}_filing_id"), TABLE, ["filing_id"])
    op.create_index(f"ix_{TABLE}_waiting", TABLE, ["id"], sqlite_where=WAITING, postgresql_where=WAITING)


def downgrade() -> None:
    """Keep what was struck out as announcements, which end no clock: earlier programs know no revoked filing."""
    op.drop_table(TABLE)
    op.execute("DELETE FROM approvals WHERE kind IN ('filing_revocation', 'clock_event')")
    op.execute("UPDATE filings SET is_oral = true WHERE revoked_at IS NOT NULL OR returned_at IS NOT NULL")
    op.execute("UPDATE incident_clocks SET state = 'running' WHERE state = 'returned'")
    op.execute("UPDATE clock_events SET state = 'outdated' WHERE is_withdrawal")
    op.execute("UPDATE clock_events SET state = 'outdated' WHERE corrects_id IS NOT NULL AND state = 'awaiting_second'")
    op.drop_column("clock_events", "is_withdrawal")
    op.drop_column("clock_events", "corrects_id")
    for name, _ in reversed(RETURN):
        op.drop_column("filings", name)
