"""Mark runs of playbooks that are marked TLP:RED, the called ones included: what they show is not for everybody."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BATCH = 1_000
RED = sa.text("is_red")
RED_PLAYBOOKS = sa.text("tlp = 'TLP:RED'")

_RED = sa.text("SELECT content_hash FROM playbooks WHERE tlp = 'TLP:RED'")
_RUNS = sa.text("SELECT id, pins FROM runs WHERE id > :after ORDER BY id LIMIT :batch")
_MARK = sa.text("UPDATE runs SET is_red = :yes WHERE id = :id")


def upgrade() -> None:
    op.add_column("runs", sa.Column("is_red", sa.Boolean(), server_default=sa.false(), nullable=False))
    connection = op.get_bind()
    red = set(connection.scalars(_RED))
    after = 0
    while red and (rows := connection.execute(_RUNS, {"after": after, "batch": BATCH}).all()):
        for run_id, kept in rows:
            if not red.isdisjoint(_hashes(kept)):
                connection.execute(_MARK, {"id": run_id, "yes": True})
        after = rows[-1].id
    op.create_index("ix_runs_red", "runs", ["incident_id", "id"], sqlite_where=RED, postgresql_where=RED)
    op.create_index(
        "ix_playbooks_red", "playbooks", ["cacao_id"], sqlite_where=RED_PLAYBOOKS, postgresql_where=RED_PLAYBOOKS
    )


def downgrade() -> None:
    op.drop_index("ix_playbooks_red", table_name="playbooks")
    op.drop_index("ix_runs_red", table_name="runs")
    op.drop_column("runs", "is_red")


def _hashes(kept: object) -> set[str]:
    pins = json.loads(kept) if isinstance(kept, str | bytes) else kept
    if not isinstance(pins, dict):
        return set()
    return {str(pins.get("main")), *map(str, (pins.get("called") or {}).values())}
