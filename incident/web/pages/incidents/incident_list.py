"""The page of the list of incidents: tabs with counts, filters, order, columns, and the hits of a search."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for

from incident.core.incidents.incident import STATUSES
from incident.core.incidents.listing.export import MAX_EXPORTED
from incident.core.incidents.listing.highlight import Part, marked, needles_of, snippet
from incident.core.incidents.listing.tabs import ALL, COLUMNS, SORTS, TABS, count_words
from incident.core.incidents.listing.view import require_query
from incident.core.values.affiliation import AREA_LIMIT
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.people import person_by_login
from incident.store.incidents.views import SavedView, views_for
from incident.store.journal import journal
from incident.store.queries.incident_filter import IncidentFilter
from incident.store.queries.incident_list import department_names_by_incident, list_incidents
from incident.store.queries.incident_notes import notes_on
from incident.store.queries.incident_order import SHAPES, place_of
from incident.store.queries.incident_tabs import UNREACHED, TabCounts, count_tabs
from incident.store.queries.notice_list import declined_notices, notification_progress, unreached_notices
from incident.store.queries.search import search_filter
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.i18n import gettext as _
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import typed_department
from incident.web.pages.forms import is_whole_number, typed_day
from incident.web.pages.frame import Page, is_permitted, render
from incident.web.pages.incidents.list_address import FILTERS, UNGRADED, ListAddress, clean_address, read_address
from incident.web.pages.incidents.task_views import possible_owners
from incident.web.pages.states import look
from incident.web.pages.systems.windows import windows_shown
from incident.web.pages.template_filters import day_begins
from incident.web.security import access, system_access
from incident.web.security.access_log_writer import note_listed
from incident.web.security.auth import needs, require_caller

PAGE_LIMIT = 40
FEW_RED = 5
"""Up to this many faults are shown one by one; more are summed up, so that the page stays calm."""


@dataclass(frozen=True)
class Listed:
    """One page of a list, and the address of the next."""

    rows: Sequence[Any]
    departments: Mapping[int, Sequence[str]]
    progress: Any
    older: str | None
    titles: Mapping[int, Sequence[Part]]
    snippets: Mapping[int, Sequence[Part]]


@dataclass(frozen=True)
class TabLink:
    """A tab; its count is empty where it is not counted."""

    words: str
    url: str
    is_here: bool
    count: str = ""


@dataclass(frozen=True)
class ViewLink:
    """A saved view in the menu."""

    id: int
    name: str
    url: str
    is_here: bool
    is_shared: bool
    may_delete: bool


@pages.get("/incidents")
@needs("incident.read")
def incidents() -> Page:
    """List incidents: those without any notified department first, then the newest."""
    is_part = bool(request.headers.get("HX-Request"))
    clean = None if is_part else clean_address()
    if clean is not None:
        return redirect(clean, 303)
    return list_page(read_address(), is_part=is_part)


def list_page(address: ListAddress, *, is_part: bool = False) -> Page:
    """Render the list of an address; `is_part` leaves out what does not change while the page is open."""
    seq = journal.last_change_of(None)  # first of all: the stream reports every change after this entry
    listed = _listed(address)
    is_plain = not address.is_filtered
    counts = count_tabs(access.viewer()) if is_plain else TabCounts({})
    unreached = counts.numbers.get(UNREACHED, 0)
    is_shown = is_plain and address.tab in ("open", "unanswered", "mine")
    cannot = unreached_notices(access.viewer(), FEW_RED + 1) if is_shown else ()
    declined = declined_notices(access.viewer()) if is_shown and access.viewer().role != "department" else ()
    note_listed([*listed.rows, *cannot, *declined])
    return render(
        "incidents/live_list.html" if is_part else "incidents/list.html",
        address=address,
        declined=declined,
        cannot=cannot,
        few_red=FEW_RED,
        given=address.given,
        is_calm=unreached > FEW_RED or sum(row.is_unreached for row in listed.rows) > FEW_RED,
        unreached=unreached,
        unreached_words=count_words(unreached, is_least=counts.is_least),
        is_filtered=address.is_filtered,
        is_first="cursor" not in request.args,
        listed=listed,
        seq=seq,
        windows=windows_shown(now()),
        statuses=[(status, look(f"incident.{status}").words) for status in STATUSES],
        owners=[] if is_part or access.viewer().role == "department" else possible_owners(),
        tabs=_tabs(address, counts),
        columns=_columns(),
        sorts=_sorts(),
        next_sort=_next_sort(address),
        no_filters=dict.fromkeys(FILTERS, ""),
        empty_words=_empty_words(address),
        can_pick=any(map(is_permitted, ("incident.change", "note.write", "incident.close"))),
        views=[] if is_part else _views(address),
        max_exported=MAX_EXPORTED,
        deleted_view=None if is_part else _deleted_view(),
    )


def _views(address: ListAddress) -> list[ViewLink]:
    here = address.query()
    return [
        ViewLink(
            view.id,
            view.name,
            list_url(view.query),
            view.query == here,
            view.is_shared,
            view.person_id == require_caller().person_id or is_permitted("view.share"),
        )
        for view in views_for(require_caller().person_id)
    ]


def list_url(query: str) -> str:
    """Return the address of the list with a query."""
    return f"{url_for('pages.incidents')}?{require_query(query)}".rstrip("?")


def _deleted_view() -> SavedView | None:
    """Return the view that was deleted a moment ago, so that it can be restored."""
    number = request.args.get("deleted_view", "")
    view = db.session.get(SavedView, int(number)) if is_whole_number(number) else None
    is_own = view is not None and (view.person_id == require_caller().person_id or is_permitted("view.share"))
    return view if view is not None and view.deleted_at is not None and is_own else None


def _empty_words(address: ListAddress) -> str:
    match address.tab:
        case "mine":
            return _("You own no open incidents, and none are waiting for your department.")
        case "unanswered":
            return _("Every open incident has been answered.")
        case "open":
            return _("There are no open incidents.")
        case "closed":
            return _("No incident has been closed yet.")
    return _("No incident has been opened yet.")


def _tabs(address: ListAddress, counts: TabCounts) -> list[TabLink]:
    shown = {tab: count_words(number, is_least=counts.is_least) for tab, number in counts.numbers.items()}
    words = {"mine": _("Mine"), "unanswered": _("Unanswered"), "open": _("Open"), "closed": _("Closed")}
    counted = [TabLink(words[tab], address.url(tab=tab), address.tab == tab, shown.get(tab, "")) for tab in TABS]
    return [*counted, TabLink(_("All"), address.url(tab=ALL), address.tab is None)]


def _columns() -> Mapping[str, str]:
    words = {
        "owner": _("Owner"),
        "departments": _("Departments"),
        "answers": _("Answers"),
        "due": _("Next deadline"),
        "opened": _("Opened"),
        "changed": _("Last change"),
        "category": _("Category"),
        "source": _("Source"),
        "region": _("Region"),
        "sector": _("Sector"),
    }
    return {name: words[name] for name in COLUMNS}


def _sorts() -> list[tuple[str, str]]:
    words = {
        "newest": _("newest first"),
        "oldest": _("oldest first"),
        "grade": _("most serious first"),
        "changed": _("last changed first"),
        "due": _("next deadline first"),
    }
    return [("", _("not notified first, then newest")), *((one, words[one]) for one in SORTS)]


def _next_sort(address: ListAddress) -> Mapping[str, tuple[str, str]]:
    """Return of each sortable column the address that its header leads to, and how it is sorted now."""
    here = address.sort
    opened = {"newest": "descending", "oldest": "ascending"}.get(here or "", "")
    return {
        "grade": (address.url(sort="" if here == "grade" else "grade"), "ascending" if here == "grade" else ""),
        "opened": (address.url(sort="oldest" if here == "newest" else "newest"), opened),
        "changed": (address.url(sort="" if here == "changed" else "changed"), "descending" * (here == "changed")),
        "due": (address.url(sort="" if here == "due" else "due"), "ascending" * (here == "due")),
    }


def _listed(address: ListAddress) -> Listed:
    sort = address.sort
    after = read_cursor(request.args.get("cursor"), SHAPES[sort])
    wanted = filter_of(address)
    rows = [] if wanted is None else list_incidents(access.viewer(), wanted, after, PAGE_LIMIT + 1, sort)
    shown, following = cut(rows, PAGE_LIMIT, lambda row: place_of(row, sort))
    ids = [row.id for row in shown]
    titles, snippets = _hits(shown, address.given["q"])
    names = department_names_by_incident(ids) if "departments" in address.columns else {}
    progress = notification_progress(ids) if "answers" in address.columns else {}
    older = address.url(cursor=following) if following else None
    return Listed(shown, names, progress, older, titles, snippets)


def _hits(rows: Sequence[Any], query: str) -> tuple[Mapping[int, Sequence[Part]], Mapping[int, Sequence[Part]]]:
    """Return the titles with the hits of a search, and where it hit elsewhere the text around the first hit."""
    needles = needles_of(query[:500]) if query else ()
    if not needles:
        return {}, {}
    titles = {row.id: marked(row.title, needles) for row in rows}
    snippets = {row.id: snippet(row.description, needles) for row in rows}
    missed = [row for row in rows if not snippets[row.id] and not any(part.is_hit for part in titles[row.id])]
    notes = notes_on([row.number for row in missed]) if missed and is_permitted("journal.read") else {}
    for row in missed:
        snippets[row.id] = next(filter(None, (snippet(note, needles) for note in notes.get(row.number, ()))), ())
    return titles, snippets


def filter_of(address: ListAddress) -> IncidentFilter | None:
    """Return the filter for incidents; None when the query is invalid, so that it finds nothing."""
    given = address.given
    if not "".join(given.values()).isprintable():
        return None
    code = typed_department(given["department"])
    department = departments.department_by_code(code) if code else None
    system = system_access.system_or_none(given["system"])
    owner = person_by_login(given["owner"]) if given["owner"] else None
    for name, found in (("department", department), ("system", system), ("owner", owner)):
        if given[name] and found is None:
            return None
    return IncidentFilter(
        status=given["status"] if given["status"] in STATUSES else None,
        grade=int(given["grade"]) if given["grade"] in {"1", "2", "3", "4"} else None,
        is_ungraded=given["grade"] == UNGRADED,
        category=given["category"] or None,
        sector=given["sector"][:AREA_LIMIT] or None,
        region=given["region"][:AREA_LIMIT] or None,
        campaign=given["campaign"][:AREA_LIMIT] or None,
        department_id=None if department is None else department.id,
        system_id=None if system is None else system.id,
        owner_id=None if owner is None else owner.id,
        tab=address.tab,
        since=_day(given["from"]),
        until=_day(given["to"], is_end=True),
        found=search_filter(given["q"][:500], reads_journal=is_permitted("journal.read")),
        is_exercise=given["exercise"] == "true",
    )


def _day(typed: str, *, is_end: bool = False) -> dt.datetime | None:
    """Return the begin or the end of a day on the instance's calendar."""
    try:
        day = dt.date.fromisoformat(typed_day(typed))
        return day_begins(day + dt.timedelta(days=1) if is_end else day)
    except (ValueError, OverflowError):
        return None
