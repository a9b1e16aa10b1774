"""The department that a paper is given to, and reminders of papers, terms and services, with the news about them."""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0089"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEWS, OLD_NEWS = "incident_news", "old_incident_news"
UNREAD = sa.text("read_at IS NULL")
UNDECIDED = sa.text("state = 'open' AND proposal IS NOT NULL AND instruction IS NULL")
KINDS = "'grade', 'status', 'owner', 'closed', 'deadline', 'mentioned', 'declined', 'action', 'action_due'"
EACH = "'mentioned', 'declined', 'action', 'action_due'"
BEFORE = (f"kind IN ({KINDS})", sa.text(f"read_at IS NULL AND kind NOT IN ({EACH})"))
AFTER = (f"kind IN ({KINDS}, 'paperwork')", sa.text(f"read_at IS NULL AND kind NOT IN ({EACH}, 'paperwork')"))

TIMERS = "INSERT INTO timers (kind, due_at, subject_type, subject_id, incident_id, urgency, state, failures) "
ROWS = "SELECT 'soon', {at}, '{matter}', {table}.id, {incident}, 2, 'pending', 0 FROM {table} {rest}"
OWED = (
    ("paper", "incoming_papers", "received_at", "incident_id", "WHERE state = 'open' AND due_at IS NOT NULL"),
    ("unserved", "documents", "unserved_at", "incident_id", "WHERE unserved_at IS NOT NULL"),
    (
        "term",
        "document_services",
        "served_at",
        "incident_id",
        "JOIN documents ON documents.id = document_id WHERE due_at IS NOT NULL AND answered_at IS NULL",
    ),
)
"""What is owed already: its timer comes due at once, and finds by itself whether a stage has begun."""


def upgrade() -> None:
    # SQLite adds a foreign key only with its column.
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE incoming_papers ADD COLUMN department_id {kind} "
        "CONSTRAINT fk_incoming_papers_department_id REFERENCES departments (id)"
    )
    op.create_index(
        "ix_incoming_papers_undecided", "incoming_papers", ["id"], sqlite_where=UNDECIDED, postgresql_where=UNDECIDED
    )
    _replace_kinds(*AFTER)
    for matter, table, at, incident, rest in OWED:
        op.execute(TIMERS + ROWS.format(at=at, matter=matter, table=table, incident=incident, rest=rest))


def downgrade() -> None:
    op.execute("DELETE FROM timers WHERE subject_type IN ('paper', 'term', 'unserved')")
    op.execute("DELETE FROM incident_news WHERE kind = 'paperwork'")
    _replace_kinds(*BEFORE)
    op.drop_index("ix_incoming_papers_undecided", "incoming_papers")
    op.drop_column("incoming_papers", "department_id")


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
    for index in ("ix_incident_news_person_id_id", "ix_incident_news_at", "ix_incident_news_person_id_at"):
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
    op.create_index("ix_incident_news_person_id_at", NEWS, ["person_id", "at"])
    op.create_index("ix_incident_news_at", NEWS, ["at"])
