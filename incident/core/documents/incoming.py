"""Incoming papers: their kinds, and the steps from the registration to the end of their handling."""

import datetime as dt
from collections.abc import Collection
from typing import Final, Literal, get_args

from incident.core.documents.numbering import NumberSeries, document_number
from incident.core.values.faults import RuleError, raise_all

PaperKind = Literal["instruction", "request", "letter", "rectification_report", "reply", "signed_receipt", "other"]
PAPER_KINDS: Final[tuple[PaperKind, ...]] = get_args(PaperKind)

PaperState = Literal["open", "done"]
PAPER_STATES: Final[tuple[PaperState, ...]] = get_args(PaperState)

REGISTER: Final = NumberSeries("incoming", "收")
"""The series of the register of incoming papers, counted like those of documents."""

SENDER_LIMIT: Final = 300
SENDER_NUMBER_LIMIT: Final = 120
TEXT_LIMIT: Final = 5_000
MAX_READERS: Final = 100


def register_number(year: int, count: int, *, is_drill: bool) -> str:
    """Return the number of a paper in the register, such as `收〔2026〕1号`."""
    return document_number(REGISTER, year, count, is_drill=is_drill)


def check_dates(received_at: dt.datetime, due_at: dt.datetime | None, now: dt.datetime) -> None:
    """Check when a paper was received and until when it must be answered.

    Args:
        received_at: when it was received (UTC).
        due_at: until when (UTC); None when it asks for nothing.
        now: the present moment (UTC).

    Raises:
        RuleError: `incoming_paper.in_the_future`, `incoming_paper.due_before`; both of them at once.
    """
    faults = []
    if received_at > now:
        faults.append(RuleError("incoming_paper.in_the_future", pointer="/received_at"))
    if due_at is not None and due_at < received_at:
        faults.append(RuleError("incoming_paper.due_before", pointer="/due_at"))
    raise_all(faults)


def require_open_paper(state: PaperState) -> None:
    """Raise RuleError `incoming_paper.is_done` (conflict) for a paper whose handling has ended."""
    if state != "open":
        raise RuleError("incoming_paper.is_done", kind="conflict")


def require_unanswered(wrong: Collection[str], *, is_answered: bool) -> None:
    """Check that the entry of a paper may be corrected.

    Args:
        wrong: the names of what is corrected.
        is_answered: whether a signed document answers the paper.

    Raises:
        RuleError: `incoming_paper.is_answered` (conflict), `incoming_paper.nothing_corrected`.
    """
    if is_answered:
        raise RuleError("incoming_paper.is_answered", kind="conflict")
    if not wrong:
        raise RuleError("incoming_paper.nothing_corrected")


def answered_terms(sender: str, parties: Collection[tuple[int, str]]) -> list[int]:
    """Return the services whose terms a paper ends: those of its sender, or the only one whatever its name is.

    Args:
        sender: who sent the paper.
        parties: the id and the party of each service whose term runs.
    """
    own = [key for key, party in parties if party.strip() == sender.strip()]
    return own or ([key for key, _ in parties] if len(parties) == 1 else [])
