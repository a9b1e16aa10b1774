"""Subjects of notices and timers: what each is about, by type and id, besides the incident that it belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0058"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ALONE = {"resolve_fks": False}
"""Where SQLite makes a table again, the tables to which it refers need not be read."""

MOMENT = sa.DateTime(timezone=True)
PENDING = sa.text("state = 'pending'")
URGENT = sa.text("state = 'pending' AND urgency < 2")
OF_NO_INCIDENT = sa.text("state = 'pending' AND incident_id IS NULL")


def upgrade() -> None:
    _notices()
    _timers()
    with op.batch_alter_table("messages", reflect_kwargs=ALONE) as messages:
        messages.alter_column("incident_id", existing_type=INTEGER, nullable=True)
    with op.batch_alter_table("incident_news", reflect_kwargs=ALONE) as news:
        news.drop_constraint(op.f("ck_incident_news_kind"), type_="check")
        news.create_check_constraint(
            op.f("ck_incident_news_kind"), "kind IN ('grade', 'status', 'closed', 'deadline', 'mentioned')"
        )
    with op.batch_alter_table("incident_clocks", reflect_kwargs=ALONE) as clocks:
        clocks.add_column(sa.Column("warned_percent", INTEGER, server_default="0", nullable=False))
        clocks.add_column(sa.Column("warn_at", MOMENT, nullable=True))
    _warn_of_running_clocks()


def _notices() -> None:
    with op.batch_alter_table("notices", reflect_kwargs=ALONE) as notices:
        notices.add_column(sa.Column("subject_type", sa.String(20), nullable=True))
        notices.add_column(sa.Column("subject_id", INTEGER, nullable=True))
        notices.add_column(sa.Column("purpose", sa.String(20), nullable=True))
    op.execute("UPDATE notices SET subject_type = 'incident', subject_id = incident_id, purpose = 'handling'")
    with op.batch_alter_table("notices", reflect_kwargs=ALONE) as notices:
        notices.alter_column("subject_type", existing_type=sa.String(20), nullable=False)
        notices.alter_column("subject_id", existing_type=INTEGER, nullable=False)
        notices.alter_column("purpose", existing_type=sa.String(20), nullable=False)
        notices.alter_column("incident_id", existing_type=INTEGER, nullable=True)
        notices.drop_constraint("uq_notices_incident_id_department_id", type_="unique")
        notices.create_unique_constraint(
            "uq_notices_subject_type_subject_id_purpose_department_id",
            ["subject_type", "subject_id", "purpose", "department_id"],
        )
        notices.create_index("ix_notices_incident_id", ["incident_id"])


def _warn_of_running_clocks() -> None:
    """Set the timers of clocks that run: each fires at once, and sets the next."""
    running = "state IN ('running', 'undetermined') AND start_at IS NOT NULL AND due_at IS NOT NULL"
    op.execute(f"UPDATE incident_clocks SET warn_at = start_at WHERE {running}")  # noqa: S608
    op.execute(
        "INSERT INTO timers (kind, due_at, subject_type, subject_id, incident_id, urgency, state, failures)"
        " SELECT 'warn', warn_at, 'clock', id, incident_id, 2, 'pending', 0 FROM incident_clocks"
        " WHERE warn_at IS NOT NULL"
    )


def _timers() -> None:
    with op.batch_alter_table("timers", reflect_kwargs=ALONE) as timers:
        timers.add_column(sa.Column("subject_type", sa.String(20), nullable=True))
        timers.add_column(sa.Column("subject_id", INTEGER, nullable=True))
        timers.add_column(sa.Column("urgency", INTEGER, server_default="2", nullable=False))
    op.execute("UPDATE timers SET subject_type = 'run', subject_id = run_id WHERE run_id IS NOT NULL")
    op.execute("UPDATE timers SET subject_type = 'notice', subject_id = notice_id WHERE notice_id IS NOT NULL")
    with op.batch_alter_table("timers", reflect_kwargs=ALONE) as timers:
        timers.drop_index("ix_timers_run_id_step_visit")
        timers.drop_index("ix_timers_notice_id_state")
        timers.drop_constraint(op.f("ck_timers_one_owner"), type_="check")
        timers.drop_constraint("fk_timers_run_id", type_="foreignkey")
        timers.drop_constraint("fk_timers_notice_id", type_="foreignkey")
        timers.drop_column("run_id")
        timers.drop_column("notice_id")
        timers.alter_column("subject_type", existing_type=sa.String(20), nullable=False)
        timers.alter_column("subject_id", existing_type=INTEGER, nullable=False)
        timers.alter_column("incident_id", existing_type=INTEGER, nullable=True)
    op.create_index(
        "ix_timers_subject",
        "timers",
        ["subject_type", "subject_id"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.create_index(
        "ix_timers_urgent", "timers", ["urgency", "due_at", "id"], sqlite_where=URGENT, postgresql_where=URGENT
    )
    op.create_index(
        "ix_timers_of_no_incident",
        "timers",
        ["due_at", "id"],
        sqlite_where=OF_NO_INCIDENT,
        postgresql_where=OF_NO_INCIDENT,
    )


def downgrade() -> None:
    """Back to notices of incidents: those of other subjects, with all that belongs to them, are deleted."""
    notices, messages = sa.table("notices", *map(sa.column, ("id", "subject_type", "incident_id"))), _of("messages")
    others = sa.select(notices.c.id).where(
        sa.or_(notices.c.subject_type != "incident", notices.c.incident_id.is_(None))
    )
    its_messages = sa.select(messages.c.id).where(messages.c.notice_id.in_(others))
    deliveries = sa.table("deliveries", sa.column("message_id"))
    op.execute(sa.delete(deliveries).where(deliveries.c.message_id.in_(its_messages)))
    for table in map(_of, ("notice_events", "messages", "notice_departments")):
        op.execute(sa.delete(table).where(table.c.notice_id.in_(others)))
    timers = sa.table("timers", *map(sa.column, ("subject_type", "subject_id", "incident_id")))
    is_of_other = sa.and_(timers.c.subject_type == "notice", timers.c.subject_id.in_(others))
    is_new_kind = sa.or_(timers.c.incident_id.is_(None), timers.c.subject_type.not_in(("run", "notice")))
    op.execute(sa.delete(timers).where(sa.or_(is_new_kind, is_of_other)))
    op.execute(sa.delete(notices).where(notices.c.id.in_(others)))
    with op.batch_alter_table("incident_clocks", reflect_kwargs=ALONE) as clocks:
        clocks.drop_column("warn_at")
        clocks.drop_column("warned_percent")
    op.execute("DELETE FROM incident_news WHERE kind = 'deadline'")
    with op.batch_alter_table("incident_news", reflect_kwargs=ALONE) as news:
        news.drop_constraint(op.f("ck_incident_news_kind"), type_="check")
        news.create_check_constraint(
            op.f("ck_incident_news_kind"), "kind IN ('grade', 'status', 'closed', 'mentioned')"
        )
    with op.batch_alter_table("messages", reflect_kwargs=ALONE) as messages:
        messages.alter_column("incident_id", existing_type=INTEGER, nullable=False)
    _timers_before()
    with op.batch_alter_table("notices", reflect_kwargs=ALONE) as notices:
        notices.drop_index("ix_notices_incident_id")
        notices.drop_constraint("uq_notices_subject_type_subject_id_purpose_department_id", type_="unique")
        notices.create_unique_constraint("uq_notices_incident_id_department_id", ["incident_id", "department_id"])
        notices.alter_column("incident_id", existing_type=INTEGER, nullable=False)
        for name in ("subject_type", "subject_id", "purpose"):
            notices.drop_column(name)


def _of(table: str) -> sa.TableClause:
    return sa.table(table, sa.column("id"), sa.column("notice_id"))


def _timers_before() -> None:
    for name in ("ix_timers_subject", "ix_timers_urgent", "ix_timers_of_no_incident"):
        op.drop_index(name, "timers")
    with op.batch_alter_table("timers", reflect_kwargs=ALONE) as timers:
        timers.add_column(sa.Column("run_id", INTEGER, nullable=True))
        timers.add_column(sa.Column("notice_id", INTEGER, nullable=True))
    op.execute("UPDATE timers SET run_id = subject_id WHERE subject_type = 'run'")
    op.execute("UPDATE timers SET notice_id = subject_id WHERE subject_type = 'notice'")
    with op.batch_alter_table("timers", reflect_kwargs=ALONE) as timers:
        timers.alter_column("incident_id", existing_type=INTEGER, nullable=False)
        for name in ("subject_type", "subject_id", "urgency"):
            timers.drop_column(name)
        timers.create_foreign_key("fk_timers_run_id", "runs", ["run_id"], ["id"])
        timers.create_foreign_key("fk_timers_notice_id", "notices", ["notice_id"], ["id"])
        timers.create_check_constraint("one_owner", "(run_id IS NULL) <> (notice_id IS NULL)")
        timers.create_index("ix_timers_run_id_step_visit", ["run_id", "step", "visit"])
        timers.create_index("ix_timers_notice_id_state", ["notice_id", "state"])
