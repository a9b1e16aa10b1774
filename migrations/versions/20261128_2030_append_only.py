"""Have the database refuse to change the journal, and let a role without rights on the schema get sequences."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KEYS = {"journal": "seq", "anchors": "id"}

REFUSE = """
CREATE OR REPLACE FUNCTION incident_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$
"""

SEQUENCES = """
CREATE OR REPLACE FUNCTION incident_number_sequence(name text, first bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    IF name !~ '^numbers_[a-z]+_[0-9]+$' THEN
        RAISE EXCEPTION 'no sequence of numbers: %', name;
    END IF;
    EXECUTE format('CREATE SEQUENCE IF NOT EXISTS {schema}.%I START WITH %s', name, first);
END $$
"""


def upgrade() -> None:
    connection = op.get_bind()
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        op.execute(sa.text(REFUSE))
        schema = connection.execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
        op.execute(sa.text(SEQUENCES.format(schema=schema)))
        op.execute("REVOKE ALL ON FUNCTION incident_number_sequence(text, bigint) FROM PUBLIC")
    for table, key in KEYS.items():
        for statement in _postgresql(table) if is_postgresql else _sqlite(table, key):
            op.execute(statement)


def _postgresql(table: str) -> list[str]:
    call = "EXECUTE FUNCTION incident_refuse_change()"
    return [
        f"CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}",
        f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
    ]


def _sqlite(table: str, key: str) -> list[str]:
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}: UPDATE is refused'); END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}: DELETE is refused'); END",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) BEGIN {refuse}: REPLACE is refused'); END",  # noqa: S608
    ]


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in KEYS:
            op.execute(f"DROP TRIGGER {table}_rows_stay ON {table}")
            op.execute(f"DROP TRIGGER {table}_stays ON {table}")
        op.execute("DROP FUNCTION incident_refuse_change()")
        op.execute("DROP FUNCTION incident_number_sequence(text, bigint)")
        return
    for table in KEYS:
        for trigger in ("no_update", "no_delete", "no_replace"):
            op.execute(f"DROP TRIGGER {table}_{trigger}")
