"""Maintenance windows, and the alerts that they hold."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
FIRING = sa.text("state = 'firing'")


def upgrade() -> None:
    op.create_table(
        "maintenance_windows",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("begins_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("system_id", INTEGER, nullable=True),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=300), nullable=False),
        sa.Column("ended_by", sa.String(length=300), nullable=True),
        sa.Column("version", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["system_id"], ["systems.id"], name=op.f("fk_maintenance_windows_system_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance_windows")),
    )
    op.create_index(op.f("ix_maintenance_windows_ends_at"), "maintenance_windows", ["ends_at"])
    op.create_index(op.f("ix_maintenance_windows_system_id"), "maintenance_windows", ["system_id"])
    op.create_table(
        "held_alerts",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("window_id", INTEGER, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=200), nullable=False),
        sa.Column("sender", sa.String(length=300), nullable=False),
        sa.Column("alert", sa.JSON(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("times", INTEGER, nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_held_alerts_incident_id")),
        sa.ForeignKeyConstraint(["window_id"], ["maintenance_windows.id"], name=op.f("fk_held_alerts_window_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_alerts")),
        sa.UniqueConstraint(
            "window_id", "source", "fingerprint", name=op.f("uq_held_alerts_window_id_source_fingerprint")
        ),
    )
    for name, columns in (
        ("ix_held_alerts_source_fingerprint", ["source", "fingerprint"]),
        ("ix_held_alerts_window_id_firing", ["window_id"]),
    ):
        op.create_index(name, "held_alerts", columns, sqlite_where=FIRING, postgresql_where=FIRING)


def downgrade() -> None:
    op.drop_table("held_alerts")
    op.drop_table("maintenance_windows")
