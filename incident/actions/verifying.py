"""Walking the journal's chain from the database."""

from collections.abc import Iterator

from incident.core.journal import EMPTY, Entry, Head, parse_head
from incident.core.verification import Stored, Verdict, stored_row, verify
from incident.store import journal
from incident.store.database import begin_snapshot


def verify_journal(expected: str | None = None) -> Verdict:
    """Verify every entry; see `core.verification`.

    Args:
        expected: a head `COUNT:HASH` that was printed before; None checks against the kept head only.

    Raises:
        RuleError: `journal.head_malformed`.
    """
    wanted = parse_head(expected) if expected else None
    begin_snapshot()
    kept = journal.head()
    head = EMPTY if kept is None else Head(kept.count, kept.hash)
    return verify(_stored(), head, wanted)


def _stored() -> Iterator[Stored]:
    for row in journal.all_entries():
        entry = Entry(row.seq, row.at, row.actor, row.verb, row.incident, row.subject)
        yield stored_row(entry, row.detail, row.hash)
