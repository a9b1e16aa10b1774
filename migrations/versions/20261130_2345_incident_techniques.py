"""The techniques of MITRE ATT&CK that were seen in incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0076"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "incident_techniques",
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("technique", sa.String(length=20), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_techniques_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "technique", name=op.f("pk_incident_techniques")),
    )
    op.create_index("ix_incident_techniques_technique", "incident_techniques", ["technique"])


def downgrade() -> None:
    op.drop_table("incident_techniques")
