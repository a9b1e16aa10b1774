"""Departments as authorities, who received a filing, who owes the report onward, and the next deadline."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0067"
branch_labels = None
depends_on = None

INDEX = "ix_incidents_next_due_at_id"
OWES = sa.text("next_due_at IS NOT NULL")
NEXT_DUE = """
UPDATE incidents SET next_due_at = (
    SELECT min(due_at) FROM incident_clocks
    WHERE incident_id = incidents.id AND state IN ('running', 'undetermined')
)
"""
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("departments", sa.Column("authority", sa.JSON(), nullable=True))
    op.add_column(
        "incident_departments", sa.Column("is_recipient", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("filings", sa.Column("receivers", sa.JSON(), nullable=True))
    duty = sa.Column("duty_department_id", INTEGER, sa.ForeignKey("departments.id"), nullable=True)
    op.add_column("incident_clocks", duty, inline_references=True)
    op.add_column("incidents", sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(NEXT_DUE)
    op.create_index(INDEX, "incidents", ["next_due_at", "id"], sqlite_where=OWES, postgresql_where=OWES)


def downgrade() -> None:
    op.drop_index(INDEX, "incidents")
    op.drop_column("incidents", "next_due_at")
    op.drop_column("incident_clocks", "duty_department_id")
    op.drop_column("filings", "receivers")
    op.drop_column("incident_departments", "is_recipient")
    op.drop_column("departments", "authority")
