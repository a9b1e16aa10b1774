"""Have two filters of the list of incidents answered from an index alone, before any row is read."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MORE = {"status": ("grade", "category"), "category": ("grade",)}


def upgrade() -> None:
    for name, more in MORE.items():
        op.create_index(f"ix_incidents_{name}_is_untold_id_more", "incidents", [name, "is_untold", "id", *more])
        op.drop_index(f"ix_incidents_{name}_is_untold_id", "incidents")
    op.execute("ANALYZE incidents")  # an index that nobody has counted is taken for a good one


def downgrade() -> None:
    for name in MORE:
        op.create_index(f"ix_incidents_{name}_is_untold_id", "incidents", [name, "is_untold", "id"])
        op.drop_index(f"ix_incidents_{name}_is_untold_id_more", "incidents")
