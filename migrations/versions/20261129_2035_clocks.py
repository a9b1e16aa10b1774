"""Statutory clocks: the organisation's profile, versions of regimes, events, clocks and filings."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0060"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("state NOT IN ('waiting', 'not_applicable', 'filed', 'filed_late', 'waived', 'suspended')")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("incidents", sa.Column("handled_at", MOMENT, nullable=True))
    op.create_table(
        "organization_profiles",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("operator_class", sa.String(20), nullable=False),
        sa.Column("sectors", sa.JSON(), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("regimes", sa.JSON(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_profiles")),
    )
    op.create_table(
        "regime_versions",
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("regime", sa.String(60), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_regime_versions")),
    )
    op.create_table(
        "clock_events",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("who", sa.String(200), nullable=True),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(300), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("confirmed_by", sa.String(300), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_clock_events_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_events")),
    )
    op.create_index("ix_clock_events_incident_id_id", "clock_events", ["incident_id", "id"])
    op.create_table(
        "incident_clocks",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("regime", sa.String(60), nullable=False),
        sa.Column("stage", sa.String(60), nullable=False),
        sa.Column("hop", INTEGER, nullable=False),
        sa.Column("n", INTEGER, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("start_at", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lawful_at", MOMENT, nullable=True),
        sa.Column("because", sa.JSON(), nullable=False),
        sa.Column("waits_for", sa.String(70), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("regime_hash", sa.String(64), nullable=False),
        sa.Column("profile_id", INTEGER, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_clocks_incident_id")),
        sa.ForeignKeyConstraint(
            ["regime_hash"], ["regime_versions.content_hash"], name=op.f("fk_incident_clocks_regime_hash")
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["organization_profiles.id"], name=op.f("fk_incident_clocks_profile_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_clocks")),
        sa.UniqueConstraint(
            "incident_id", "regime", "stage", "n", name=op.f("uq_incident_clocks_incident_id_regime_stage_n")
        ),
    )
    op.create_index("ix_incident_clocks_state_due_at_id", "incident_clocks", ["state", "due_at", "id"])
    op.create_index(
        "ix_incident_clocks_open_due_at_id",
        "incident_clocks",
        ["due_at", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "filings",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("clock_id", INTEGER, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("recipient", sa.String(300), nullable=False),
        sa.Column("is_oral", sa.Boolean(), nullable=False),
        sa.Column("receipt_number", sa.String(200), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("late", sa.JSON(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_filings_incident_id")),
        sa.ForeignKeyConstraint(["clock_id"], ["incident_clocks.id"], name=op.f("fk_filings_clock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filings")),
    )
    op.create_index("ix_filings_incident_id_id", "filings", ["incident_id", "id"])
    op.create_index(op.f("ix_filings_clock_id"), "filings", ["clock_id"])


def downgrade() -> None:
    for table in ("filings", "incident_clocks", "clock_events", "regime_versions", "organization_profiles"):
        op.drop_table(table)
    op.drop_column("incidents", "handled_at")
