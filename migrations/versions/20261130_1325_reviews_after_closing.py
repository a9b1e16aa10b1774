"""Reviews of closed incidents with their actions, and the news about these."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEWS, OLD_NEWS = "incident_news", "old_incident_news"
UNREAD = sa.text("read_at IS NULL")
ACTION_OPEN = sa.text("state = 'open'")
BEFORE = (
    "kind IN ('grade', 'status', 'owner', 'closed', 'deadline', 'mentioned', 'declined')",
    sa.text("read_at IS NULL AND kind NOT IN ('mentioned', 'declined')"),
)
AFTER = (
    "kind IN ('grade', 'status', 'owner', 'closed', 'deadline', 'mentioned', 'declined', 'action', 'action_due')",
    sa.text("read_at IS NULL AND kind NOT IN ('mentioned', 'declined', 'action', 'action_due')"),
)


def upgrade() -> None:
    op.create_table(
        "incident_reviews",
        sa.Column("incident_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("went_well", sa.Text(), nullable=False),
        sa.Column("went_wrong", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("written_by", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_reviews_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incident_reviews")),
    )
    op.create_table(
        "review_actions",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("owner_id", INTEGER, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("remind_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", sa.String(300), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_by", sa.String(300), nullable=True),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("ck_review_actions_state")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_review_actions_incident_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_review_actions_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_actions")),
    )
    op.create_index("ix_review_actions_incident_id_id", "review_actions", ["incident_id", "id"])
    op.create_index(
        "ix_review_actions_owner_id_due_at",
        "review_actions",
        ["owner_id", "due_at"],
        sqlite_where=ACTION_OPEN,
        postgresql_where=ACTION_OPEN,
    )
    _replace_kinds(*AFTER)


def downgrade() -> None:
    op.execute("DELETE FROM timers WHERE subject_type = 'review_action'")
    op.execute("DELETE FROM incident_news WHERE kind IN ('action', 'action_due')")
    _replace_kinds(*BEFORE)
    op.drop_table("review_actions")
    op.drop_table("incident_reviews")


def _replace_kinds(condition: str, unread_change: sa.TextClause) -> None:
    """Replace the condition on kinds and the unique index; SQLite cannot, so there the rows move to a new table."""
    op.drop_index("uq_incident_news_unread", NEWS)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_incident_news_kind"), NEWS, type_="check")
        op.create_check_constraint(op.f("ck_incident_news_kind"), NEWS, condition)
    else:
        _replace_table(condition)
    op.create_index(
        "uq_incident_news_unread",
        NEWS,
        ["person_id", "incident_id", "kind"],
        unique=True,
        sqlite_where=unread_change,
        postgresql_where=unread_change,
    )


def _replace_table(condition: str) -> None:
    for index in ("ix_incident_news_person_id_id", "ix_incident_news_at"):
        op.drop_index(index, NEWS)
    op.rename_table(NEWS, OLD_NEWS)
    op.create_table(
        NEWS,
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("person_id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=300), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.CheckConstraint(condition, name=op.f("ck_incident_news_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_incident_news_person_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_news_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_news")),
    )
    op.execute(f"INSERT INTO {NEWS} SELECT * FROM {OLD_NEWS}")  # noqa: S608
    op.drop_table(OLD_NEWS)
    op.create_index("ix_incident_news_person_id_id", NEWS, ["person_id", "id"], sqlite_where=UNREAD)
    op.create_index("ix_incident_news_at", NEWS, ["at"])
