"""Devices of people that take notifications by Web Push."""

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "push_keys",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("public_key", sa.String(length=100), nullable=False),
        sa.Column("sealed_private_key", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_push_keys_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_keys")),
    )
    op.create_table(
        "push_devices",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("contact_id", INTEGER, nullable=False),
        sa.Column("person_id", INTEGER, nullable=False),
        sa.Column("endpoint_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_endpoint", sa.String(length=4000), nullable=False),
        sa.Column("sealed_keys", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_push_devices_contact_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_push_devices_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_devices")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_push_devices_contact_id")),
        sa.UniqueConstraint("endpoint_hash", name=op.f("uq_push_devices_endpoint_hash")),
    )
    op.create_index(op.f("ix_push_devices_person_id"), "push_devices", ["person_id"])


def downgrade() -> None:
    op.execute(
        "UPDATE contacts SET switched_off_at = created_at, switched_off_why = 'the program knows no devices' "
        "WHERE channel = 'push' AND switched_off_at IS NULL"
    )
    op.drop_table("push_devices")
    op.drop_table("push_keys")
