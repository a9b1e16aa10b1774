"""When a report that the desk entered was made, and the units that reports are about."""

import sqlalchemy as sa
from alembic import op

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("reports", sa.Column("taken_at", sa.DateTime(timezone=True)))
    op.add_column("reports", sa.Column("is_about_unit", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "report_units",
        sa.Column(
            "report_id",
            INTEGER,
            sa.ForeignKey("reports.id", name="fk_report_units_report_id_reports"),
            primary_key=True,
        ),
        sa.Column(
            "department_id",
            INTEGER,
            sa.ForeignKey("departments.id", name="fk_report_units_department_id_departments"),
            primary_key=True,
        ),
    )
    op.create_index("ix_report_units_department_id", "report_units", ["department_id"])


def downgrade() -> None:
    op.drop_table("report_units")
    for name in ("is_about_unit", "taken_at"):
        op.drop_column("reports", name)
