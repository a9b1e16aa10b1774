"""Walking the journal's chain from the database."""

import json
from collections.abc import Iterator
from typing import Any

from incident.core.journal import EMPTY, Entry, Head, parse_head
from incident.core.verification import Stored, Verdict, verify
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
        entry = Entry(
            seq=row.seq,
            at=row.at,
            actor=row.actor,
            verb=row.verb,
            incident=row.incident,
            subject=row.subject,
            detail=_detail(row.detail),
        )
        yield Stored(entry, row.hash)


def _detail(text: str) -> dict[str, Any]:
    """The detail as it was hashed; what is no JSON object any more was changed, and will not fit its hash."""
    try:
        detail = json.loads(text)
    except ValueError:
        detail = None
    return detail if isinstance(detail, dict) else {"is_malformed": True, "text": text}
