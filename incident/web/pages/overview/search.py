"""The command palette and the search page: what somebody may see and do, by a few typed words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import request, url_for

from incident.core.incidents.incident import year_of
from incident.core.incidents.typed_number import numbers_meant
from incident.store.directory import departments, people
from incident.store.queries.quick_search import incidents_to_open, playbooks_named
from incident.store.queries.search import search_filter
from incident.web.i18n import gettext as _
from incident.web.i18n import spoken, spoken_title
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, is_permitted, render
from incident.web.pages.navigation.destinations import Destination, actions_for, pages_for
from incident.web.pages.template_filters import zone
from incident.web.security import access
from incident.web.security.access_log_writer import note_listed, note_read
from incident.web.security.auth import needs, require_caller

SHOWN: Final = 8
"""The most results of one kind."""

TYPED_LIMIT: Final = 200


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """One thing to open or to do.

    `grade` is None for what is no incident, 0 for an incident without one; `language`, `switches_theme` and `tag` are
    those of `Destination`.
    """

    words: str
    url: str
    icon: str = ""
    number: str = ""
    detail: str = ""
    grade: int | None = None
    is_exercise: bool = False
    is_red: bool = False
    language: str = ""
    switches_theme: bool = False
    tag: str = ""


@dataclass(frozen=True)
class ResultGroup:
    """The results of one kind; `code` tells it from the others, `more` is the address of all of them."""

    code: str
    words: str
    results: Sequence[SearchResult]
    more: str = ""


@pages.get("/search")
@needs("incident.read")
def search() -> Page:
    """Show a search on a page of its own, for browsers without scripts."""
    typed = _typed()
    return render("search/search.html", groups=_groups(typed), typed=typed)


@pages.get("/search/results")
@needs("incident.read")
def search_results() -> Page:
    """Return the results for the command palette, as options of its list."""
    return render("search/results.html", groups=_groups(_typed()))


def _typed() -> str:
    text = request.args.get("q", "").strip()[:TYPED_LIMIT]
    return text if text.isprintable() else ""


def _groups(typed: str) -> list[ResultGroup]:
    asking = require_caller()
    actions = ResultGroup("actions", _("Actions"), _matching(actions_for(asking), typed))
    known = ResultGroup("pages", _("Go to"), _matching(pages_for(asking), typed))
    if not typed:
        return [one for one in (actions, known) if one.results]
    more = url_for("pages.incidents", q=typed, tab="all")
    groups = (
        ResultGroup("incidents", _("Incidents"), _incidents(typed), more),
        actions,
        known,
        ResultGroup("departments", _("Departments"), list(_departments(typed))),
        ResultGroup("playbooks", _("Playbooks"), list(_playbooks(typed))),
        ResultGroup("people", _("People"), list(_people(typed))),
    )
    return [one for one in groups if one.results]


def _matching(known: Iterable[Destination], typed: str) -> list[SearchResult]:
    """Return the pages or actions whose words, here or in English, contain each typed word; all for none."""
    parts = typed.casefold().split()
    return [
        SearchResult(
            words=one.words,
            url=one.url,
            icon=one.icon,
            language=one.language,
            switches_theme=one.switches_theme,
            tag=one.tag,
        )
        for one in known
        if all(part in f"{one.words} {one.english}".casefold() for part in parts)
    ]


def _incidents(typed: str) -> list[SearchResult]:
    numbers = numbers_meant(typed, year_of(now(), zone()))
    found = search_filter(typed, reads_journal=is_permitted("journal.read"))
    rows = incidents_to_open(access.viewer(), numbers, found, SHOWN)
    note_listed(rows)
    return [_incident(row) for row in rows]


def _incident(row: Any) -> SearchResult:
    is_exercise = row.speed is not None
    return SearchResult(
        words=spoken_title(row.title, is_exercise),
        url=url_for("pages.incident", number=row.number),
        number=row.number,
        detail=_("closed") if row.status == "closed" else "",
        grade=row.grade or 0,
        is_exercise=is_exercise,
        is_red=row.tlp == "red",
    )


def _departments(typed: str) -> Iterator[SearchResult]:
    viewer = access.viewer()
    own = [one for one in viewer.department_ids if isinstance(one, int)] if viewer.role == "department" else None
    for one in departments.search_departments(typed, SHOWN, among=own):
        to = url_for("pages.department", code=one.code)
        yield SearchResult(words=spoken(one.name), url=to, icon="building", detail=one.code)


def _playbooks(typed: str) -> Iterator[SearchResult]:
    if is_permitted("playbook.read"):
        for one in playbooks_named(access.viewer(), typed, SHOWN):
            to = url_for("pages.playbook", playbook_id=one.cacao_id)
            yield SearchResult(words=spoken(one.name), url=to, icon="book", is_red=one.tlp == "TLP:RED")


def _people(typed: str) -> Iterator[SearchResult]:
    if is_permitted("person.read"):
        for one in people.search_people(typed, SHOWN):
            note_read("person", one.id)
            to = url_for("pages.person_page", person_id=one.id)
            yield SearchResult(words=spoken(one.name), url=to, icon="user", detail=one.login)
