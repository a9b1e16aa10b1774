"""How Alembic runs the migrations: on the application's own engine, inside one transaction."""

from alembic import context
from flask import current_app

from incident.store.database import db

config = context.config


def run() -> None:
    """Run them on a live connection; there is no offline mode, as each migration is tested on both databases."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
