"""Kinds, states, receipts of 16 digits and mailboxes of public reports.

Receipts of 20 letters and digits that were given out before stay valid: they have 100 random bits, so the plain SHA-256
that is kept of them cannot be guessed. `linked` becomes `accepted`; `received` and `handled` keep their names.
"""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0074"
branch_labels = None
depends_on = None

ALONE = {"resolve_fks": False}
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STATES = (
    "state IN ('received', 'accepted', 'not_accepted', 'verifying', 'substantiated', 'partly', 'unsubstantiated', "
    "'handed_over', 'handled', 'replied', 'closed', 'merged')"
)
STATES_BEFORE = "state IN ('received', 'linked', 'handled')"
KINDS = "kind IN ('tip', 'claim', 'help', 'question', 'suggestion')"
HAS_RECEIPT = sa.text("receipt_hash IS NOT NULL AND ended_at IS NOT NULL")
ENDED_AT = """
UPDATE reports SET ended_at = (
    SELECT max(incidents.closed_at) FROM incidents JOIN report_links ON report_links.incident_id = incidents.id
    WHERE report_links.report_id = reports.id
) WHERE state = 'handled'
"""
STATE_BEFORE = """
UPDATE reports SET state = CASE
    WHEN state IN ('not_accepted', 'handled', 'replied', 'closed', 'merged') THEN 'handled'
    WHEN state = 'received' THEN 'received'
    ELSE 'linked'
END
"""
RECEIPT_BEFORE = """
UPDATE reports SET receipt_hash = CASE
    WHEN receipt_hash IS NULL THEN 'deleted ' || id
    ELSE substr(receipt_hash, instr(receipt_hash, '~') + 1)
END
"""
"""Marks lose the name of their key: a program of before finds no receipt of 16 digits, and keeps the rows."""


def upgrade() -> None:
    with op.batch_alter_table("reports", reflect_kwargs=ALONE) as reports:
        reports.alter_column(
            "receipt_hash", existing_type=sa.String(64), type_=sa.String(80), existing_nullable=False, nullable=True
        )
        reports.alter_column("state", existing_type=sa.String(10), type_=sa.String(20), existing_nullable=False)
        reports.add_column(sa.Column("kind", sa.String(12), server_default="tip", nullable=False))
        reports.add_column(sa.Column("loss", INTEGER, nullable=True))
        reports.add_column(sa.Column("evidence", sa.Text(), nullable=True))
        reports.add_column(sa.Column("is_stated_true", sa.Boolean(), server_default=sa.false(), nullable=False))
        reports.add_column(sa.Column("emergency", sa.String(10), nullable=True))
        reports.add_column(sa.Column("ended_at", MOMENT, nullable=True))
        reports.add_column(sa.Column("withdrawn_at", MOMENT, nullable=True))
        reports.drop_constraint(op.f("ck_reports_state"), type_="check")
    op.execute("UPDATE reports SET state = 'accepted' WHERE state = 'linked'")
    with op.batch_alter_table("reports", reflect_kwargs=ALONE) as reports:
        reports.create_check_constraint(op.f("ck_reports_state"), STATES)
        reports.create_check_constraint(op.f("ck_reports_kind"), KINDS)
    op.execute(ENDED_AT)
    op.create_index(
        "ix_reports_ended_at", "reports", ["ended_at"], sqlite_where=HAS_RECEIPT, postgresql_where=HAS_RECEIPT
    )
    _mailboxes()
    _answers()


def _mailboxes() -> None:
    op.create_table(
        "report_messages",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("report_id", INTEGER, nullable=False),
        sa.Column("sender", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("written_by", sa.String(300), nullable=True),
        sa.CheckConstraint("sender IN ('desk', 'reporter')", name=op.f("ck_report_messages_sender")),
        sa.CheckConstraint(
            "kind IN ('message', 'addition', 'objection', 'withdrawal')", name=op.f("ck_report_messages_kind")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_messages_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_messages")),
    )
    op.create_index("ix_report_messages_report_id_id", "report_messages", ["report_id", "id"])


def _answers() -> None:
    op.create_table(
        "public_answers",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("key_digest", sa.String(64), nullable=False),
        sa.Column("request_mark", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_answers")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_public_answers_key_digest")),
    )
    op.create_index(op.f("ix_public_answers_stored_at"), "public_answers", ["stored_at"])
    op.execute("DELETE FROM idempotency_keys WHERE owner = 'public'")


def downgrade() -> None:
    """Keep every report; messages go, and receipts of 16 digits no longer open anything."""
    op.drop_table("public_answers")
    op.drop_table("report_messages")
    op.drop_index("ix_reports_ended_at", "reports")
    with op.batch_alter_table("reports", reflect_kwargs=ALONE) as reports:
        reports.drop_constraint(op.f("ck_reports_state"), type_="check")
        reports.drop_constraint(op.f("ck_reports_kind"), type_="check")
    op.execute(STATE_BEFORE)
    place = "strpos" if op.get_bind().dialect.name == "postgresql" else "instr"
    op.execute(RECEIPT_BEFORE.replace("instr", place))
    with op.batch_alter_table("reports", reflect_kwargs=ALONE) as reports:
        for name in ("kind", "loss", "evidence", "is_stated_true", "emergency", "ended_at", "withdrawn_at"):
            reports.drop_column(name)
        reports.alter_column("state", existing_type=sa.String(20), type_=sa.String(10), existing_nullable=False)
        reports.alter_column(
            "receipt_hash", existing_type=sa.String(80), type_=sa.String(64), existing_nullable=True, nullable=False
        )
        reports.create_check_constraint(op.f("ck_reports_state"), STATES_BEFORE)
