"""How Alembic runs the migrations: on the application's own engine, inside one transaction."""

import pkgutil
from importlib import import_module
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import Connection

from incident import store
from incident.store.db.database import Moment, db
from incident.store.queries.search_tables import is_search_table

config = context.config

for _found in pkgutil.walk_packages(store.__path__, f"{store.__name__}."):
    # a comparison sees the tables whose files have been read
    import_module(_found.name)


def is_ours(_object: object, name: str | None, kind: str, _is_reflected: bool, _compared: object) -> bool:
    """Leave the tables of the full text out of comparisons: they are no models."""
    return not (kind == "table" and name is not None and is_search_table(name))


def render(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write our one type for moments by its own name."""
    if kind == "type" and isinstance(item, Moment):
        autogen.imports.add("from incident.store.db.database import Moment")
        return "Moment()"
    return False


def run() -> None:
    """Run them on a live connection; there is no offline mode, as each migration is tested on both databases."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        watch_references(connection, False)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            transaction_per_migration=True,
            compare_type=True,
            include_object=is_ours,
            render_item=render,
        )
        with context.begin_transaction():
            context.run_migrations()
        watch_references(connection, True)


def watch_references(connection: Connection, is_on: bool) -> None:
    """Let SQLite make a table anew under its old name, and refuse a reference to what is not there afterwards."""
    if connection.dialect.name != "sqlite":
        return
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    if is_on and (lost := driver.execute("PRAGMA foreign_key_check").fetchall()):
        raise RuntimeError(f"references to rows that are not there: {lost[:5]}")
    driver.execute(f"PRAGMA foreign_keys={'ON' if is_on else 'OFF'}")  # heeded only outside of a transaction


run()
