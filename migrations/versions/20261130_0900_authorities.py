"""Departments as authorities, who received a filing, and who owes the report onward."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0062"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("departments", sa.Column("authority", sa.JSON(), nullable=True))
    op.add_column(
        "incident_departments", sa.Column("is_recipient", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("filings", sa.Column("receivers", sa.JSON(), nullable=True))
    duty = sa.Column("duty_department_id", INTEGER, sa.ForeignKey("departments.id"), nullable=True)
    op.add_column("incident_clocks", duty, inline_references=True)


def downgrade() -> None:
    op.drop_column("incident_clocks", "duty_department_id")
    op.drop_column("filings", "receivers")
    op.drop_column("incident_departments", "is_recipient")
    op.drop_column("departments", "authority")
