"""Keep circuits and buckets, bundles, dead letters that are sent again, and checks of contacts."""

from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

from incident.store.db.database import Moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WAITING = sa.text("state IN ('pending', 'sending')")
DEAD = sa.text("state IN ('refused', 'given_up')")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CONTACTS = (
    ("origin", sa.String(length=300)),
    ("limit_per_minute", INTEGER),
    ("check_every", sa.String(length=20)),
    ("check_due_at", Moment()),
    ("checked_at", Moment()),
    ("check_outcome", sa.String(length=10)),
    ("check_detail", sa.String(length=500)),
    ("confirmed_at", Moment()),
)
MESSAGES = (("retried_from_at", Moment()), ("passed_on_at", Moment()))


def upgrade() -> None:
    for name, kind in CONTACTS:
        op.add_column("contacts", sa.Column(name, kind, nullable=True))
    for name, kind in MESSAGES:
        op.add_column("messages", sa.Column(name, kind, nullable=True))
    op.add_column("deliveries", sa.Column("bundle_id", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_messages_in_order",
        "messages",
        ["contact_id", "incident_id", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_messages_dead", "messages", ["id"], sqlite_where=DEAD, postgresql_where=DEAD)
    op.create_table(
        "circuits",
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("failures", INTEGER, nullable=False),
        sa.Column("failed_at", Moment(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=True),
        sa.Column("try_at", Moment(), nullable=True),
        sa.Column("pause", INTEGER, nullable=False),
        sa.Column("fault", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("origin", name="pk_circuits"),
    )
    op.create_table(
        "buckets",
        sa.Column("contact_id", INTEGER, nullable=False),
        sa.Column("tokens", sa.Float(53), nullable=False),
        sa.Column("filled_at", Moment(), nullable=False),
        sa.Column("free_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_buckets_contact_id_contacts"),
        sa.PrimaryKeyConstraint("contact_id", name="pk_buckets"),
    )
    _name_origins()


def _name_origins() -> None:
    contacts = sa.table("contacts", *(sa.column(name) for name in ("id", "channel", "address", "origin")))
    connection = op.get_bind()
    for row in connection.execute(sa.select(contacts.c.id, contacts.c.channel, contacts.c.address)).all():
        if (origin := _origin(row.channel, row.address)) is not None:
            connection.execute(contacts.update().where(contacts.c.id == row.id).values(origin=origin))


def _origin(channel: str, address: str | None) -> str | None:
    if channel == "inbox":
        return None
    if channel in ("email", "sms"):
        return "smtp" if channel == "email" else "sms"
    try:
        parts = urlsplit(address or "")
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.hostname}:{port}"[:300] if parts.hostname else None


def downgrade() -> None:
    op.drop_table("buckets")
    op.drop_table("circuits")
    op.drop_index("ix_messages_dead", table_name="messages")
    op.drop_index("ix_messages_in_order", table_name="messages")
    op.drop_column("deliveries", "bundle_id")
    for name, _ in reversed(MESSAGES):
        op.drop_column("messages", name)
    for name, _ in reversed(CONTACTS):
        op.drop_column("contacts", name)
