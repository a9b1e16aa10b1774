"""Registers of documents of a year as tables of texts, printed and as workbooks."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response

from incident.core.documents.paper import MARKING_WORDS, URGENCY_WORDS
from incident.core.documents.ways_of_service import WAY_WORDS
from incident.core.values.error_messages import N_
from incident.formats.spreadsheets import write_workbook
from incident.store.queries import document_registers as rows_of
from incident.store.queries.document_registers import MAX_ROWS
from incident.web import i18n
from incident.web.i18n import gettext as _
from incident.web.instance import current_instance, now
from incident.web.security import access

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

REGISTER_WORDS: Final[Mapping[str, str]] = {
    "outgoing": N_("Register of documents issued"),
    "incoming": N_("Register of incoming papers"),
    "service": N_("Register of service"),
}
COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "outgoing": (
        N_("No."),
        N_("Date of issue"),
        N_("Document number"),
        N_("Title"),
        N_("Marking"),
        N_("Urgency"),
        N_("Addressee"),
        N_("Copies to"),
        N_("Drafted by"),
        N_("Signed by"),
        N_("Note"),
    ),
    "incoming": (
        N_("No."),
        N_("Date received"),
        N_("Number in the register"),
        N_("Sent by unit"),
        N_("Number of the sender"),
        N_("Title"),
        N_("Marking"),
        N_("Urgency"),
        N_("Proposed handling"),
        N_("Instruction"),
        N_("Must be answered by"),
        N_("Outcome"),
    ),
    "service": (
        N_("No."),
        N_("Date of service"),
        N_("Document number"),
        N_("Title"),
        N_("Served on"),
        N_("Way of service"),
        N_("Place of service"),
        N_("Received for them by"),
        N_("Witness"),
        N_("Served by"),
        N_("Result"),
        N_("Note"),
    ),
}
"""The columns of each register in the order in which offices keep them."""


@dataclass(frozen=True)
class RegisterTable:
    """A register of a year: its title, its columns and its rows; `is_cut` says that there are more rows."""

    name: str
    title: str
    year: int
    is_drill: bool
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    is_cut: bool


def register_table(name: str, year: int, *, is_drill: bool) -> RegisterTable:
    """Return a register of a year, with what the caller may see.

    Args:
        name: one of `REGISTER_WORDS`.
        year: the year in the zone of the instance.
        is_drill: the register of exercises, which have numbers of their own.
    """
    makers: Mapping[str, Callable[[int, bool], Iterator[Sequence[str]]]] = {
        "outgoing": _issued,
        "incoming": _received,
        "service": _served,
    }
    found = [[str(place), *row] for place, row in enumerate(makers[name](year, is_drill), 1)]
    columns = [_(one) for one in COLUMNS[name]]
    rows = found[:MAX_ROWS]
    return RegisterTable(name, _(REGISTER_WORDS[name]), year, is_drill, columns, rows, len(found) > MAX_ROWS)


def register_workbook(table: RegisterTable) -> Response:
    """Return a register as a workbook; every cell is a text, whatever it begins with."""
    body = write_workbook([table.columns, *table.rows], table.title[:31])
    headers = {"Content-Disposition": f'attachment; filename="{table.name}-{table.year}.xlsx"'}
    return Response(body, content_type=WORKBOOK, headers=headers)


def present_year() -> int:
    """Return the present year in the zone of the instance."""
    return now().astimezone(current_instance().settings.zone).year


def _issued(year: int, is_drill: bool) -> Iterator[Sequence[str]]:
    signers = rows_of.signers_of(year)
    for row in rows_of.issued_documents(access.viewer(), year, is_drill=is_drill):
        yield (
            _day(row.signed_at),
            row.number or "",
            row.title,
            _marking(row.marking),
            URGENCY_WORDS[_language()].get(row.urgency, ""),
            row.values.get("addressee", ""),
            row.values.get("copies", ""),
            _name(row.drafted_by),
            _name(signers.get(row.id)),
            _("Void: %(reason)s", reason=row.void_reason) if row.state == "void" else "",
        )


def _received(year: int, is_drill: bool) -> Iterator[Sequence[str]]:
    for row in rows_of.received_papers(access.viewer(), *_bounds(year), is_drill=is_drill):
        yield (
            _day(row.received_at),
            row.number,
            row.sender,
            row.sender_number or "",
            row.title,
            _marking(row.marking),
            URGENCY_WORDS[_language()].get(row.urgency, ""),
            row.proposal or "",
            row.instruction or "",
            _day(row.due_at),
            row.outcome or "",
        )


def _served(year: int, is_drill: bool) -> Iterator[Sequence[str]]:
    for row, document in rows_of.served_documents(access.viewer(), *_bounds(year), is_drill=is_drill):
        yield (
            _day(row.served_at),
            document.number or "",
            document.title,
            row.recipient,
            _(WAY_WORDS[row.way]),
            row.place or "",
            row.proxy or "",
            row.witness or "",
            _name(row.recorded_by),
            _("served") if row.is_served else _("not served"),
            row.reason or "",
        )


def _bounds(year: int) -> tuple[dt.datetime, dt.datetime]:
    zone = current_instance().settings.zone
    begin, end = (dt.datetime(one, 1, 1, tzinfo=zone).astimezone(dt.UTC) for one in (year, year + 1))
    return begin, end


def _day(at: dt.datetime | None) -> str:
    return "" if at is None else at.astimezone(current_instance().settings.zone).date().isoformat()


def _marking(marking: str) -> str:
    return MARKING_WORDS[_language()].get(marking, "")


def _name(actor: str | None) -> str:
    """Return the name of a person as a register writes it."""
    return "" if actor is None else actor.split(":", 2)[-1]


def _language() -> str:
    return "zh" if i18n.current().startswith("zh") else "en"
