"""The grading of each incident that was acted on, and timers that grade open incidents again."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0075"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STOPPED = """
INSERT INTO incident_gradings (incident_id, stopped_at)
SELECT incidents.id, max(journal.at) FROM incidents JOIN journal ON journal.incident = incidents.number
WHERE incidents.status <> 'closed' AND journal.type = 'incident.closed'
AND EXISTS (SELECT 1 FROM grading_answers WHERE grading_answers.incident_id = incidents.id)
GROUP BY incidents.id
"""
"""Incidents that were reopened before: what grew until then grows no more."""

GRADE_AGAIN = """
INSERT INTO timers (kind, due_at, subject_type, subject_id, incident_id, urgency, state, failures)
SELECT 'rules', changed_at, 'grading', id, id, 3, 'pending', 0 FROM incidents WHERE status <> 'closed'
AND EXISTS (SELECT 1 FROM grading_answers WHERE grading_answers.incident_id = incidents.id)
"""
"""Numbers that grow get their timers in small transactions once the program runs."""


def upgrade() -> None:
    op.create_table(
        "incident_gradings",
        sa.Column("incident_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("certain", INTEGER, nullable=True),
        sa.Column("possible", INTEGER, nullable=True),
        sa.Column("rule_sets", sa.JSON(), nullable=True),
        sa.Column("stopped_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_gradings_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incident_gradings")),
    )
    op.execute(STOPPED)
    op.execute(GRADE_AGAIN)


def downgrade() -> None:
    op.execute("DELETE FROM timers WHERE subject_type IN ('grading', 'growth', 'rule_set', 'profile')")
    op.drop_table("incident_gradings")
