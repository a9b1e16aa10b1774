"""Affected systems, and those that incidents are about."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "systems",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("department_id", INTEGER, nullable=True),
        sa.Column("protection_level", INTEGER, nullable=True),
        sa.Column("criticality", sa.String(length=10), nullable=True),
        sa.Column("is_critical_infrastructure", sa.Boolean(), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.CheckConstraint("protection_level BETWEEN 1 AND 5", name=op.f("ck_systems_protection_level")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_systems_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_systems")),
        sa.UniqueConstraint("code", name=op.f("uq_systems_code")),
    )
    op.create_index(op.f("ix_systems_department_id"), "systems", ["department_id"])
    op.create_table(
        "incident_systems",
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("system_id", INTEGER, nullable=False),
        sa.Column("matched_by", sa.String(length=10), nullable=False),
        sa.Column("seen", sa.String(length=200), nullable=True),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_systems_incident_id")),
        sa.ForeignKeyConstraint(["system_id"], ["systems.id"], name=op.f("fk_incident_systems_system_id")),
        sa.PrimaryKeyConstraint("incident_id", "system_id", name=op.f("pk_incident_systems")),
    )
    op.create_index("ix_incident_systems_system_id_incident_id", "incident_systems", ["system_id", "incident_id"])
    op.create_table(
        "data_versions",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_data_versions")),
    )


def downgrade() -> None:
    op.drop_table("data_versions")
    op.drop_table("incident_systems")
    op.drop_table("systems")
