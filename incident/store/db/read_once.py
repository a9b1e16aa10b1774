"""Answers that a page needs several times, read once in a transaction that only reads."""

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from sqlalchemy.orm import SessionTransaction

from incident.store.db.database import WRITE, db

Answer = TypeVar("Answer")

_KEPT: Final = "read_once"


def read_once(key: Hashable, read: Callable[[], Answer]) -> Answer:
    """Return an answer of the database, read at most once in a transaction that only reads.

    A transaction that writes reads it each time, because its own rows may change the answer.

    Args:
        key: names the question, and differs for different answers.
        read: asks the database.
    """
    if db.session.connection().get_execution_options().get(WRITE):
        return read()
    answers = _answers(db.session().get_transaction())
    if key not in answers:
        answers[key] = read()
    found: Answer = answers[key]
    return found


def _answers(transaction: SessionTransaction | None) -> dict[Hashable, Any]:
    """Return the answers of a transaction; those of an earlier one are dropped."""
    kept = db.session.info.get(_KEPT)
    if kept is None or kept[0] is not transaction:
        kept = db.session.info[_KEPT] = (transaction, {})
    answers: dict[Hashable, Any] = kept[1]
    return answers
