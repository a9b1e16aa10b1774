"""The journal of the whole instance."""

from flask import request, url_for

from incident.store.directory.departments import names_by_code
from incident.store.incidents.lookups import incidents_by_number
from incident.store.journal import journal as store
from incident.store.queries import red_runs
from incident.store.queries.journal_names import names_of_things
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, render
from incident.web.pages.journal.timeline import describe_entry
from incident.web.pages.names import Names
from incident.web.security import access
from incident.web.security.auth import needs

PAGE_LIMIT = 100


@pages.get("/journal")
@needs("journal.read")
def journal() -> Page:
    """Show the newest entries; an entry that the viewer may not see shows only that it exists."""
    before = read_cursor(request.args.get("cursor"), (int,)) or (None,)
    rows = store.entries_before(before[0], PAGE_LIMIT + 1)
    shown, following = cut(rows, PAGE_LIMIT, lambda row: (row.seq,))
    found = incidents_by_number({row.incident for row in shown if row.incident})
    hidden = {number for number, one in found.items() if not access.may_see(one)}
    audiences = red_runs.audiences({row.subject for row in shown})
    red = {subject for subject, one in audiences.items() if not red_runs.is_in(access.viewer(), one)}
    names = Names(names_of_things({row.subject for row in shown}), {}, names_by_code())
    return render(
        "journal/journal.html",
        head=store.head(),
        hidden={row.seq for row in shown if row.incident in hidden or row.subject in red},
        is_first="cursor" not in request.args,
        older=url_for("pages.journal", cursor=following) if following else None,
        rows=[(row, describe_entry(row, names)) for row in shown],
    )
