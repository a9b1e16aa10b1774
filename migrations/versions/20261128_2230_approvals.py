"""Keep approvals, and starts of playbooks that wait for them."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PENDING = sa.text("state = 'pending'")
WAITING = sa.text("state IN ('pending', 'scheduled')")
COLUMNS = ["incident_id", "playbook"]


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("identifier", sa.String(length=100), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approver", sa.String(length=100), nullable=False),
        sa.Column("approved_by", sa.String(length=300), nullable=False),
        sa.Column("approved_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.UniqueConstraint(
            "kind",
            "identifier",
            "content_hash",
            "approver",
            name=op.f("uq_approvals_kind_identifier_content_hash_approver"),
        ),
    )
    op.add_column("start_requests", sa.Column("given", sa.JSON(), nullable=True))
    op.drop_index("ix_start_requests_pending", table_name="start_requests")
    op.create_index(
        "ix_start_requests_waiting",
        "start_requests",
        COLUMNS,
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_index("ix_start_requests_waiting", table_name="start_requests")
    op.execute("UPDATE start_requests SET state = 'pending' WHERE state = 'scheduled'")
    op.create_index(
        "ix_start_requests_pending",
        "start_requests",
        COLUMNS,
        unique=True,
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.drop_column("start_requests", "given")
    op.drop_table("approvals")
