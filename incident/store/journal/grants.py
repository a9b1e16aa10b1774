"""Rights on PostgreSQL of the role that the program runs as, when another one owns the tables."""

from typing import Final

from sqlalchemy import Connection, text

from incident.store.journal.append_only import TABLES

_MAY_CHANGE: Final = (
    "SELECT bool_or(has_table_privilege(:role, oid, 'DELETE, TRUNCATE')"
    " OR has_any_column_privilege(:role, oid, 'UPDATE')"
    " OR pg_has_role(:role, relowner, 'MEMBER'))"
    " FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(:tables)"
)
_MAY_WORK: Final = (
    "SELECT bool_and(has_table_privilege(:role, oid, 'SELECT') AND has_table_privilege(:role, oid, 'INSERT'))"
    " FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
    " AND relkind = 'r' AND relname <> 'alembic_version'"
)
_OWNS: Final = (
    "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class"
    " WHERE relnamespace = current_schema()::regnamespace AND relname = 'journal'"
)


def role_of(connection: Connection) -> str:
    """Return the name of the role of a connection."""
    return str(connection.execute(text("SELECT current_user")).scalar_one())


def may_change_journal(connection: Connection, role: str | None = None) -> bool:
    """Whether a role may change or delete entries of the journal, or become the role that owns them.

    Args:
        connection: to PostgreSQL.
        role: its name; that of the connection when absent.
    """
    values = {"role": role or role_of(connection), "tables": list(TABLES)}
    return bool(connection.execute(text(_MAY_CHANGE), values).scalar())


def may_migrate(connection: Connection) -> bool:
    """Whether the role of a connection owns the tables or, where none exist, may create them."""
    owns = connection.execute(text(_OWNS)).scalar()
    if owns is not None:
        return bool(owns)
    return bool(connection.execute(text("SELECT has_schema_privilege(current_schema(), 'CREATE')")).scalar())


def are_right(connection: Connection, role: str) -> bool:
    """Whether a role has the rights that it needs, and may only append to the journal."""
    may_work = bool(connection.execute(text(_MAY_WORK), {"role": role}).scalar())
    return may_work and not may_change_journal(connection, role)


def grant(connection: Connection, role: str) -> None:
    """Grant a role reading and writing of everything, but only appending to the journal and its anchors.

    Args:
        connection: of the role that owns the tables.
        role: the role that the program runs as.
    """
    quote = connection.dialect.identifier_preparer.quote_identifier
    to, schema = quote(role), connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    added = ", ".join(f"{schema}.{name}" for name in TABLES)
    for statement in (
        f"GRANT USAGE ON SCHEMA {schema} TO {to}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {to}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {to}",
        f"REVOKE ALL ON {added}, {schema}.alembic_version FROM {to}",
        f"GRANT SELECT, INSERT ON {added} TO {to}",
        f"GRANT SELECT ON {schema}.alembic_version TO {to}",
        f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {schema} TO {to}",
        f"GRANT EXECUTE ON FUNCTION {schema}.incident_number_sequence(text, bigint) TO {to}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {to}",
    ):
        connection.exec_driver_sql(statement)
