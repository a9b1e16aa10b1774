"""Exports of the list of incidents, made by a job in parts."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0049"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
UNFINISHED = sa.text("state IN ('waiting', 'running')")


def upgrade() -> None:
    op.create_table(
        "list_exports",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("person_id", INTEGER, nullable=True),
        sa.Column("token_id", INTEGER, nullable=True),
        sa.Column("asked_by", sa.String(length=300), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("format", sa.String(length=4), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=True),
        sa.Column("sort", sa.String(length=10), nullable=True),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("fault", sa.String(length=60), nullable=True),
        sa.Column("rows_total", INTEGER, nullable=True),
        sa.Column("rows_done", INTEGER, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.CheckConstraint("format IN ('csv', 'json')", name=op.f("ck_list_exports_format")),
        sa.CheckConstraint("state IN ('waiting', 'running', 'ready', 'failed')", name=op.f("ck_list_exports_state")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_list_exports_person_id")),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_list_exports_token_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_exports")),
    )
    for column in ("person_id", "token_id", "expires_at"):
        op.create_index(op.f(f"ix_list_exports_{column}"), "list_exports", [column])
    op.create_index(
        "ix_list_exports_unfinished", "list_exports", ["id"], sqlite_where=UNFINISHED, postgresql_where=UNFINISHED
    )
    op.create_table(
        "list_export_parts",
        sa.Column("export_id", INTEGER, nullable=False),
        sa.Column("place", INTEGER, nullable=False),
        sa.Column("incident_ids", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("rows", INTEGER, nullable=True),
        sa.Column("reds", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["export_id"], ["list_exports.id"], name=op.f("fk_list_export_parts_export_id")),
        sa.PrimaryKeyConstraint("export_id", "place", name=op.f("pk_list_export_parts")),
    )


def downgrade() -> None:
    op.drop_table("list_export_parts")
    op.drop_table("list_exports")
