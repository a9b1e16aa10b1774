"""Sealed identities of reporters, requests to open them, and who has handled a report.

Until now contact details were refused, so every report is anonymous and there is nothing to seal.
"""

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON()


def upgrade() -> None:
    op.add_column("reports", sa.Column("protection", sa.String(10), server_default="anonymous", nullable=False))
    op.create_table(
        "report_identities",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("report_id", INTEGER, nullable=False),
        sa.Column("report_uuid", sa.String(36), nullable=False),
        sa.Column("field", sa.String(20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_identities_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_identities")),
        sa.UniqueConstraint("report_id", "field", name=op.f("uq_report_identities_report_id_field")),
    )
    op.create_table(
        "report_handlers",
        sa.Column("report_id", INTEGER, nullable=False),
        sa.Column("handler", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_handlers_report_id")),
        sa.PrimaryKeyConstraint("report_id", "handler", name=op.f("pk_report_handlers")),
    )
    _requests()


def _requests() -> None:
    op.create_table(
        "identity_requests",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("report_id", INTEGER, nullable=False),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("requester", sa.String(100), nullable=False),
        sa.Column("requested_by", sa.String(300), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("opens_at", MOMENT, nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_identity_requests_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_requests")),
    )
    for column in ("report_id", "requester", "expires_at"):
        op.create_index(op.f(f"ix_identity_requests_{column}"), "identity_requests", [column])
    op.create_table(
        "identity_approvals",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("request_id", INTEGER, nullable=False),
        sa.Column("approver", sa.String(100), nullable=False),
        sa.Column("approved_by", sa.String(300), nullable=False),
        sa.Column("approved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["identity_requests.id"], name=op.f("fk_identity_approvals_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_approvals")),
        sa.UniqueConstraint("request_id", "approver", name=op.f("uq_identity_approvals_request_id_approver")),
    )
    op.create_table(
        "identity_boxes",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("request_id", INTEGER, nullable=False),
        sa.Column("field", sa.String(20), nullable=False),
        sa.Column("share_index", INTEGER, nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["identity_requests.id"], name=op.f("fk_identity_boxes_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_boxes")),
        sa.UniqueConstraint(
            "request_id", "field", "share_index", name=op.f("uq_identity_boxes_request_id_field_share_index")
        ),
    )


def downgrade() -> None:
    for table in (
        "identity_boxes",
        "identity_approvals",
        "identity_requests",
        "report_handlers",
        "report_identities",
    ):
        op.drop_table(table)
    op.drop_column("reports", "protection")
