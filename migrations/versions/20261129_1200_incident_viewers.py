"""Who has the page of an incident open."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0047"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "incident_viewers"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("person_id", INTEGER, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_viewers_incident_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_incident_viewers_person_id")),
        sa.PrimaryKeyConstraint("incident_id", "person_id", name=op.f("pk_incident_viewers")),
    )
    op.create_index(f"ix_{TABLE}_seen_at", TABLE, ["seen_at"])


def downgrade() -> None:
    op.drop_table(TABLE)
