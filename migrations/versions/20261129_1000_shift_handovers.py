"""Handovers of shifts."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLE = "shift_handovers"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("department_id", INTEGER, nullable=False),
        sa.Column("from_person_id", INTEGER, nullable=False),
        sa.Column("to_person_id", INTEGER, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("handed_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_shift_handovers_department_id")),
        sa.ForeignKeyConstraint(["from_person_id"], ["people.id"], name=op.f("fk_shift_handovers_from_person_id")),
        sa.ForeignKeyConstraint(["to_person_id"], ["people.id"], name=op.f("fk_shift_handovers_to_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_handovers")),
    )
    for column in ("to_person_id", "from_person_id"):
        op.create_index(f"ix_{TABLE}_{column}_id", TABLE, [column, "id"])


def downgrade() -> None:
    op.drop_table(TABLE)
