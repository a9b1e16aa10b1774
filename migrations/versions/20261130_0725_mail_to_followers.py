"""Mail to followers: what each follower of an incident is still mailed about, and who wants such mail."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEWS, OLD_NEWS = "incident_news", "old_incident_news"
UNREAD = sa.text("read_at IS NULL")
UNREAD_CHANGE = sa.text("read_at IS NULL AND kind <> 'mentioned'")
WAITING = sa.text("mail_due_at IS NOT NULL")
WITHOUT_OWNER = "kind IN ('grade', 'status', 'closed', 'deadline', 'mentioned')"
WITH_OWNER = "kind IN ('grade', 'status', 'owner', 'closed', 'deadline', 'mentioned')"


def upgrade() -> None:
    op.add_column("people", sa.Column("is_mailed", sa.Boolean(), nullable=False, server_default=sa.true()))
    for name in ("news_at", "mail_since_at", "mail_due_at", "mail_not_before_at"):
        op.add_column("incident_followers", sa.Column(name, MOMENT, nullable=True))
    op.add_column("incident_followers", sa.Column("mail_attempts", INTEGER, nullable=False, server_default="0"))
    op.create_index(
        "ix_incident_followers_mail_due_at",
        "incident_followers",
        ["mail_due_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    _replace_kinds(WITH_OWNER)


def downgrade() -> None:
    op.execute("DELETE FROM incident_news WHERE kind = 'owner'")
    _replace_kinds(WITHOUT_OWNER)
    op.drop_index("ix_incident_followers_mail_due_at", "incident_followers")
    for name in ("mail_attempts", "mail_not_before_at", "mail_due_at", "mail_since_at", "news_at"):
        op.drop_column("incident_followers", name)
    op.drop_column("people", "is_mailed")


def _replace_kinds(condition: str) -> None:
    """Replace the condition on kinds; SQLite cannot, so there the rows move to a new table."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_incident_news_kind"), NEWS, type_="check")
        op.create_check_constraint(op.f("ck_incident_news_kind"), NEWS, condition)
        return
    for index in ("uq_incident_news_unread", "ix_incident_news_person_id_id", "ix_incident_news_at"):
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
    op.create_index(
        "uq_incident_news_unread",
        NEWS,
        ["person_id", "incident_id", "kind"],
        unique=True,
        sqlite_where=UNREAD_CHANGE,
    )
    op.create_index("ix_incident_news_person_id_id", NEWS, ["person_id", "id"], sqlite_where=UNREAD)
    op.create_index("ix_incident_news_at", NEWS, ["at"])
