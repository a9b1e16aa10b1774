"""Keep members, duty rotas, and by whose clock and calendar departments work; let a contact belong to a person."""

import os

import sqlalchemy as sa
from alembic import op
from tzlocal import get_localzone_name

from incident.store.db.database import Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "members",
        sa.Column("department_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("position", sa.String(length=20), nullable=False),
        sa.Column("place", ID, nullable=False),
        sa.CheckConstraint("position IN ('head', 'deputy', 'member')", name=op.f("ck_members_position")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_members_department_id_departments")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_members_person_id_people")),
        sa.PrimaryKeyConstraint("department_id", "person_id", name=op.f("pk_members")),
    )
    op.create_index("ix_members_person_id", "members", ["person_id"])
    op.create_table(
        "rotas",
        sa.Column("department_id", ID, autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_rotas_department_id_departments")),
        sa.PrimaryKeyConstraint("department_id", name=op.f("pk_rotas")),
    )
    zone = os.environ.get("INCIDENT_TIMEZONE", "").strip() or get_localzone_name() or "UTC"
    # Added in place: SQLite would make the table anew for more than this, and rows of others refer to it.
    op.add_column("departments", sa.Column("timezone", sa.String(length=64), nullable=False, server_default="UTC"))
    op.add_column("departments", sa.Column("calendar", sa.String(length=64), nullable=False, server_default="plain"))
    op.add_column("departments", sa.Column("working_hours", sa.JSON(), nullable=True))
    departments = sa.table("departments", sa.column("timezone", sa.String()))
    op.execute(departments.update().values(timezone=zone))
    people = sa.ForeignKey("people.id", name=op.f("fk_contacts_person_id_people"))
    op.add_column("contacts", sa.Column("person_id", ID, people, nullable=True), inline_references=True)
    op.create_index("ix_contacts_person_id", "contacts", ["person_id"])


def downgrade() -> None:
    op.drop_index("ix_contacts_person_id", "contacts")
    op.drop_column("contacts", "person_id")
    for name in ("working_hours", "calendar", "timezone"):
        op.drop_column("departments", name)
    op.drop_table("rotas")
    op.drop_table("members")
