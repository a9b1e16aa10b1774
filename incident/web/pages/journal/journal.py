"""The journal of the whole instance: all of it, or what a filter finds, also as CSV."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import Response, g, request, url_for

from incident.core.journal.event_types import EVENT_TYPE_WORDS
from incident.core.journal.journal_filter import JournalFilter
from incident.core.values.faults import RuleError, raise_all
from incident.core.values.table import escape_cell
from incident.formats.spreadsheets import write_csv
from incident.store.directory.departments import names_by_code
from incident.store.directory.people import all_people
from incident.store.incidents.lookups import incidents_by_number
from incident.store.journal import journal as store
from incident.store.journal.journal_search import find_entries
from incident.store.queries import red_runs
from incident.store.queries.journal_names import names_of_things
from incident.store.queries.reports_about_units import barred_subjects
from incident.store.queries.visibility import visible_incidents
from incident.web.http.paging import read_cursor, write_cursor
from incident.web.i18n import gettext as _
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import is_whole_number, typed_day
from incident.web.pages.frame import Page, render
from incident.web.pages.journal.timeline import describe_entry
from incident.web.pages.names import Names
from incident.web.pages.operations.journal_checks import checks_shown
from incident.web.pages.template_filters import day_begins, iso
from incident.web.security import access
from incident.web.security.auth import needs

PAGE_LIMIT = 100


MOST_IN_CSV: Final = 10_000
GIVEN: Final = ("person", "type", "number", "from", "to")


@dataclass(frozen=True)
class ShownEntries:
    """Entries of a page, those of them that the viewer may not see, and where older ones begin."""

    rows: Sequence[store.Entry]
    hidden: frozenset[int]
    below: int | None


@pages.get("/journal")
@needs("journal.read")
def journal() -> Page:
    """Show the newest entries; an entry that the viewer may not see shows only that it exists.

    Those that a filter finds leave it out, as it would tell what the filter asks.
    """
    given = _given()
    wanted, faults = _read(given)
    g.faults = tuple(faults)
    before = read_cursor(request.args.get("cursor"), (int,)) or (None,)
    found = _all_before(before[0]) if wanted.is_empty else _matching(wanted, before[0], PAGE_LIMIT)
    kept = {name: value for name, value in given.items() if value}
    names = _names(found.rows)
    return render(
        "journal/journal.html",
        422 if faults else 200,
        check=checks_shown(),
        csv=None if faults else f"{url_for('pages.journal_csv')}?{urlencode(kept)}",
        given=given,
        head=store.head(),
        hidden=found.hidden,
        is_filtered=bool(kept),
        is_first="cursor" not in request.args,
        newest=_address(**kept),
        older=_address(**kept, cursor=write_cursor((found.below,))) if found.below else None,
        people=[(str(one.id), one.name) for one in all_people()],
        rows=[(row, describe_entry(row, names)) for row in found.rows],
        types=sorted(((code, _(words)) for code, words in EVENT_TYPE_WORDS.items()), key=lambda one: one[1]),
    )


@pages.get("/journal/csv")
@needs("journal.read")
def journal_csv() -> Response:
    """Download the newest entries that a filter finds as CSV, up to 10,000."""
    wanted, faults = _read(_given())
    raise_all(faults)
    headers = {"Content-Disposition": 'attachment; filename="journal.csv"'}
    return Response(write_csv(_lines(wanted)), content_type="text/csv; charset=utf-8", headers=headers)


def _lines(wanted: JournalFilter) -> Iterator[list[str]]:
    yield [_("Entry"), _("Time"), _("Who"), _("What"), _("Incident"), _("About"), _("Hash")]
    below, left = None, MOST_IN_CSV
    while left:
        found = _matching(wanted, below, min(left, 1_000))
        names = _names(found.rows)
        for row in found.rows:
            told = describe_entry(row, names)  # as on the page: details may hold what only other roles may read
            cells = [str(row.seq), iso(row.at), told.actor, told.said, row.incident or "", row.subject, row.hash]
            yield [escape_cell(cell) for cell in cells]
        left, below = left - len(found.rows), found.below
        if below is None:
            return


def _given() -> dict[str, str]:
    return {name: request.args.get(name, "").strip() for name in GIVEN}


def _address(**query: str) -> str:
    return f"{url_for('pages.journal')}?{urlencode(query)}"


def _read(given: Mapping[str, str]) -> tuple[JournalFilter, Sequence[RuleError]]:
    """Return the filter that was asked for, or an empty one with what is not understood."""
    faults: list[RuleError] = []
    since = _day(given["from"], "/from", faults, after=0)
    until = _day(given["to"], "/to", faults, after=1)
    person, event_type = given["person"], given["type"]
    if person and not is_whole_number(person):
        faults.append(RuleError("journal.unknown_choice", pointer="/person"))
    if event_type and event_type not in EVENT_TYPE_WORDS:
        faults.append(RuleError("journal.unknown_choice", pointer="/type"))
    if faults:
        return JournalFilter(), faults
    return JournalFilter(
        person_id=int(person) if person else None,
        event_type=event_type or None,
        incident=given["number"].upper()[:24] or None,
        since=since,
        until=until,
    ), []


def _day(typed: str, pointer: str, faults: list[RuleError], *, after: int) -> dt.datetime | None:
    """Return the begin (UTC) of the day so many days after a typed one, None without one."""
    if not typed:
        return None
    try:
        return day_begins(dt.date.fromisoformat(typed_day(typed)) + dt.timedelta(days=after))
    except (ValueError, OverflowError):
        faults.append(RuleError("journal.no_day", pointer=pointer))
        return None


def _all_before(seq: int | None) -> ShownEntries:
    rows = store.entries_before(seq, PAGE_LIMIT + 1)
    shown = rows[:PAGE_LIMIT]
    return ShownEntries(shown, _hidden(shown), shown[-1].seq if len(rows) > PAGE_LIMIT else None)


def _matching(wanted: JournalFilter, below: int | None, limit: int) -> ShownEntries:
    found = find_entries(wanted, visible_incidents(access.viewer()), below, limit)
    hidden = _hidden(found.rows)
    return ShownEntries([row for row in found.rows if row.seq not in hidden], frozenset(), found.below)


def _hidden(rows: Sequence[store.Entry]) -> frozenset[int]:
    found = incidents_by_number({row.incident for row in rows if row.incident})
    numbers = {number for number, one in found.items() if not access.may_see(one)}
    audiences = red_runs.audiences({row.subject for row in rows})
    red = {subject for subject, one in audiences.items() if not red_runs.is_in(access.viewer(), one)}
    closed = red | barred_subjects(access.viewer(), {row.subject for row in rows})
    return frozenset(row.seq for row in rows if row.incident in numbers or row.subject in closed)


def _names(rows: Sequence[store.Entry]) -> Names:
    return Names(names_of_things({row.subject for row in rows}), {}, names_by_code())
