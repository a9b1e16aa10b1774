"""The address of the list of incidents: filters, tab, order and columns, without empty parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request, url_for

from incident.core.incidents.incident import STATUSES
from incident.core.incidents.listing.tabs import (
    Sort,
    Tab,
    chosen_columns,
    chosen_sort,
    chosen_tab,
    known_columns,
)
from incident.web.i18n import gettext as _
from incident.web.i18n import spoken
from incident.web.pages.areas import region_words, sector_words
from incident.web.pages.department_picker import department_names
from incident.web.pages.incidents.category_picker import typed_category
from incident.web.pages.states import look
from incident.web.pages.template_filters import category_words, grade_words

FILTERS = (
    "q",
    "status",
    "grade",
    "category",
    "sector",
    "region",
    "campaign",
    "department",
    "system",
    "owner",
    "exercise",
    "from",
    "to",
)
VIEW = ("tab", "sort", "columns")
NO_COLUMNS = "none"
UNGRADED = "none"
"""The value of the filter for incidents without a grade."""


@dataclass(frozen=True)
class Chip:
    """An active filter in words, and the address without it."""

    name: str
    value: str
    url: str


@dataclass(frozen=True)
class ListAddress:
    """What an address of the list asks for; `given` holds every filter, empty where there is none."""

    given: Mapping[str, str]
    named: Mapping[str, str]
    tab: Tab | None
    sort: Sort | None
    columns: tuple[str, ...]

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is active."""
        return any(self.given.values())

    def url(self, **changes: str) -> str:
        """Return the address with some parameters changed; an empty one is left out."""
        query = self.query(**changes)
        return f"{url_for('pages.incidents')}{'?' if query else ''}{query}"

    def query(self, **changes: str) -> str:
        """Return the query of the address with some parameters changed."""
        return urlencode({name: value for name, value in {**self.given, **self.named, **changes}.items() if value})

    @property
    def chips(self) -> list[Chip]:
        """The active filters in words."""
        return [
            Chip(_name_of(name), _value_of(name, value), self.url(**{name: ""}))
            for name, value in self.given.items()
            if value
        ]


def read_address(values: Mapping[str, str] | None = None) -> ListAddress:
    """Return what an address asks for, by default that of the request."""
    said = request.args if values is None else values
    given = {name: said.get(name, "").strip() for name in FILTERS}
    given["category"] = typed_category(given["category"]) or ""
    named = {name: said.get(name, "").strip() for name in VIEW}
    return ListAddress(
        given,
        named,
        chosen_tab(named["tab"], given),
        chosen_sort(named["sort"]),
        chosen_columns(said.get("columns")),
    )


def clean_address() -> str | None:
    """Return the address without empty parameters, when a form has sent some; None when there is nothing to clean."""
    is_form = "column" in request.args or "choose" in request.args
    if not is_form and all(request.args.values()):
        return None
    changes = {}
    if is_form:
        changes["columns"] = ",".join(known_columns(request.args.getlist("column"))) or NO_COLUMNS
    return read_address().url(**changes)


def _name_of(name: str) -> str:
    return {
        "q": _("Search"),
        "status": _("Status"),
        "grade": _("Grade"),
        "category": _("Category"),
        "sector": _("Sector"),
        "region": _("Region"),
        "campaign": _("Campaign"),
        "department": _("Department"),
        "system": _("System"),
        "owner": _("Owner"),
        "exercise": _("Shown"),
        "from": _("Opened from"),
        "to": _("Opened to"),
    }[name]


def _value_of(name: str, value: str) -> str:
    if name == "status" and value in STATUSES:
        return look(f"incident.{value}").words
    if name == "grade" and value in ("1", "2", "3", "4"):
        return grade_words(int(value))
    if name == "grade" and value == UNGRADED:
        return _("no grade")
    if name == "exercise":
        return _("exercises")
    if name == "department":
        return spoken(department_names([value])[0][1])
    words = {"category": category_words, "sector": sector_words, "region": region_words}.get(name)
    return words(value) if words else value
