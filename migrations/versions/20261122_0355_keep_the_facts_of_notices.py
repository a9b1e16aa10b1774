"""Keep each fact of a notice by itself; a notice can be accepted, declined and done."""

import sqlalchemy as sa
from alembic import op

from incident.store.db.database import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OF_MESSAGE = sa.text("kind = 'opened' AND message_id IS NOT NULL")
OF_PERSON = sa.text("kind = 'opened' AND message_id IS NULL")
BEFORE = "state IN ('open', 'acknowledged', 'exhausted', 'withdrawn')"
AFTER = "state IN ('open', 'acknowledged', 'accepted', 'declined', 'done', 'exhausted', 'withdrawn')"


def upgrade() -> None:
    allow_states(AFTER)
    op.add_column("notices", sa.Column("answered_at", Moment(), nullable=True))
    op.add_column("notices", sa.Column("answered_by", sa.String(length=300), nullable=True))
    op.add_column("notices", sa.Column("reason", sa.Text(), nullable=True))
    op.create_table(
        "facts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("notice_id", NUMBER, nullable=False),
        sa.Column("message_id", NUMBER, nullable=True),
        sa.Column("kind", sa.String(length=14), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.String(length=300), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("contact_id", NUMBER, nullable=True),
        sa.Column("level", NUMBER, nullable=False),
        sa.Column("round", NUMBER, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_facts_notice_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_facts_message_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_facts_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
    )
    op.create_index("ix_facts_notice_id_id", "facts", ["notice_id", "id"])
    op.create_index(
        "ix_facts_opened",
        "facts",
        ["message_id"],
        unique=True,
        sqlite_where=OF_MESSAGE,
        postgresql_where=OF_MESSAGE,
    )
    op.create_index(
        "ix_facts_looked_at",
        "facts",
        ["notice_id", "by"],
        unique=True,
        sqlite_where=OF_PERSON,
        postgresql_where=OF_PERSON,
    )


def downgrade() -> None:
    op.drop_table("facts")
    for name in ("reason", "answered_by", "answered_at"):
        op.drop_column("notices", name)
    op.execute("UPDATE notices SET state = 'acknowledged' WHERE state IN ('accepted', 'done')")
    op.execute("UPDATE notices SET state = 'exhausted' WHERE state = 'declined'")
    allow_states(BEFORE)


def allow_states(rule: str) -> None:
    """Change which states a notice may have; SQLite can do that only by making the table anew."""
    with op.batch_alter_table("notices") as batch_op:
        batch_op.drop_constraint(op.f("ck_notices_state"), type_="check")
        batch_op.create_check_constraint(op.f("ck_notices_state"), rule)
