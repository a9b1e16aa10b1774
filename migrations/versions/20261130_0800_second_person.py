"""Records that wait for a second person: one set of columns, decisions not to report, reviews, confirmed figures."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0064"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WAITING = sa.text("state = 'awaiting_second'")
OWED = sa.text("state = 'in_force' AND review_due_at IS NOT NULL")
# The end of handling that an incident already has, as a record with which a later one is compared.
RECORDED_ENDS = """
INSERT INTO clock_events (incident_id, kind, happened_at, state, content_hash, proposed_at, proposed_by)
SELECT id, 'handling_ended', handled_at, 'in_force',
       '0000000000000000000000000000000000000000000000000000000000000000', changed_at, 'setup'
FROM incidents WHERE handled_at IS NOT NULL
"""
RENAMED = (("grade_decisions", "decided"), ("clock_events", "recorded"))


def upgrade() -> None:
    for table, before in RENAMED:
        for suffix in ("at", "by"):
            op.execute(f"ALTER TABLE {table} RENAME COLUMN {before}_{suffix} TO proposed_{suffix}")
    op.execute(RECORDED_ENDS)
    op.create_index("ix_clock_events_waiting", "clock_events", ["id"], sqlite_where=WAITING, postgresql_where=WAITING)
    for name, kind in (("review_due_at", MOMENT), ("reviewed_at", MOMENT), ("reviewed_by", sa.String(300))):
        op.add_column("grade_decisions", sa.Column(name, kind, nullable=True))
    op.create_index(
        "ix_grade_decisions_review", "grade_decisions", ["review_due_at"], sqlite_where=OWED, postgresql_where=OWED
    )
    op.create_table(
        "not_reportable_decisions",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("regime", sa.String(60), nullable=False),
        sa.Column("regime_hash", sa.String(64), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by", sa.String(300), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("confirmed_by", sa.String(300), nullable=True),
        sa.Column("review_due_at", MOMENT, nullable=True),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("reviewed_by", sa.String(300), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_not_reportable_decisions_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["regime_hash"], ["regime_versions.content_hash"], name=op.f("fk_not_reportable_decisions_regime_hash")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_not_reportable_decisions")),
    )
    table = "not_reportable_decisions"
    op.create_index(f"ix_{table}_incident_id_id", table, ["incident_id", "id"])
    op.create_index(f"ix_{table}_waiting", table, ["id"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index(f"ix_{table}_review", table, ["review_due_at"], sqlite_where=OWED, postgresql_where=OWED)
    op.create_table(
        "figure_confirmations",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("cell", sa.String(60), nullable=False),
        sa.Column("figure_hash", sa.String(64), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("read_in", sa.Text(), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=False),
        sa.Column("confirmed_by", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_confirmations")),
        sa.UniqueConstraint("figure_hash", name=op.f("uq_figure_confirmations_figure_hash")),
    )


def downgrade() -> None:
    op.drop_table("figure_confirmations")
    op.drop_table("not_reportable_decisions")
    op.drop_index("ix_grade_decisions_review", "grade_decisions")
    for name in ("reviewed_by", "reviewed_at", "review_due_at"):
        op.drop_column("grade_decisions", name)
    op.drop_index("ix_clock_events_waiting", "clock_events")
    op.execute("DELETE FROM clock_events WHERE kind = 'handling_ended'")
    for table, before in RENAMED:
        for suffix in ("at", "by"):
            op.execute(f"ALTER TABLE {table} RENAME COLUMN proposed_{suffix} TO {before}_{suffix}")
