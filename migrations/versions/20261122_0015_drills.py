"""Mark incidents of drills by the speed of their clock, and keep the drills."""

import sqlalchemy as sa
from alembic import op

from incident.store.db.database import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EXERCISE = sa.text("speed IS NOT NULL")


def upgrade() -> None:
    op.add_column("incidents", sa.Column("speed", NUMBER, nullable=True))
    op.create_index(
        "ix_incidents_exercises", "incidents", ["is_untold", "id"], sqlite_where=EXERCISE, postgresql_where=EXERCISE
    )
    op.create_table(
        "drills",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("incident_id", NUMBER, nullable=False),
        sa.Column("run_id", NUMBER, nullable=False),
        sa.Column("playbook_id", NUMBER, nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("started_by", sa.String(length=300), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ended_by", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_drills_incident_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_drills_run_id")),
        sa.ForeignKeyConstraint(["playbook_id"], ["playbooks.id"], name=op.f("fk_drills_playbook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drills")),
        sa.UniqueConstraint("incident_id", name=op.f("uq_drills_incident_id")),
        sa.UniqueConstraint("run_id", name=op.f("uq_drills_run_id")),
    )
    op.create_index("ix_drills_playbook_id_id", "drills", ["playbook_id", "id"])


def downgrade() -> None:
    op.drop_table("drills")
    op.drop_index("ix_incidents_exercises", "incidents")
    op.drop_column("incidents", "speed")
