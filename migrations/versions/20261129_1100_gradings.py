"""Answers about the facts of incidents, and decisions on their grades."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0046"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "grading_answers",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_grading_answers_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading_answers")),
    )
    op.create_index("ix_grading_answers_incident_id_key_id", "grading_answers", ["incident_id", "key", "id"])
    op.create_table(
        "grade_decisions",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("proposed", INTEGER, nullable=False),
        sa.Column("possible", INTEGER, nullable=False),
        sa.Column("decided", INTEGER, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(300), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(300), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_grade_decisions_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_decisions")),
    )
    op.create_index("ix_grade_decisions_incident_id_id", "grade_decisions", ["incident_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_grade_decisions_incident_id_id", table_name="grade_decisions")
    op.drop_table("grade_decisions")
    op.drop_index("ix_grading_answers_incident_id_key_id", table_name="grading_answers")
    op.drop_table("grading_answers")
