"""An attack on the journal with database access and knowledge of the program: the chain is rewritten."""

from dataclasses import replace
from typing import Any

from sqlalchemy import update

from incident.core.journal.chain import GENESIS, Entry, canonical_entry, link
from incident.core.journal.verification import stored_row
from incident.store.db.database import db
from incident.store.journal import append_only, journal


def rechain(seq: int, **changed: Any) -> None:
    """Change an entry behind the program's back, and make every hash from there on fit again, the head included."""
    last = GENESIS
    # an owner of the tables can do this, and restores the triggers
    with append_only.lifted(db.session.connection(), "journal"):
        for row in list(journal.entries_past(0)):
            given = Entry(row.seq, row.at, row.actor, row.event_type, row.incident, row.subject)
            entry = stored_row(given, row.detail, row.hash).entry
            values = changed if row.seq == seq else {}
            last = link(last, canonical_entry(replace(entry, **values)))
            wanted = update(journal.Entry).where(journal.Entry.seq == row.seq).values(hash=last, **values)
            db.session.execute(wanted.execution_options(synchronize_session=False))
        db.session.execute(update(journal.JournalHead).values(hash=last))
    db.session.commit()
    db.session.expunge_all()
