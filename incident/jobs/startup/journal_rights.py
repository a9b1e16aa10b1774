"""Rights to change the journal in PostgreSQL: set by a migration, and verified by `incident check`."""

from collections.abc import Iterator

from sqlalchemy import Connection, inspect

from incident.config import SettingFault, Settings, SettingsError
from incident.store.journal import append_only, grants

MIGRATION_URL = "INCIDENT_MIGRATION_URL"


def require_owner(connection: Connection) -> None:
    """Raise SettingsError when the role of a connection must not migrate the database."""
    if connection.dialect.name != "postgresql" or grants.may_migrate(connection):
        return
    what = "the database has to be migrated, and this role may not"
    hint = f"Run incident migrate once with the role that owns the tables: {MIGRATION_URL} (docs/operations.md)."
    raise SettingsError([SettingFault("INCIDENT_DATABASE_URL", what, hint)])


def faults_of_rights(settings: Settings, connection: Connection) -> Iterator[SettingFault]:
    """Yield the faults of the rights to change the journal.

    Args:
        settings: the settings from the environment.
        connection: to the database, with the role of the program.
    """
    if not inspect(connection).has_table("anchors"):
        return
    for table in append_only.TABLES:
        if not append_only.is_protected(connection, table):
            what = f"the triggers that keep the table {table} from being changed are gone"
            hint = "Find out who took them away; compare with what was kept outside: incident journal verify --anchor."
            yield SettingFault("INCIDENT_DATABASE_URL", what, hint)
    if settings.migration_url is not None and grants.may_change_journal(connection):
        what = "its role may change the journal, although another one migrates"
        hint = f"Use two roles: this one neither owns the tables nor is a member of the one in {MIGRATION_URL}."
        yield SettingFault("INCIDENT_DATABASE_URL", what, hint)


def is_changeable(connection: Connection) -> bool:
    """Return whether the role of a connection to PostgreSQL may change the journal."""
    return inspect(connection).has_table("anchors") and grants.may_change_journal(connection)
