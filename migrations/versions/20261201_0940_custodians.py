"""Custodians, their sets, the shares of protected fields, and reasons in law to notify a reporter later."""

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "custodians",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("person_id", INTEGER, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("tested_at", MOMENT, nullable=True),
        sa.Column("is_away", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_custodians_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custodians")),
    )
    op.create_index(op.f("ix_custodians_person_id"), "custodians", ["person_id"])
    op.create_table(
        "custodian_sets",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("threshold", INTEGER, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by", sa.String(300), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custodian_sets")),
    )
    op.create_table(
        "custodian_set_members",
        sa.Column("set_id", INTEGER, nullable=False),
        sa.Column("share_index", INTEGER, nullable=False),
        sa.Column("custodian_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["custodian_sets.id"], name=op.f("fk_custodian_set_members_set_id")),
        sa.ForeignKeyConstraint(
            ["custodian_id"], ["custodians.id"], name=op.f("fk_custodian_set_members_custodian_id")
        ),
        sa.PrimaryKeyConstraint("set_id", "share_index", name=op.f("pk_custodian_set_members")),
        sa.UniqueConstraint("set_id", "custodian_id", name=op.f("uq_custodian_set_members_set_id_custodian_id")),
    )
    op.create_table(
        "identity_shares",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("identity_id", INTEGER, nullable=False),
        sa.Column("share_index", INTEGER, nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["report_identities.id"], name=op.f("fk_identity_shares_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_shares")),
        sa.UniqueConstraint("identity_id", "share_index", name=op.f("uq_identity_shares_identity_id_share_index")),
    )
    op.add_column("report_identities", sa.Column("custodian_set", INTEGER, nullable=True))
    op.create_index(op.f("ix_report_identities_custodian_set"), "report_identities", ["custodian_set"])
    op.add_column("identity_requests", sa.Column("legal_reason", sa.Text(), nullable=True))
    op.add_column("identity_requests", sa.Column("legal_document", sa.String(200), nullable=True))
    op.add_column("identity_requests", sa.Column("reason_ends_at", MOMENT, nullable=True))


def downgrade() -> None:
    """Custodians go, and what only they open stays sealed for good."""
    for name in ("reason_ends_at", "legal_document", "legal_reason"):
        op.drop_column("identity_requests", name)
    op.drop_index(op.f("ix_report_identities_custodian_set"), "report_identities")
    op.drop_column("report_identities", "custodian_set")
    for table in ("identity_shares", "custodian_set_members", "custodian_sets", "custodians"):
        op.drop_table(table)
