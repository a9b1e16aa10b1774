"""Say of a message whom it goes to and in which turn, of a notice when its level was told and which departments were."""

import sqlalchemy as sa
from alembic import op

from incident.store.db.database import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Added in place: SQLite would make the table anew for more than this, and rows of others refer to it.
    people = sa.ForeignKey("people.id", name=op.f("fk_messages_person_id_people"))
    op.add_column("messages", sa.Column("person_id", NUMBER, people, nullable=True), inline_references=True)
    op.add_column("messages", sa.Column("turn", NUMBER, nullable=False, server_default="0"))
    op.add_column("notices", sa.Column("told_at", Moment(), nullable=True))
    op.add_column("notices", sa.Column("reminders", NUMBER, nullable=False, server_default="0"))
    op.create_table(
        "notice_departments",
        sa.Column("notice_id", NUMBER, nullable=False),
        sa.Column("department_id", NUMBER, nullable=False),
        sa.Column("told_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_notice_departments_department_id_departments")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_departments_notice_id_notices")),
        sa.PrimaryKeyConstraint("notice_id", "department_id", name=op.f("pk_notice_departments")),
    )
    op.create_index("ix_notice_departments_department_id", "notice_departments", ["department_id"])


def downgrade() -> None:
    op.drop_table("notice_departments")
    op.drop_column("notices", "reminders")
    op.drop_column("notices", "told_at")
    op.drop_column("messages", "turn")
    op.drop_column("messages", "person_id")
