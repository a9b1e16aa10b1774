"""Passages of reports that are sealed later, and the backups that were made.

Where the migration before this one sealed anything, a row of work clears the free space of the database of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0093"
down_revision = "0092"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
SEALED = "SELECT (SELECT count(*) FROM report_messages) + (SELECT count(*) FROM reports WHERE sealed_texts IS NOT NULL)"


def upgrade() -> None:
    made = op.create_table(
        "marked_passages",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("report_id", INTEGER, nullable=True),
        sa.Column("field", sa.String(20), nullable=True),
        sa.Column("marked_at", MOMENT, nullable=False),
        sa.Column("marked_by", sa.String(300), nullable=False),
        sa.Column("incidents", sa.JSON(), nullable=False),
        sa.Column("has_indicators", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("erased_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_marked_passages_report_id_reports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marked_passages")),
    )
    op.create_index(op.f("ix_marked_passages_report_id"), "marked_passages", ["report_id"])
    waiting = sa.text("erased_at IS NULL")
    op.create_index(
        "ix_marked_passages_waiting", "marked_passages", ["id"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_table(
        "made_backups",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_made_backups")),
    )
    op.create_index(op.f("ix_made_backups_made_at"), "made_backups", ["made_at"])
    if op.get_bind().execute(sa.text(SEALED)).scalar_one():
        row = {"marked_at": sa.func.current_timestamp(), "marked_by": "migrate", "incidents": []}
        op.get_bind().execute(sa.insert(made).values(**row))


def downgrade() -> None:
    op.drop_table("made_backups")
    op.drop_table("marked_passages")
