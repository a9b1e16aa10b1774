"""An answer is read once in a transaction that reads, and each time in one that writes."""

from incident.store.db.database import WRITE, db
from incident.store.db.read_once import read_once
from tests.world import World


class Asked:
    """Counts how often the database was asked."""

    def __init__(self) -> None:
        self.times = 0

    def read(self) -> int:
        """Return how often it was asked."""
        self.times += 1
        return self.times


def test_an_answer_is_read_once_in_a_transaction(world: World) -> None:
    db.session.rollback()
    asked = Asked()
    assert [read_once("one", asked.read) for _ in range(3)] == [1, 1, 1]
    assert read_once("another", asked.read) == 2


def test_the_next_transaction_reads_again(world: World) -> None:
    db.session.rollback()
    asked = Asked()
    read_once("one", asked.read)
    db.session.rollback()
    assert read_once("one", asked.read) == 2


def test_a_transaction_that_writes_reads_each_time(world: World) -> None:
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    asked = Asked()
    assert [read_once("one", asked.read) for _ in range(2)] == [1, 2]
    db.session.rollback()
