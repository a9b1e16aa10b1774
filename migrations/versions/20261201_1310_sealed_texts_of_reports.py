"""Messages of mailboxes and texts of protected reports are sealed under the key ring.

Rows that exist are sealed here. What an earlier version stored in plain is removed from the free space of the database
by the row of work that the next migration adds.
"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from flask import current_app

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = ("text", "url", "evidence")
BATCH = 500

messages = sa.table(
    "report_messages", sa.column("id", INTEGER), sa.column("text", sa.Text), sa.column("sealed_text", sa.Text)
)
reports = sa.table(
    "reports",
    sa.column("id", INTEGER),
    sa.column("protection", sa.String),
    sa.column("sealed_texts", sa.Text),
    *(sa.column(name, sa.Text) for name in TEXTS),
)


def upgrade() -> None:
    _overwrite_what_is_freed()
    op.add_column("report_messages", sa.Column("sealed_text", sa.Text()))
    op.add_column("reports", sa.Column("sealed_texts", sa.Text()))
    for row in _batches(messages, sa.true()):
        _update(messages, row.id, sealed_text=_ring().seal(row.text, f"report_messages:{row.id}:sealed_text"))
    for row in _batches(reports, reports.c.protection == "protected"):
        texts = json.dumps({name: getattr(row, name) for name in TEXTS}, ensure_ascii=False, separators=(",", ":"))
        sealed = _ring().seal(texts, f"reports:{row.id}:sealed_texts")
        _update(reports, row.id, sealed_texts=sealed, text="", url=None, evidence=None)
        _forget_words(row.id)
    with op.batch_alter_table("report_messages") as table:
        table.drop_column("text")
        table.alter_column("sealed_text", existing_type=sa.Text(), nullable=False)
    if op.get_bind().dialect.name == "postgresql":
        for name in TEXTS:  # the planner would keep samples of them, which nobody could remove
            op.execute(f"ALTER TABLE reports ALTER COLUMN {name} SET STATISTICS 0")


def downgrade() -> None:
    _overwrite_what_is_freed()
    op.add_column("report_messages", sa.Column("text", sa.Text()))
    for row in _batches(messages, sa.true()):
        opened = _ring().open(row.sealed_text, f"report_messages:{row.id}:sealed_text") if row.sealed_text else ""
        _update(messages, row.id, text=opened)
    for row in _batches(reports, reports.c.sealed_texts.is_not(None)):
        if row.sealed_texts:
            _update(reports, row.id, **json.loads(_ring().open(row.sealed_texts, f"reports:{row.id}:sealed_texts")))
    with op.batch_alter_table("report_messages") as table:
        table.drop_column("sealed_text")
        table.alter_column("text", existing_type=sa.Text(), nullable=False)
    op.drop_column("reports", "sealed_texts")
    if op.get_bind().dialect.name == "postgresql":
        for name in TEXTS:
            op.execute(f"ALTER TABLE reports ALTER COLUMN {name} SET STATISTICS -1")


def _overwrite_what_is_freed() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.get_bind().exec_driver_sql("PRAGMA secure_delete=ON")


def _ring() -> Any:
    return current_app.extensions["incident"].ring


def _batches(table: sa.TableClause, wanted: sa.ColumnElement[bool]) -> Iterator[Any]:
    after = 0
    while True:
        query = sa.select(table).where(table.c.id > after, wanted).order_by(table.c.id).limit(BATCH)
        rows = op.get_bind().execute(query).all()
        if not rows:
            return
        yield from rows
        after = rows[-1].id


def _update(table: sa.TableClause, row: int, **values: Any) -> None:
    op.get_bind().execute(sa.update(table).where(table.c.id == row).values(**values))


def _forget_words(report: int) -> None:
    """Take a report out of the full text, in which its category is filed again at the next change."""
    key = "id" if op.get_bind().dialect.name == "postgresql" else "rowid"
    op.get_bind().execute(sa.text(f"DELETE FROM report_words WHERE {key} = :id"), {"id": report})  # noqa: S608
