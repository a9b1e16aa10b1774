"""Proposals that a second person declines; rule sets of grading that administrators write."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0062"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TWO_PERSON_TABLES = ("grade_decisions", "clock_events", "not_reportable_decisions")
NEWS, OLD_NEWS = "incident_news", "old_incident_news"
UNREAD = sa.text("read_at IS NULL")
BEFORE = (
    "kind IN ('grade', 'status', 'owner', 'closed', 'deadline', 'mentioned')",
    sa.text("read_at IS NULL AND kind <> 'mentioned'"),
)
AFTER = (
    "kind IN ('grade', 'status', 'owner', 'closed', 'deadline', 'mentioned', 'declined')",
    sa.text("read_at IS NULL AND kind NOT IN ('mentioned', 'declined')"),
)


def upgrade() -> None:
    for table in TWO_PERSON_TABLES:
        for name, kind in (("declined_at", MOMENT), ("declined_by", sa.String(300)), ("decline_reason", sa.Text())):
            op.add_column(table, sa.Column(name, kind, nullable=True))
    _replace_kinds(*AFTER)
    op.create_table(
        "grading_rule_sets",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading_rule_sets")),
        sa.UniqueConstraint("key", name=op.f("uq_grading_rule_sets_key")),
    )
    op.create_table(
        "grading_rule_set_versions",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("rule_set_id", INTEGER, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("put_at", MOMENT, nullable=False),
        sa.Column("put_by", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_set_id"], ["grading_rule_sets.id"], name=op.f("fk_grading_rule_set_versions_rule_set_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading_rule_set_versions")),
        sa.UniqueConstraint("rule_set_id", "version", name=op.f("uq_grading_rule_set_versions_rule_set_id_version")),
    )
    op.create_index("ix_grading_rule_set_versions_content_hash", "grading_rule_set_versions", ["content_hash"])


def downgrade() -> None:
    op.drop_table("grading_rule_set_versions")
    op.drop_table("grading_rule_sets")
    op.execute("DELETE FROM incident_news WHERE kind = 'declined'")
    _replace_kinds(*BEFORE)
    for table in TWO_PERSON_TABLES:
        op.execute(f"UPDATE {table} SET state = 'outdated' WHERE state = 'declined'")  # noqa: S608
        for name in ("decline_reason", "declined_by", "declined_at"):
            op.drop_column(table, name)


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
