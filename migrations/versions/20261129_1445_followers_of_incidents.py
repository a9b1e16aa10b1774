"""Who follows an incident, and what is new for each person."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
UNREAD = sa.text("read_at IS NULL")
UNREAD_CHANGE = sa.text("read_at IS NULL AND kind <> 'mentioned'")
FOLLOWERS = "incident_followers"
NEWS = "incident_news"


def upgrade() -> None:
    op.create_table(
        FOLLOWERS,
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("person_id", INTEGER, nullable=False),
        sa.Column("followed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_followers_incident_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_incident_followers_person_id")),
        sa.PrimaryKeyConstraint("incident_id", "person_id", name=op.f("pk_incident_followers")),
    )
    op.create_index(f"ix_{FOLLOWERS}_person_id", FOLLOWERS, ["person_id"])
    op.create_table(
        NEWS,
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("person_id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=300), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.CheckConstraint("kind IN ('grade', 'status', 'closed', 'mentioned')", name=op.f("ck_incident_news_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_incident_news_person_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_news_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_news")),
    )
    op.create_index(
        "uq_incident_news_unread",
        NEWS,
        ["person_id", "incident_id", "kind"],
        unique=True,
        sqlite_where=UNREAD_CHANGE,
        postgresql_where=UNREAD_CHANGE,
    )
    op.create_index(f"ix_{NEWS}_person_id_id", NEWS, ["person_id", "id"], sqlite_where=UNREAD, postgresql_where=UNREAD)
    op.create_index(f"ix_{NEWS}_at", NEWS, ["at"])


def downgrade() -> None:
    op.drop_table(NEWS)
    op.drop_table(FOLLOWERS)
