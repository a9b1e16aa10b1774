"""The page of a spreadsheet: its preview, its confirmation piece by piece, and what was written so far."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, g, request

from incident.actions.import_plans import PIECE, ImportPlan
from incident.actions.sheets.people_sheet import InvitedPerson
from incident.core.values.error_messages import say
from incident.core.values.faults import RuleError
from incident.core.values.table import Column, NumberedRow
from incident.formats.spreadsheets import read_sheet, write_csv
from incident.web.http.body_limits import LARGE
from incident.web.http.compression import note_secret
from incident.web.i18n import gettext
from incident.web.pages.frame import Page, render, submit

SHOWN_MOST = 200
MOST_DIGITS = 6

Sheet = tuple[ImportPlan, Sequence[NumberedRow]]
"""What a file would do, and its rows."""


@dataclass(frozen=True)
class SheetPage:
    """The page on which a kind of file is previewed and written.

    Args:
        template: of the page; it includes `parts/sheet_import.html`.
        url: where the form is sent.
        columns: those that a file may have.
        words: their names, marked for translation, by column.
        keys: the columns that identify a row.
        plan: says what a file would do.
        write: writes at most PIECE rows of what the digest stands for; returns what was written and who was invited.
        done: the address that follows the last row.
        said: the code of the message that is shown there.
        link: makes the link of an invitation from its token.
        more: further values of the template.
    """

    template: str
    url: str
    columns: Sequence[Column]
    words: Mapping[str, str]
    keys: Sequence[str]
    plan: Callable[[Sequence[NumberedRow]], ImportPlan]
    write: Callable[[Sequence[NumberedRow], str], tuple[ImportPlan, list[InvitedPerson]]]
    done: str
    said: str
    link: Callable[[str], str] = str
    more: Mapping[str, Any] = field(default_factory=dict)

    def show(self, sheet: Sheet | None = None, invited: Sequence[InvitedPerson] = (), written: int = 0) -> Page:
        """Render the page.

        Args:
            sheet: what is previewed.
            invited: who was added by the last piece; their links are shown once.
            written: rows that are written already, of a file that is written in pieces.
        """
        plan, rows = sheet or (None, ())
        changed = [] if plan is None else [one for one in plan.items if one.kind != "unchanged"]
        return render(
            self.template,
            cell_faults=[self._cell_fault(one) for one in g.pop("faults", ())],  # shown by row and column, not twice
            column_words=self._column_words,
            columns=[(one.name, self._column_words(one.name), one.is_needed) for one in self.columns],
            form_url=self.url,
            invited=[(one.login, one.name, self.link(one.token)) for one in invited],
            is_in_pieces=len(changed) > PIECE,
            key_columns=self.keys,
            left=len(changed) - len(changed[:SHOWN_MOST]),
            piece=PIECE,
            plan=plan,
            shown=changed[:SHOWN_MOST],
            table="" if plan is None else write_csv(cells for _, cells in rows).decode("utf-8-sig"),
            value_words=_value_words,
            waiting=len(changed),
            written=written,
            **self.more,
        )

    def _column_words(self, name: str) -> str:
        return gettext(str(self.words.get(name, name)))

    def _cell_fault(self, fault: RuleError) -> tuple[str, str, str]:
        """Return the row and the column of a fault, empty for the whole file, and its sentence."""
        parts = [*fault.pointer.split("/"), "", ""]
        place = (parts[2], self._column_words(parts[3])) if parts[1] == "rows" else ("", "")
        return (*place, say(fault.code, fault.arguments, gettext))

    def take(self) -> Page:
        """Show what the file of this request would do, or write the next piece of what was shown."""
        request.max_form_memory_size = LARGE
        digest = request.form.get("digest")
        if digest:
            return self._write(digest)
        shown: list[Sheet] = []

        def preview() -> None:
            sent = request.files.get("file")
            rows = read_sheet(sent.read() if sent is not None else b"")
            shown.append((self.plan(rows), rows))

        answer = submit(preview, self.show, lambda: self.done, self.said)
        return self.show(shown[0]) if shown else answer

    def _write(self, digest: str) -> Page:
        written, waiting = _written_before(), list[Sheet]()
        invited = list[InvitedPerson]()

        def write() -> None:
            nonlocal written
            rows = read_sheet(request.form.get("table", "").encode())
            try:
                part, people = self.write(rows, digest)
            except RuleError as fault:
                if fault.code == "table.stale":
                    waiting.append((self.plan(rows), rows))
                raise
            written += part.counts["new"] + part.counts["changed"]
            invited.extend(people)
            if part.left:
                waiting.append((self.plan(rows), rows))

        answer = submit(
            write, lambda: self.show(waiting[0] if waiting else None, (), written), lambda: self.done, self.said
        )
        if invited:
            note_secret()
        is_refused = isinstance(answer, Response) and answer.status_code >= 400
        if is_refused or not (waiting or invited):
            return answer
        return self.show(waiting[0] if waiting else None, invited, written)


def _written_before() -> int:
    """Return how many rows the pieces before have written, as the form says: it is only shown."""
    given = request.form.get("written", "")[:MOST_DIGITS]
    return int(given) if given.isascii() and given.isdigit() else 0


def _value_words(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list | tuple):
        return ", ".join(value) or "–"
    return "–" if value in (None, "") else str(value)
