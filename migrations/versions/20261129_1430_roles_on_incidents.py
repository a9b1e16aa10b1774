"""Who is liaison for an incident, and who speaks to the public about it."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0055"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


TABLE = "incident_roles"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("person_id", INTEGER, nullable=False),
        sa.CheckConstraint("role IN ('liaison', 'communication')", name=op.f("ck_incident_roles_role")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_roles_incident_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_incident_roles_person_id")),
        sa.PrimaryKeyConstraint("incident_id", "role", name=op.f("pk_incident_roles")),
    )
    op.create_index(f"ix_{TABLE}_person_id", TABLE, ["person_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
