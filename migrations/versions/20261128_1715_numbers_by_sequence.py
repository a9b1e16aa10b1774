"""Count the numbers of incidents by sequences on PostgreSQL: nobody who opens one waits for another."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COUNTS = sa.text("SELECT name, value FROM counters WHERE name ~ '^[A-Z]+-[0-9]+$'")
SEQUENCES = sa.text(
    "SELECT sequencename, coalesce(last_value, start_value - 1) FROM pg_sequences"
    " WHERE schemaname = current_schema() AND sequencename ~ '^numbers_[a-z]+_[0-9]+$'"
)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for name, value in connection.execute(COUNTS).all():
        op.execute(f"CREATE SEQUENCE numbers_{name.lower().replace('-', '_')} START WITH {value + 1}")
        connection.execute(sa.text("DELETE FROM counters WHERE name = :name"), {"name": name})


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for sequence, value in connection.execute(SEQUENCES).all():
        name = sequence.removeprefix("numbers_").replace("_", "-").upper()
        row = {"name": name, "value": value}
        connection.execute(sa.text("INSERT INTO counters (name, value) VALUES (:name, :value)"), row)
        op.execute(f"DROP SEQUENCE {sequence}")
