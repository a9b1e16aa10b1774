"""Have every filter of the list of incidents answered by an index in the order of the list."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BEFORE = ("grade", "category", "sector", "region", "campaign")
ALWAYS = ("grade", "category")
SAID = ("sector", "region", "campaign")
HEADS = {f"region_{digits}": f"substr(region, 1, {digits})" for digits in (2, 4, 6)}
TWO = "instr(sector || '//', '/') + instr(substr(sector || '//', instr(sector || '//', '/') + 1), '/') - 1"
SECTORS = {
    "postgresql": ("split_part(sector, '/', 1)", "(split_part(sector, '/', 1) || '/' || split_part(sector, '/', 2))"),
    "sqlite": ("substr(sector, 1, instr(sector || '/', '/') - 1)", f"substr(sector || '//', 1, {TWO})"),
}


def upgrade() -> None:
    for name in BEFORE:
        op.drop_index(f"ix_incidents_{name}_id", "incidents")
    op.drop_index("ix_incidents_opened_at", "incidents")
    op.create_index("ix_incidents_is_untold_opened_at_id", "incidents", ["is_untold", "opened_at", "id"])
    for name in ALWAYS:
        op.create_index(f"ix_incidents_{name}_is_untold_id", "incidents", [name, "is_untold", "id"])
    for name in ("region", "campaign"):
        _listed_by(name, name, name)
    for depth, head in enumerate(SECTORS[op.get_context().dialect.name], 1):
        _listed_by(f"sector_{depth}", sa.text(head), "sector")
    for name, head in HEADS.items():
        _listed_by(name, sa.text(head), "region")
    op.execute("ANALYZE incidents")  # an index that nobody has counted is taken for a good one


def _listed_by(name: str, of: str | sa.TextClause, column: str) -> None:
    is_said = sa.text(f"{column} IS NOT NULL")
    columns = [of, "is_untold", "id"]
    op.create_index(
        f"ix_incidents_{name}_is_untold_id", "incidents", columns, sqlite_where=is_said, postgresql_where=is_said
    )


def downgrade() -> None:
    for name in (*HEADS, "sector_1", "sector_2", "region", "campaign", *ALWAYS):
        op.drop_index(f"ix_incidents_{name}_is_untold_id", "incidents")
    op.drop_index("ix_incidents_is_untold_opened_at_id", "incidents")
    op.create_index("ix_incidents_opened_at", "incidents", ["opened_at"])
    for name in BEFORE:
        is_said = sa.text(f"{name} IS NOT NULL") if name in SAID else None
        op.create_index(
            f"ix_incidents_{name}_id", "incidents", [name, "id"], sqlite_where=is_said, postgresql_where=is_said
        )
